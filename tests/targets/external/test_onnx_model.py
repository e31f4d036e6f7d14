"""A model file is fed padded ids, and its outputs are taken for what the options say."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from recexplainer.errors import DataError, MissingExtraError, UserError
from recexplainer.plugins.interfaces import LatentTarget, TargetKit
from recexplainer.records import Catalogue, Item
from recexplainer.targets.external import onnx_model
from recexplainer.targets.external.onnx_model import OnnxOptions, build_onnx, onnx_objections
from recexplainer.testing import LatentTargetContract
from recexplainer.testing.toy import toy_log

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

IDS = ("a", "b", "c")
KIT = TargetKit(Catalogue([Item(one, one.upper()) for one in IDS]), max_history=3)
OWN = ("c", "a", "b")


def write(path, table, *, batch="B", width="T", kind="INT64", with_length=False):
    """Write a graph that sums the rows of ``table`` (the first is padding's) that ids name.

    Outputs: ``scores``, the products with all rows of the table; ``user``, the sum; ``ids``, what
    was read, as numbers; and with ``with_length``, ``user`` is divided by the input ``length``.
    """
    helper, kinds = onnx.helper, onnx.TensorProto
    cast = helper.make_node("Cast", ["history"], ["whole"], to=kinds.INT64)
    nodes = [
        cast,
        helper.make_node("Cast", ["history"], ["ids"], to=kinds.FLOAT),
        helper.make_node("Gather", ["table", "whole"], ["rows"]),
        helper.make_node("ReduceSum", ["rows", "axis"], ["sum"], keepdims=0),
    ]
    inputs = [helper.make_tensor_value_info("history", getattr(kinds, kind), [batch, width])]
    if with_length:
        inputs.append(helper.make_tensor_value_info("length", kinds.INT64, [batch]))
        nodes += [
            helper.make_node("Cast", ["length"], ["count"], to=kinds.FLOAT),
            helper.make_node("Unsqueeze", ["count", "last"], ["column"]),
            helper.make_node("Div", ["sum", "column"], ["user"]),
        ]
    else:
        nodes.append(helper.make_node("Identity", ["sum"], ["user"]))
    nodes += [
        helper.make_node("Transpose", ["table"], ["turned"]),
        helper.make_node("MatMul", ["user", "turned"], ["scores"]),
    ]
    outputs = [
        helper.make_tensor_value_info(name, kinds.FLOAT, [batch, None])
        for name in ("scores", "user", "ids")
    ]
    constants = [
        onnx.numpy_helper.from_array(table.astype(np.float32), "table"),
        onnx.numpy_helper.from_array(np.array([1]), "axis"),
        onnx.numpy_helper.from_array(np.array([1]), "last"),
    ]
    graph = helper.make_graph(nodes, "sum", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)


TABLE = np.array([[0, 0], [1, 0], [0, 2], [3, 1]])  # padding, c, a, b


@pytest.fixture
def files(tmp_path):
    (tmp_path / "ids.txt").write_text("\n".join(OWN), encoding="utf-8")
    np.save(tmp_path / "items.npy", TABLE[1:].astype(np.float32))
    write(tmp_path / "m.onnx", TABLE)
    return tmp_path


def built(files, kit=KIT, **options):
    return build_onnx(
        OnnxOptions(model=files / "m.onnx", item_ids=files / "ids.txt", **options), kit
    )


class TestOnnxContract(LatentTargetContract):
    @pytest.fixture
    def make_target(self, tmp_path):
        ids = toy_log().catalogue.ids[::-1]
        table = np.random.default_rng(0).normal(size=(len(ids) + 1, 4))
        table[0] = 0
        write(tmp_path / "m.onnx", table)
        np.save(tmp_path / "items.npy", table[1:])
        (tmp_path / "ids.txt").write_text("\n".join(ids), encoding="utf-8")
        more = {"user_vectors_output": "user", "item_vectors": tmp_path / "items.npy"}
        return lambda kit: built(tmp_path, kit, scores_output="scores", **more)


def test_scores_by_hand_without_the_column_of_padding(files):
    target = built(files, scores_output="scores")
    assert not isinstance(target, LatentTarget)
    # a + b = (3, 3); times a, b, c
    assert target.scores([["a", "b"], []]).tolist() == [[6, 12, 3], [0, 0, 0]]


def test_dot_products_where_the_file_gives_a_user_vector(files):
    target = built(files, user_vectors_output="user", item_vectors=files / "items.npy")
    assert target.user_vectors([["a", "b"]]).tolist() == [[3, 3]]
    assert target.scores([["a", "b"]]).tolist() == [[6, 12, 3]]


@pytest.mark.parametrize(
    ("options", "read"),
    [
        ({}, [2, 3, 0]),
        ({"padding": "left"}, [0, 2, 3]),
        ({"latest_first": True}, [3, 2, 0]),
        ({"latest_first": True, "padding": "left"}, [0, 3, 2]),
        ({"width": 5}, [2, 3, 0, 0, 0]),
        ({"width": 4, "padding": "left"}, [0, 0, 2, 3]),
        ({"id_offset": 0, "padding_id": 3}, [1, 2, 3]),
    ],
)
def test_histories_are_padded_as_declared(files, options, read):
    target = built(files, scores_output="ids", **options)
    model = target._model
    assert model.answers(model.layout.fill([[1, 2]], model.width)).tolist() == [read]


def test_the_number_of_ids_is_fed_and_never_zero(files):
    write(files / "m.onnx", TABLE, with_length=True)
    target = built(files, scores_output="scores", length_input="length")
    assert target.scores([["a", "b"], []]).tolist() == [[3, 6, 1.5], [0, 0, 0]]


@pytest.mark.parametrize("kind", ["INT32", "FLOAT"])
def test_ids_take_the_type_that_the_file_wants(files, kind):
    write(files / "m.onnx", TABLE, kind=kind)
    assert built(files, scores_output="scores").scores([["a"]]).tolist() == [[4, 2, 0]]


def test_a_file_for_batches_of_two_answers_any_number(files):
    write(files / "m.onnx", TABLE, batch=2, width=3)
    scores = built(files, scores_output="scores").scores([["a"], ["b"], ["c"]])
    assert scores.tolist() == [[4, 2, 0], [2, 10, 3], [0, 3, 1]]


def test_a_width_of_its_own_bounds_the_history(files):
    write(files / "m.onnx", TABLE, width=2)
    with pytest.raises(UserError, match=r"reads 2 items and dataset.max_history is 3; set it to 2"):
        built(files, scores_output="scores")


def _wants_length(files):
    write(files / "m.onnx", TABLE, with_length=True)


def _is_text(files):
    (files / "m.onnx").write_text("no model", encoding="utf-8")


def _wants_doubles(files):
    write(files / "m.onnx", TABLE, kind="DOUBLE")


MISTAKES = {
    "no output named": (None, {}, "has 3 outputs .scores, user, ids.; set scores_output"),
    "no such output": (None, {"scores_output": "score"}, "has no 'score'; it has scores, user"),
    "no such input": (
        None, {"scores_output": "scores", "history_input": "hist"}, "no 'hist'; it has history"
    ),
    "no such length": (
        None, {"scores_output": "scores", "length_input": "len"}, "length_input: .*no 'len'"
    ),
    "an input left over": (
        _wants_length, {"scores_output": "scores"}, "the input 'length' .*; set length_input"
    ),
    "ids of another type": (
        _wants_doubles, {"scores_output": "scores"}, "wants tensor.double., and can only be"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("prepare", "options", "message"), MISTAKES.values(), ids=MISTAKES)
def test_options_that_do_not_fit_the_file(files, prepare, options, message):
    if prepare:
        prepare(files)
    with pytest.raises(UserError, match=message):
        built(files, **options).scores([["a"]])


def test_a_file_that_is_no_model(files):
    _is_text(files)
    with pytest.raises(DataError, match="cannot be run by ONNX Runtime"):
        built(files)


def test_without_the_extra_the_install_line_is_told(files, monkeypatch):
    options = OnnxOptions(model=files / "m.onnx", item_ids=files / "ids.txt")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'recexplainer\[onnx\]'"):
        build_onnx(options, KIT)
    monkeypatch.delitem(sys.modules, "onnxruntime")
    monkeypatch.setattr(onnx_model, "find_spec", lambda _: None)
    (line,) = onnx_objections(options)
    assert "pip install 'recexplainer[onnx]'" in line
