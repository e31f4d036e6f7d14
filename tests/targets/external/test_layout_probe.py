"""An exported model that is fed otherwise than it was trained is refused; a sound one never is.

Every model here is a sum, or the last, of rows of a table times another table, so that numpy says
what it answers to a history when it is fed rightly.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from recexplainer.errors import UserError
from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import Catalogue, Item, SilentProgress, TrainingHistories
from recexplainer.targets.external.onnx_model import OnnxOptions, build_onnx

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

ITEMS, AXES, WIDTH = 20, 6, 8
IDS = [f"m{row}" for row in range(ITEMS)]
KIT = TargetKit(Catalogue([Item(one, one) for one in IDS[::-1]]), max_history=WIDTH)
NOTHING = TrainingHistories({}, {})
HISTORIES = [[3, 7, 1], [19], [0, 19, 4, 4], list(range(8)), []]
RNG = np.random.default_rng(5)
ROWS, OTHERS = RNG.normal(size=(2, ITEMS, AXES))
NONE = np.zeros((1, AXES))
CHAIN = np.roll(np.eye(ITEMS), 1, axis=1)
CHAIN[-1] = 0  # nothing follows the last item


@dataclass
class Exported:
    """A graph: scores are (weights of places * rows of ``reads``) summed, times ``makes``.

    ``pool`` is ``sum``, ``length`` (the last that is no padding, by the input ``length``), or
    ``end`` (the last place).
    """

    reads: np.ndarray
    makes: np.ndarray
    pool: str = "sum"
    mask: str = ""
    marks: str = "items"
    softmax: bool = False
    length_shape: tuple = ("B",)
    options: dict = field(default_factory=dict)

    def save(self, path):
        helper, kinds = onnx.helper, onnx.TensorProto
        make, of = helper.make_node, onnx.numpy_helper.from_array
        inputs = [helper.make_tensor_value_info("ids", kinds.INT64, ["B", WIDTH])]
        places = np.ones((1, WIDTH), np.float32)
        if self.pool == "end":
            places[0, :-1] = 0
        constants = [
            of(self.reads.astype(np.float32), "reads"),
            of(self.makes.T.astype(np.float32), "makes"),
            of(places, "fixed"),
            of(np.arange(1, WIDTH + 1)[None], "numbers"),
            of(np.array([2]), "axis"),
            of(np.array([1]), "first"),
            of(np.array([-1, 1]), "column"),
            of(np.array([1], np.float32), "one"),
        ]
        nodes, weights = [make("Gather", ["reads", "ids"], ["rows"])], "fixed"
        if self.pool == "length":
            inputs.append(helper.make_tensor_value_info("length", kinds.INT64, self.length_shape))
            nodes += [
                make("Reshape", ["length", "column"], ["lengths"]),
                make("Equal", ["numbers", "lengths"], ["is_last"]),
                make("Cast", ["is_last"], ["last"], to=kinds.FLOAT),
            ]
            weights = "last"
        if self.mask:
            kind = getattr(kinds, self.mask)
            inputs.append(helper.make_tensor_value_info("mask", kind, ["B", WIDTH]))
            nodes.append(make("Cast", ["mask"], ["marked"], to=kinds.FLOAT))
            told = "marked"
            if self.marks == "padding":
                nodes.append(make("Sub", ["one", "marked"], ["unmarked"]))
                told = "unmarked"
            nodes.append(make("Mul", [weights, told], ["told"]))
            weights = "told"
        nodes += [
            make("Unsqueeze", [weights, "axis"], ["deep"]),
            make("Mul", ["rows", "deep"], ["weighted"]),
            make("ReduceSum", ["weighted", "first"], ["user"], keepdims=0),
            make("MatMul", ["user", "makes"], ["products"]),
            make("LogSoftmax" if self.softmax else "Identity", ["products"], ["scores"]),
        ]
        output = helper.make_tensor_value_info("scores", kinds.FLOAT, ["B", len(self.makes)])
        graph = helper.make_graph(nodes, "g", inputs, [output], constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        onnx.checker.check_model(model)
        onnx.save(model, path)


@pytest.fixture
def fitted(tmp_path):
    """Return a function that builds and fits a target of an exported model."""

    def fit(exported, training=NOTHING, names=IDS, **options):
        exported.save(tmp_path / "m.onnx")
        (tmp_path / "ids.txt").write_text("\n".join(names), encoding="utf-8")
        files = {"model": tmp_path / "m.onnx", "item_ids": tmp_path / "ids.txt"}
        target = build_onnx(OnnxOptions(**files, **{**exported.options, **options}), KIT)
        target.fit(training, SilentProgress())
        return target

    return fit


def asked(target):
    """Return the answers to ``HISTORIES`` with a column per row of the model's items."""
    scores = target.scores([[IDS[row] for row in one] for one in HISTORIES])
    return scores[:, ::-1]  # the catalogue is the other way round


def by_hand(exported, reads=ROWS, makes=ROWS, padding=NONE[0]):
    """Return what the model says of ``HISTORIES`` when it is fed rightly."""
    answers = []
    for one in HISTORIES:
        rows = [padding] * (WIDTH - len(one)) + [reads[row] for row in one]
        answers.append(np.sum(rows if exported.pool == "sum" else rows[-1:], axis=0) @ makes.T)
    return np.array(answers)


FIRST = Exported(np.vstack([NONE, ROWS]), np.vstack([NONE, ROWS]))
LAST = Exported(np.vstack([ROWS, NONE]), np.vstack([ROWS, NONE]))
LAST_SCORES_ITEMS = Exported(np.vstack([ROWS, NONE]), ROWS)
FIRST_SCORES_ITEMS = Exported(np.vstack([NONE, ROWS]), ROWS)
FROM_1, FROM_0 = {"id_offset": 1, "padding_id": 0}, {"id_offset": 0, "padding_id": ITEMS}


@pytest.mark.parametrize("softmax", [False, True])
@pytest.mark.parametrize(
    ("tables", "right", "wrong"),
    [
        (FIRST, FROM_1, FROM_0),
        (LAST, FROM_0, FROM_1),
        (LAST_SCORES_ITEMS, FROM_0, FROM_1),
        (FIRST_SCORES_ITEMS, FROM_1, FROM_0),
    ],
    ids=["padding first", "padding last", "padding last, no column", "padding first, no column"],
)
def test_padding_first_or_last(tables, right, wrong, softmax, fitted):
    exported = Exported(tables.reads, tables.makes, softmax=softmax)
    expected = by_hand(exported)
    if softmax:
        every = by_hand(exported, makes=exported.makes)
        expected = expected - np.log(np.exp(every).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(asked(fitted(exported, **right)), expected, rtol=1e-3, atol=1e-4)
    says = f"id_offset={right['id_offset']} padding_id={right['padding_id']}"
    with pytest.raises(UserError, match=f"acts as an item .*Set {says} .*check_layout=false"):
        fitted(exported, **wrong)


def test_without_the_check_it_is_asked_as_declared(fitted):
    assert np.isfinite(asked(fitted(LAST, check_layout=False))).all()


@pytest.mark.parametrize(("offset", "padding_id"), [(0, ITEMS), (1, 0)])
def test_padding_by_default_follows_the_offset(offset, padding_id, fitted):
    target = fitted(FIRST if offset else LAST, id_offset=offset)
    assert target._model.layout.padding_id == padding_id


def test_padding_that_is_an_items_id_is_refused_before_the_model_is_asked(fitted):
    with pytest.raises(UserError, match=r"padding_id 20 is also the id of the item 'm19', the las"):
        fitted(LAST, padding_id=20)
    with pytest.raises(UserError, match=r"padding_id 0 .*'m0'.*set id_offset=1 and padding_id=0"):
        fitted(FIRST, id_offset=0, padding_id=0)


def test_a_list_that_begins_with_padding_is_no_contradiction(fitted):
    target = fitted(FIRST, names=["[PAD]", *IDS], id_offset=0, padding_id=0)
    np.testing.assert_allclose(asked(target), by_hand(FIRST), rtol=1e-4, atol=1e-5)


MASKED = Exported(np.vstack([NONE, ROWS, NONE]), np.vstack([NONE, ROWS, OTHERS[:1]]))


def test_surplus_columns_are_accounted_for(fitted):
    target = fitted(MASKED, column_offset=1)
    np.testing.assert_allclose(asked(target), by_hand(MASKED), rtol=1e-4, atol=1e-5)
    with pytest.raises(
        UserError, match=r"scores have 22 columns; 20 items .*column_offset, 0 to 2"
    ):
        fitted(MASKED)
    with pytest.raises(UserError, match=r"22 columns, and 20 items from column_offset 3 need 23"):
        fitted(MASKED, column_offset=3)
    with pytest.raises(UserError, match="item_ids names 2 more than the model scores"):
        fitted(FIRST, names=[*IDS, "x", "y", "z"])


def test_columns_one_beside_the_items_are_refused(fitted):
    with pytest.raises(UserError, match=r"column 20, which is taken for 'm19', never .*offset=0 "):
        fitted(LAST, **FROM_0, column_offset=1)
    with pytest.raises(UserError, match=r"column 0, which is taken for 'm0', never .*offset=1 "):
        fitted(FIRST, **FROM_1, column_offset=0)


def test_an_id_that_the_model_does_not_have(fitted):
    bare = Exported(ROWS, ROWS)
    with pytest.raises(UserError, match=r"cannot read id 20 .*id_offset 0, padding_id 20 and 20"):
        fitted(bare, id_offset=0)
    with pytest.raises(UserError, match=r"cannot read id 20 \('m19'\)"):
        fitted(bare)


LENGTH = Exported(FIRST.reads, FIRST.makes, "length", options={"length_input": "length"})
END = Exported(FIRST.reads, FIRST.makes, "end")


@pytest.mark.parametrize(("exported", "side"), [(LENGTH, "right"), (END, "left")])
def test_the_side_of_padding(exported, side, fitted):
    target = fitted(exported, padding=side)
    np.testing.assert_allclose(asked(target), by_hand(exported), rtol=1e-4, atol=1e-5)
    wrong = "left" if side == "right" else "right"
    with pytest.raises(UserError, match=f"with padding={wrong} the last .*Set padding={side}"):
        fitted(exported, padding=wrong)


@pytest.mark.parametrize("shape", [("B",), ("B", 1)])
def test_the_number_of_ids_has_one_axis_or_two(shape, fitted):
    exported = Exported(FIRST.reads, FIRST.makes, "length", length_shape=shape)
    target = fitted(exported, length_input="length")
    np.testing.assert_allclose(asked(target), by_hand(exported), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["BOOL", "INT64", "INT32", "FLOAT"])
@pytest.mark.parametrize("marks", ["items", "padding"])
def test_a_mask_is_fed_by_its_own_type(kind, marks, fitted):
    """The rows of padding are no zeros, so that only the mask keeps them out."""
    tables = np.vstack([OTHERS[:1], ROWS])
    exported = Exported(tables, FIRST.makes, mask=kind, marks=marks)
    named = {} if kind == "BOOL" else {"history_input": "ids"}
    target = fitted(exported, mask_input="mask", mask_marks=marks, **named)
    np.testing.assert_allclose(asked(target), by_hand(exported), rtol=1e-4, atol=1e-5)
    other = "padding" if marks == "items" else "items"
    with pytest.raises(UserError, match=f"mask hides all items.*Set mask_marks={marks}"):
        fitted(exported, mask_input="mask", mask_marks=other, **named)


def test_a_mask_named_as_the_length_is_fed_as_a_mask(fitted):
    exported = Exported(np.vstack([OTHERS[:1], ROWS]), FIRST.makes, mask="BOOL")
    target = fitted(exported, history_input="ids", length_input="mask")
    np.testing.assert_allclose(asked(target), by_hand(exported), rtol=1e-4, atol=1e-5)
    with pytest.raises(UserError, match="has two axes, as a mask has"):
        fitted(exported, length_input="mask", mask_input="mask")


def test_an_input_that_is_not_named(fitted):
    exported = Exported(FIRST.reads, FIRST.makes, mask="BOOL")
    with pytest.raises(UserError, match=r"'mask' \(tensor\(bool\), .*; set mask_input if it says"):
        fitted(exported)


def test_a_mask_tells_padding_from_the_item_of_the_same_id(fitted):
    bare = Exported(ROWS, ROWS, mask="BOOL", options={"mask_input": "mask"})
    target = fitted(bare, id_offset=0, padding_id=0)
    np.testing.assert_allclose(asked(target), by_hand(bare), rtol=1e-4, atol=1e-5)


def test_padding_of_an_items_id_that_is_read_moves_the_scores(fitted):
    """The model has an input of lengths, and adds up all places alike."""
    bare = Exported(ROWS, ROWS, "length", options={"length_input": "length"})
    assert fitted(bare, id_offset=0, padding_id=0)  # what is behind the last is not read
    with pytest.raises(UserError, match="padding moves the scores: padding_id 0 is also 'm0'"):
        fitted(bare, id_offset=0, padding_id=0, padding="left")


def chains(count=60, length=6):
    """Return users who take the items in the order of their list."""
    starts = [row % (ITEMS - length) for row in range(count)]
    walks = {f"u{u}": tuple(IDS[one : one + length]) for u, one in enumerate(starts)}
    return TrainingHistories(walks, {})


START = np.eye(ITEMS)[:1] / 100
LIKED = RNG.normal(size=(ITEMS, 1)) * np.ones((1, AXES))
SOUND = {
    "trained padding": Exported(np.vstack([OTHERS[:1], ROWS]), np.vstack([OTHERS[:1], ROWS])),
    "trained padding and a cold last item": Exported(
        np.vstack([OTHERS[:1], ROWS[:-1], NONE]), np.vstack([NONE, ROWS])
    ),
    "other items than those read": Exported(
        np.vstack([NONE, ROWS]), np.vstack([OTHERS[:1], OTHERS])
    ),
    "one ranking for all": Exported(np.vstack([LIKED[:1] * 0 + 1, LIKED * 0 + 1]), LIKED),
    "own items last": Exported(np.vstack([NONE, ROWS]), -np.vstack([NONE, ROWS])),
    "the next in the list": Exported(
        np.vstack([np.zeros((1, ITEMS)), CHAIN]), np.vstack([np.zeros((1, ITEMS)), np.eye(ITEMS)])
    ),
    "the next in the list, the first from nothing": Exported(
        np.vstack([START, CHAIN]), np.vstack([np.zeros((1, ITEMS)), np.eye(ITEMS)])
    ),
    "the next, without a column of padding": Exported(
        np.vstack([np.zeros((1, ITEMS)), CHAIN]), np.eye(ITEMS)
    ),
    "the next of the last, the first from nothing": Exported(
        np.vstack([START, CHAIN]), np.eye(ITEMS), "end", options={"padding": "left"}
    ),
    "like the last": Exported(FIRST.reads, FIRST.makes, "end", options={"padding": "left"}),
}


@pytest.mark.parametrize("exported", SOUND.values(), ids=SOUND)
def test_a_sound_model_is_never_refused(exported, fitted):
    padding = exported.reads[0]
    expected = by_hand(exported, exported.reads[1:], exported.makes[-ITEMS:], padding)
    np.testing.assert_allclose(asked(fitted(exported, chains())), expected, rtol=1e-3, atol=1e-4)


def test_what_users_took_next_decides_where_answers_to_ids_do_not(fitted):
    """Items follow one another in random order, and a trained padding is scored as well."""
    order = np.random.default_rng(2).permutation(ITEMS)
    follows = np.zeros((ITEMS, ITEMS))
    follows[order[:-1], order[1:]] = 1
    noise = np.random.default_rng(2).normal(size=(1, ITEMS)) / 10
    exported = Exported(
        np.vstack([follows, noise]), np.vstack([np.eye(ITEMS), noise]), "end", options=FROM_0
    )
    walks = {
        f"u{user}": tuple(IDS[row] for row in order[user % 14 : user % 14 + 6])
        for user in range(60)
    }
    training = TrainingHistories(walks, {})
    assert fitted(exported, training, padding="left")
    with pytest.raises(UserError, match=r"of users' next items.*Set id_offset=0 padd"):
        fitted(exported, training, padding="left", **FROM_1)
    with pytest.raises(UserError, match=r"of users' next items.*Set latest_first=false"):
        fitted(exported, training, padding="left", latest_first=True)
