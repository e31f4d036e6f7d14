"""Vectors told from texts, of a target whose users have one of four tastes."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.explanation.figures.reconstruction import rebuild_vectors
from recexplainer.plugins.interfaces import FitReport, LatentTarget
from recexplainer.records import Case, Catalogue, Explanation, Item

TASTES = ("opera", "westerns", "chess", "boats")
CATALOGUE = Catalogue([Item(id=f"{t}{n}", title=f"{t} {n}") for t in TASTES for n in range(12)])


class FourTastes(LatentTarget):
    """A user's vector and an item's point to their taste; lower numbers come first."""

    def user_vectors(self, histories):
        vectors = [np.eye(4)[TASTES.index(history[0][:-1])] for history in histories]
        return np.asarray(vectors, dtype=np.float32)

    def item_vectors(self):
        rows = [np.eye(4)[k] * (1 - 0.01 * n) for k in range(4) for n in range(12)]
        return np.asarray(rows, dtype=np.float32)

    def scores(self, histories):
        return self.user_vectors(histories) @ self.item_vectors().T

    def fit(self, training, progress):
        return FitReport()

    def save(self, folder): ...

    def load(self, folder): ...


@pytest.fixture
def cases():
    return [
        Case(
            id=str(n),
            user=f"u{n}",
            history=(f"{TASTES[n % 4]}{n // 4 % 3}",),
            item="boats11",
            split="held_out_users",
            decision="Yes" if n // 4 % 2 else "No",
            score=1.0,
            rank=1,
            candidates=47,
        )
        for n in range(80)
    ]


def _rebuilt(cases, write, target=None):
    texts = [Explanation(case=one.id, explainer="e", text=write(one)) for one in cases]
    return rebuild_vectors(texts, cases, target or FourTastes(), CATALOGUE, seed=0)


def _mean(texts, check):
    return np.mean([text.check(check) for text in texts])


def test_words_that_tell_the_taste_give_the_vector_back(cases):
    texts = _rebuilt(cases, lambda case: f"the user likes {case.history[0][:-1]}")
    assert _mean(texts, "rebuilt_cosine") > 0.99
    assert _mean(texts, "rebuilt_overlap@10") == 1.0
    for control in ("mean", "shuffled"):
        assert _mean(texts, f"rebuilt_cosine_{control}") < 0.6  # of four even tastes, cosine .5
        assert _mean(texts, f"rebuilt_overlap@10_{control}") < 0.6


def test_words_that_tell_nothing_give_the_mean_vector(cases):
    texts = _rebuilt(cases, lambda case: "the user will like it")
    assert _mean(texts, "rebuilt_cosine") == pytest.approx(0.5, abs=0.02)
    assert _mean(texts, "rebuilt_cosine") == pytest.approx(_mean(texts, "rebuilt_cosine_mean"))


def test_what_a_user_is_called_tells_nothing_of_others(cases):
    """Two texts about each user, that name the user: never learned from the user's own."""
    twice = [case.model_copy(update={"id": f"{case.id}/{n}"}) for case in cases for n in range(2)]
    texts = _rebuilt(twice, lambda case: f"because it is {case.user}")
    assert _mean(texts, "rebuilt_cosine") < 0.55


def test_an_encoder_reads_the_texts_where_there_is_one(cases):
    texts = [Explanation(case=one.id, explainer="e", text=one.history[0]) for one in cases]

    def encode(words):
        return np.asarray([50 * np.eye(4)[TASTES.index(word[:-1])] for word in words])

    told = rebuild_vectors(texts, cases, FourTastes(), CATALOGUE, seed=0, encode=encode)
    assert _mean(told, "rebuilt_overlap@10") == 1.0


def test_a_target_without_vectors_is_not_scored_and_says_why(cases, one_cause):
    (text, *_) = _rebuilt(cases, lambda case: "x", one_cause.oracle.target)
    (check, *_) = text.checks
    assert (check.value, check.detail) == (None, "the recommender has no vectors of users")
    (few, *_) = _rebuilt(cases[:3], lambda case: "x")
    assert few.check("rebuilt_cosine") is None
