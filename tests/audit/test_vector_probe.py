"""A column that is in the vectors is read off them, and one that is not is told as chance."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from recexplainer.audit.reading.verification import Verifier
from recexplainer.audit.recommender_audit import audit_of
from recexplainer.audit.vector_probe import NO_VECTORS, vector_probes
from recexplainer.plugins.interfaces import LatentTarget
from recexplainer.testing.defect_benchmark import subject_of


class Marked(LatentTarget):
    """The sound target, whose user vectors hold a planted number and else noise."""

    def __init__(self, target, marks):
        self._target, self._marks = target, marks

    def fit(self, training, progress):
        raise AssertionError("an audit trains nothing")

    def save(self, folder): ...

    def load(self, folder): ...

    def scores(self, histories):
        return self._target.scores(histories)

    def item_vectors(self):
        return np.zeros((1, 4))

    def user_vectors(self, histories):
        rng = np.random.default_rng(0)
        noise = rng.normal(size=(len(histories), 4))
        noise[:, 0] += 4 * np.array([self._marks[tuple(one)] for one in histories])
        return noise


@pytest.fixture(scope="module")
def marked(world):
    rng = np.random.default_rng(3)
    sides = {user: int(rng.integers(2)) for user in world.log.histories}
    marks = {one.history: sides[one.user] for one in world.split.evaluated}
    users = {
        user: {"side": "LR"[side], "coin": "HT"[int(rng.integers(2))]}
        for user, side in sides.items()
    }
    subject = subject_of(world, Marked(world.target, marks))
    return dataclasses.replace(subject, log=dataclasses.replace(subject.log, users=users))


def test_what_is_in_the_vectors_is_read_off_and_what_is_not_is_chance(marked):
    side, coin = vector_probes(marked)
    assert "which of 2 values their side has" in side.sentence
    assert side.figure > 0.9
    assert side.others["items"] < 0.65  # it is in the vectors, not in what users took
    assert "which is more than with shuffled labels" in side.sentence
    assert "; and more than from the items" in side.sentence
    assert coin.low < 0.5 < coin.high
    assert "not measurably more or less than with shuffled labels" in coin.sentence
    for one in (side, coin):
        assert one.control == pytest.approx(0.5, abs=0.08)
    assert [one.withheld for one in Verifier(marked).verified([side, coin])] == ["", ""]


def test_bent_probes_are_caught(marked):
    side, _ = vector_probes(marked)
    lies = [
        side.sentence.replace("side", "coin"),
        side.sentence.replace("; and more than", "; and less than"),
        side.sentence.replace("which is more than", "which is not measurably more or less than"),
    ]
    found = Verifier(marked).verified([side.model_copy(update={"sentence": lie}) for lie in lies])
    assert all(one.withheld for one in found)


def test_without_columns_what_users_did_is_read_off(marked):
    bare = dataclasses.replace(marked, log=dataclasses.replace(marked.log, users={}))
    told = [one.sentence for one in vector_probes(bare)]
    assert len(told) == 2
    assert any("number of items" in one for one in told)


def test_a_target_without_vectors_is_told_so(popular):
    assert vector_probes(popular) == []
    assert NO_VECTORS in audit_of(popular, target="popularity").notes
