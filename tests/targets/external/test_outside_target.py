"""A model made elsewhere is held to what a target owes, whatever it is."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from recexplainer.errors import RunFolderError, UnknownNameError, UserError
from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import Catalogue, Item, SilentProgress, TrainingHistories
from recexplainer.targets.external.external_target import LatentOutsideTarget, OutsideTarget
from recexplainer.testing import LatentTargetContract, TargetContract

IDS = ("a", "b", "c", "d", "e")
KIT = TargetKit(Catalogue([Item(one, one.upper()) for one in IDS]), max_history=3)
NOTHING = TrainingHistories({}, {})


class Matrix:
    """Adds up a row per item read; its own columns may be in any order."""

    def __init__(self, item_ids, seed=0):
        self.row = {item: row for row, item in enumerate(item_ids)}
        self.weights = np.random.default_rng(seed).normal(size=(len(item_ids), len(item_ids)))
        self.asked = []

    def scores(self, histories):
        self.asked.append(histories)
        return [self.weights[[self.row[i] for i in one]].sum(axis=0) for one in histories]

    def user_vectors(self, histories):
        return torch.tensor(np.array(self.scores(histories)), requires_grad=True)

    def item_vectors(self):
        return np.eye(len(self.row))


class TestOutsideContract(TargetContract):
    @pytest.fixture
    def make_target(self):
        return lambda kit: OutsideTarget(Matrix(kit.catalogue.ids), kit, "matrix", batch_size=2)


class TestLatentOutsideContract(LatentTargetContract):
    @pytest.fixture
    def make_target(self):
        def make(kit):
            ids = (*kit.catalogue.ids[::-1], "an item that is not asked about")
            return LatentOutsideTarget(Matrix(ids), kit, "matrix", item_ids=ids)

        return make


def test_columns_come_in_the_order_of_the_catalogue():
    own = ("c", "x", "a", "e", "b", "d")
    model = Matrix(own)
    target = LatentOutsideTarget(model, KIT, "m", item_ids=own)
    (scores,) = target.scores([["b", "c"]])
    for column, item in enumerate(IDS):
        by_hand = model.weights[4, own.index(item)] + model.weights[0, own.index(item)]
        assert scores[column] == pytest.approx(by_hand, rel=1e-6)
    np.testing.assert_array_equal(target.item_vectors(), np.eye(6)[[2, 4, 0, 5, 3]])


def test_the_model_is_asked_in_batches_about_cut_histories():
    model = Matrix(IDS)
    OutsideTarget(model, KIT, "m", batch_size=2).scores([list("abcde"), [], ["a"]])
    assert model.asked == [[["c", "d", "e"], []], [["a"]]]


def test_no_histories_have_no_scores():
    target = LatentOutsideTarget(Matrix(IDS), KIT, "m")
    assert target.scores([]).shape == (0, 5)
    assert target.user_vectors([]).shape == (0, 5)


def test_an_item_outside_the_catalogue_is_refused_though_the_model_knows_it():
    own = (*IDS, "x")
    target = OutsideTarget(Matrix(own), KIT, "m", item_ids=own)
    with pytest.raises(UnknownNameError, match="unknown item 'x'"):
        target.scores([["x"]])


class Answering(Matrix):
    """Answers with what it is told to."""

    def __init__(self, answer):
        super().__init__(IDS)
        self.answer = answer

    def scores(self, histories):
        return self.answer(histories) if callable(self.answer) else self.answer


def _nan(histories):
    answer = np.ones((len(histories), 5))
    answer[0, 3] = np.nan
    return answer


ANSWERS = {
    "nothing": (None, r"scores\(\) returned NoneType of object"),
    "words": ([["a"] * 5] * 2, r"returned list of <U1; return numbers of shape \(2, 5\)"),
    "ragged": ([[1, 2], [1]], "rows of different lengths"),
    "one axis": (np.ones(5), r"returned the shape \(5,\), where \(2, 5\) is needed"),
    "too few rows": (np.ones((1, 5)), r"\(1, 5\), where \(2, 5\)"),
    "too few columns": (np.ones((2, 4)), r"\(2, 4\), where \(2, 5\)"),
    "columns and rows swapped": (np.ones((5, 2)), r"\(5, 2\), where \(2, 5\)"),
    "not a number": (
        _nan,
        r"1 numbers that are not finite .* the first \(nan\) in row 0, column 3",
    ),
    "too large for float32": (np.full((2, 5), 1e300), "10 numbers that are not finite"),
    "an exception": (lambda _: 1 / 0, r"raised ZeroDivisionError.*test_outside_target.py:\d+"),
    "an exit": (lambda _: (_ for _ in ()).throw(SystemExit(3)), "raised SystemExit: 3"),
}


@pytest.mark.parametrize(("answer", "message"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_is_no_answer_is_one_line(answer, message):
    target = OutsideTarget(Answering(answer), KIT, "pkg.mod:make")
    with pytest.raises(UserError, match=message) as raised:
        target.scores([["a"], []])
    assert str(raised.value).startswith("pkg.mod:make: scores()")
    assert "\n" not in str(raised.value)


def test_an_interrupt_is_no_failure_of_the_model():
    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        OutsideTarget(Answering(stop), KIT, "m").scores([[]])


def test_dropout_that_is_on_is_found():
    rng = np.random.default_rng(0)
    target = OutsideTarget(Answering(lambda hs: rng.normal(size=(len(hs), 5))), KIT, "m")
    with pytest.raises(UserError, match="asked again; switch dropout"):
        target.fit(NOTHING, SilentProgress())


def test_answers_that_depend_on_the_batch_are_found():
    def by_batch(histories):
        lengths = np.array([len(history) for history in histories], dtype=float)
        return (lengths - lengths.mean())[:, None] + np.arange(5)

    target = OutsideTarget(Answering(by_batch), KIT, "m")
    with pytest.raises(UserError, match="alone than in a batch"):
        target.fit(NOTHING, SilentProgress())


def test_another_model_is_noticed_and_the_same_one_is_not(tmp_path):
    OutsideTarget(Matrix(IDS), KIT, "m").save(tmp_path)
    OutsideTarget(Matrix(IDS), KIT, "m").load(tmp_path)
    with pytest.raises(RunFolderError, match="not the model that this run was made with"):
        OutsideTarget(Matrix(IDS, seed=1), KIT, "m").load(tmp_path)


def test_rounding_is_not_taken_for_another_model(tmp_path):
    model = Matrix(IDS)
    OutsideTarget(model, KIT, "m").save(tmp_path)
    model.weights = model.weights.astype(np.float16)
    OutsideTarget(model, KIT, "m").load(tmp_path)
    model.weights[2] += 0.1  # one row of five, by a twentieth of the spread
    with pytest.raises(RunFolderError, match="not the model"):
        OutsideTarget(model, KIT, "m").load(tmp_path)


def test_other_items_are_noticed(tmp_path):
    OutsideTarget(Matrix(IDS), KIT, "m").save(tmp_path)
    other = TargetKit(Catalogue(KIT.catalogue[:4]), max_history=3)
    with pytest.raises(RunFolderError, match="about other items"):
        OutsideTarget(Matrix(IDS), other, "m", item_ids=IDS).load(tmp_path)


def test_nothing_but_answers_is_saved(tmp_path):
    OutsideTarget(Matrix(IDS), KIT, "m").save(tmp_path)
    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_text("utf-8")).keys() == {"items", "histories", "columns", "scores"}


@pytest.mark.parametrize(
    ("own", "message"),
    [
        (("a", "b", "c"), r"does not know 2 of the 5 items, such as 'd' \(it has"),
        (("A", "B", "C", "D", "E"), r"such as 'a' \(it has 'A'\)"),
        ((*IDS, "b"), "names the item 'b' twice"),
        ((), "does not know 5 of the 5"),
    ],
)
def test_items_that_do_not_fit_the_data_set(own, message):
    with pytest.raises(UserError, match=message):
        OutsideTarget(Matrix(own), KIT, "m", item_ids=own)
