"""Validation asks for a few rows of scores at a time: all users by all items may not fit."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.oracle import questions as oracle_asking
from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import Catalogue, Item, SilentProgress, TrainingHistories
from recexplainer.targets.recbole.recbole_providers import recbole_providers
from recexplainer.targets.recbole.recbole_target import RecBoleTarget
from recexplainer.targets.target_quality import held_out_standings, ndcg_at, score_rows

USERS, ITEMS, AT_ONCE = 30, 12, 7
CATALOGUE = Catalogue([Item(f"i{row}", f"Title {row}") for row in range(ITEMS)])
HISTORIES = {
    f"u{user}": tuple(f"i{(user + step) % ITEMS}" for step in range(5)) for user in range(USERS)
}
# Two users in three have a validation item, so that rows are of these, not of everyone.
VALIDATION = {f"u{user}": f"i{(user + 5) % ITEMS}" for user in range(USERS) if user % 3}
TRAINING = TrainingHistories(HISTORIES, VALIDATION)


@pytest.fixture
def asked(monkeypatch):
    """How many rows were asked for each time, and all of them, one list per validation."""
    monkeypatch.setattr(oracle_asking, "_HISTORIES_AT_ONCE", AT_ONCE)
    sizes, validations = [], []
    ndcg = RecBoleTarget._ndcg

    def watched(self, scores, training):
        rows = []

        def counted(part):
            found = scores(part)
            sizes.append(len(found))
            rows.extend(found)
            return found

        value = ndcg(self, counted, training)
        validations.append((np.array(rows), value))
        return value

    monkeypatch.setattr(RecBoleTarget, "_ndcg", watched)
    return sizes, validations


@pytest.mark.parametrize("name", ["sasrec", "multivae", "ease", "bpr", "fm"])
def test_every_family_is_validated_a_few_rows_at_a_time(name, asked):
    sizes, validations = asked
    provider = next(one for one in recbole_providers() if one.name == name)
    target = provider.build(provider.options(max_epochs=2), TargetKit(CATALOGUE, 5, seed=0))
    report = target.fit(TRAINING, SilentProgress())
    assert max(sizes) == AT_ONCE
    assert sum(sizes) == len(VALIDATION) * len(validations)
    for rows, value in validations:
        assert rows.shape == (len(VALIDATION), ITEMS)
        assert value == pytest.approx(by_sorting(rows))
    assert report.validation["ndcg@10"] == max(value for _, value in validations)


def by_sorting(rows):
    """NDCG@10 of the validation items by sorting what each user has not seen."""
    found = []
    for row, (user, item) in zip(rows, VALIDATION.items(), strict=True):
        seen = set(CATALOGUE.rows(HISTORIES[user]))
        order = [place for place in np.argsort(-row, kind="stable") if place not in seen]
        rank = order.index(CATALOGUE.row(item)) + 1
        found.append(1 / np.log2(rank + 1) if rank <= 10 else 0.0)
    return np.mean(found)


def test_rows_come_in_order_and_none_is_left_out(monkeypatch):
    monkeypatch.setattr(oracle_asking, "_HISTORIES_AT_ONCE", 4)
    scores = np.random.default_rng(0).normal(size=(10, 6)).astype(np.float32)
    parts = []

    def some(part):
        parts.append((part.start, part.stop))
        return scores[part]

    np.testing.assert_array_equal(list(score_rows(some, 10, 6)), scores)
    assert parts == [(0, 4), (4, 8), (8, 10)]
    answers, seen = [0] * 10, [[1]] * 10
    standings = held_out_standings(score_rows(some, 10, 6), answers, seen)
    assert standings == held_out_standings(scores, answers, seen)
    assert all(0 < ndcg_at(standing) <= 1 for standing in standings)


def test_wide_rows_are_asked_for_by_their_size(monkeypatch):
    """Not 512 rows of a catalogue so large that these would not fit."""
    monkeypatch.setattr(oracle_asking, "_SCORES_AT_ONCE", 1000)
    parts = []

    def some(part):
        parts.append(part.stop - part.start)
        return np.zeros((parts[-1], 300), dtype=np.float32)

    assert len(list(score_rows(some, 7, 300))) == 7
    assert parts == [3, 3, 1]
