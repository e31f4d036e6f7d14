"""Whom texts follow, told by writers that follow only the titles, or only the vector."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.explanation.cases import make_case
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.figures.vector_swap import draw_pairs
from recexplainer.oracle import Oracle, leaning
from recexplainer.pipeline.execution.surrogate_controls import swapped_metrics
from recexplainer.plugins.interfaces import LatentTarget
from recexplainer.records import Context, ItemSlot

USERS, LENGTH = 6, 5
"""Histories that share nothing: i0 to i4, i5 to i9 and so on."""


class Summed(LatentTarget):
    """The linear target with vectors: a user's is 1 at the items of the history."""

    def __init__(self, linear):
        self._linear, self.catalogue = linear, linear.catalogue

    def scores(self, histories):
        return self._linear.scores(histories)

    def user_vectors(self, histories):
        vectors = np.zeros((len(histories), len(self.catalogue)), dtype=np.float32)
        for row, history in enumerate(histories):
            vectors[row, self.catalogue.rows(history)] = 1
        return vectors

    def item_vectors(self):
        return self._linear.weights.T

    def fit(self, training, progress):
        raise AssertionError("never trained here")

    def save(self, folder):
        raise AssertionError("never saved here")

    def load(self, folder):
        raise AssertionError("never loaded here")


class Foreign(Summed):
    """Another target: it takes every history for that of the first user."""

    def user_vectors(self, histories):
        first = [f"i{row}" for row in range(LENGTH)]
        return super().user_vectors([first] * len(histories))


class Writer:
    """Tells the target's decision and strongest cause for the history that it goes by."""

    name = "writer"

    def __init__(self, target, *, reads_vector, vectors=None):
        self._target, self._reads_vector = target, reads_vector
        self._vectors = vectors or target.user_vectors

    def with_vectors(self, user_vectors, item_vectors):
        assert item_vectors.shape == self._target.item_vectors().shape
        return Writer(self._target, reads_vector=self._reads_vector, vectors=user_vectors)

    def answer(self, questions, contexts, *, max_new_tokens, **wishes):
        items = [
            next(part.item for part in turns[-1].content if isinstance(part, ItemSlot))
            for turns in questions
        ]
        vectors = self._vectors([context.history for context in contexts])
        answers = []
        for item, context, vector in zip(items, contexts, vectors, strict=True):
            history = context.history
            if self._reads_vector:
                ids = self._target.catalogue.ids
                history = tuple(list(ids)[row] for row in np.flatnonzero(vector))
            answers.append((self._text(item, history),))
        return answers

    def _text(self, item, history):
        catalogue = self._target.catalogue
        oracle = Oracle(self._target, catalogue)
        case = make_case(oracle, Context("x", LENGTH, history, "all"), item)
        sign = 1 if leaning(case) == "Yes" else -1
        column = self._target.item_vectors()[catalogue.row(item)]
        first = max(history, key=lambda one: sign * column[catalogue.row(one)])
        verb = "will like" if sign > 0 else "will not like"
        about, why = catalogue.title(item), catalogue.title(first)
        kind = "support" if sign > 0 else "objection"
        return (
            f"{leaning(case)}, the user {verb} “{about}”. The strongest {kind} comes from “{why}”."
        )


@pytest.fixture
def target(linear):
    return Summed(linear)


@pytest.fixture
def cases(target, plain_catalogue):
    """The favourite and the last of what six users have not had."""
    oracle, found = Oracle(target, plain_catalogue), []
    for user in range(USERS):
        history = tuple(f"i{row}" for row in range(LENGTH * user, LENGTH * (user + 1)))
        context = Context(f"u{user}", LENGTH, history, "leave_one_out")
        asked = [
            make_case(oracle, context, item)
            for item in plain_catalogue.ids
            if item not in history and int(item[1:]) >= USERS * LENGTH
        ]
        found += [one for one in asked if one.decision is not None][:4]
    return found


@pytest.fixture
def measured(target, plain_catalogue, cases):
    def measure(*, reads_vector, other=None):
        writer = Writer(target, reads_vector=reads_vector)
        metrics = swapped_metrics(
            cases,
            Oracle(target, plain_catalogue),
            ClaimReader(plain_catalogue),
            writer,
            plain=writer,
            vectors=target,
            other=other,
            seed=1,
        )
        assert {(one.subject, one.task, one.split) for one in metrics} == {
            ("writer", "vector_swap", "all")
        }
        return {one.metric: one for one in metrics}

    return measure


SWAPPED = ("decides_as_titles", "decides_as_vector", "names_of_titles", "names_of_vector")


@pytest.mark.parametrize(("reads_vector", "values"), [(False, [1, 0, 1, 0]), (True, [0, 1, 0, 1])])
def test_a_writer_that_follows_one_of_them_follows_it_alone(measured, reads_vector, values):
    found = measured(reads_vector=reads_vector)
    assert [found[name].value for name in SWAPPED] == values
    assert found["decides_as_titles"].n > 5
    assert found["agreement"].value == found["strongest_first"].value == 1.0
    assert "agreement_other" not in found


def test_another_target_s_vectors_change_nothing_for_who_reads_titles(measured, linear):
    found = measured(reads_vector=False, other=Foreign(linear))
    assert found["agreement_other"].value == found["strongest_first_other"].value == 1.0


def test_another_target_s_vectors_leave_a_reader_of_vectors_with_the_first_user_s(
    measured, linear, target, plain_catalogue, cases
):
    found = measured(reads_vector=True, other=Foreign(linear))
    oracle = Oracle(target, plain_catalogue)
    first = Context("u0", LENGTH, tuple(f"i{row}" for row in range(LENGTH)), "all")
    same = [leaning(make_case(oracle, first, one.item)) == one.decision for one in cases]
    assert found["agreement_other"].value == pytest.approx(np.mean(same))
    own = np.mean([one.user == "u0" for one in cases])
    assert found["strongest_first_other"].value == pytest.approx(own)


def test_pairs_are_of_users_for_whom_the_target_decides_otherwise(target, plain_catalogue, cases):
    pairs = draw_pairs(cases, Oracle(target, plain_catalogue), seed=1)
    assert pairs == draw_pairs(cases, Oracle(target, plain_catalogue), seed=1)
    histories = {case.user: case.history for case in cases}
    givers: dict[str, set[str]] = {}
    for pair in pairs:
        givers.setdefault(pair.case.user, set()).add(pair.vector.user)
        assert pair.vector.user != pair.case.user
        assert pair.vector.history == histories[pair.vector.user]
        row = plain_catalogue.row(pair.case.item)
        scores = target.scores([pair.vector.history])[0]
        others = [
            i for i, item in enumerate(plain_catalogue.ids) if item not in pair.vector.history
        ]
        place = sum(scores[i] > scores[row] for i in others) / len(others)
        assert {pair.case.decision, pair.vector.decision} == {"Yes", "No"}
        assert place < 0.2 if pair.vector.decision == "Yes" else place >= 0.5
    assert all(len(found) == 1 for found in givers.values())  # one vector for each history
