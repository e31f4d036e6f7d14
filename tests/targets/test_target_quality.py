"""The target's own quality against sorting by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recexplainer.oracle import Standing
from recexplainer.oracle import questions as oracle_asking
from recexplainer.plugins.interfaces import FitReport, Target
from recexplainer.records import Catalogue, Context, InteractionLog, Item, SilentProgress
from recexplainer.targets.target_quality import (
    held_out_standings,
    hit_at,
    measure_quality,
    ndcg_at,
    tied_share,
)

ITEMS = Catalogue([Item(f"i{number}", f"Item {number}") for number in range(30)])


class Drawn(Target):
    """Scores drawn from the history, in few enough steps that many are equal."""

    def fit(self, training, progress):
        return FitReport()

    def scores(self, histories):
        rows = [np.random.default_rng(len("".join(h))).integers(0, 8, 30) for h in histories]
        return np.array(rows, dtype=np.float32)

    def save(self, folder):
        raise NotImplementedError

    def load(self, folder):
        raise NotImplementedError


def log_of(histories):
    return InteractionLog("drawn", ITEMS, histories)


def drawn_log(users=300):
    rng = np.random.default_rng(5)
    return log_of(
        {
            f"u{user}": tuple(ITEMS.ids[row] for row in rng.permutation(30)[: rng.integers(2, 25)])
            for user in range(users)
        }
    )


def contexts_of(log):
    return [
        Context(user, len(history) - 1, history[:-1][-5:], "leave_one_out")
        for user, history in log.histories.items()
    ]


def gains_by_sorting(row, history, answer):
    """Mean hit and gain of the answer over all places that its equals take up, one by one."""
    unseen = [item for item in ITEMS.ids if item not in history]
    order = sorted(unseen, key=lambda item: -row[ITEMS.row(item)])
    own = row[ITEMS.row(answer)]
    ranks = [place for place, item in enumerate(order, 1) if row[ITEMS.row(item)] == own]
    hits = [rank <= 10 for rank in ranks]
    gains = [1 / math.log2(rank + 1) if rank <= 10 else 0.0 for rank in ranks]
    return np.mean(hits), np.mean(gains)


def test_hit_and_ndcg_are_those_of_sorting_by_hand():
    log, target = drawn_log(), Drawn()
    contexts = contexts_of(log)
    found = []
    for context in contexts:
        history = log.histories[context.user]
        row = target.scores([context.history])[0]
        found.append(gains_by_sorting(row, history[:-1], history[-1]))
    hits, gains = np.mean(found, axis=0)
    hit, ndcg, tied = measure_quality({"drawn": target}, log, contexts, SilentProgress())
    assert (hit.subject, hit.task, hit.metric, hit.split) == (
        "drawn",
        "target_quality",
        "hit@10",
        "all",
    )
    assert (hit.n, hit.unscored) == (300, 0)
    assert hit.value == pytest.approx(hits)
    assert ndcg.metric == "ndcg@10"
    assert ndcg.value == pytest.approx(gains)
    assert hit.low < hit.value < hit.high
    assert ndcg.low < ndcg.value < ndcg.high
    assert tied.metric == "tied@10"
    assert tied.value > 0.5


class Same(Drawn):
    """Tells nothing apart."""

    def scores(self, histories):
        return np.zeros((len(histories), 30), dtype=np.float32)


def test_scores_that_are_all_alike_are_worth_a_random_order():
    histories = {f"u{row}": (*ITEMS.ids[:9], ITEMS.ids[row]) for row in range(9, 30)}
    log = log_of(histories)
    figures = measure_quality({"f": Same()}, log, contexts_of(log), SilentProgress())
    hit, ndcg, tied = (figure.value for figure in figures)
    assert hit == pytest.approx(10 / 21)
    assert ndcg == pytest.approx(sum(1 / math.log2(rank + 1) for rank in range(1, 11)) / 21)
    assert tied == 1.0


def test_the_order_of_the_catalogue_decides_nothing():
    """The same scores and histories, items the other way round."""
    turned = Catalogue(list(ITEMS)[::-1])

    class Turned(Drawn):
        def scores(self, histories):
            return super().scores(histories)[:, ::-1].copy()

    log = drawn_log(40)
    other = InteractionLog("turned", turned, log.histories)
    one = measure_quality({"f": Drawn()}, log, contexts_of(log), SilentProgress())
    assert measure_quality({"f": Turned()}, other, contexts_of(log), SilentProgress()) == one


def test_every_target_is_measured_under_its_name():
    log = drawn_log(20)
    metrics = measure_quality({"f": Drawn(), "g": Drawn()}, log, contexts_of(log), SilentProgress())
    assert [(m.subject, m.metric) for m in metrics] == [
        (subject, metric) for subject in "fg" for metric in ("hit@10", "ndcg@10", "tied@10")
    ]
    assert metrics[0].value == metrics[3].value


def test_an_answer_seen_before_is_counted_as_unscored():
    log = log_of({"u": ("i1", "i2", "i1"), "v": ("i1", "i2")})
    hit, *_ = measure_quality({"f": Drawn()}, log, contexts_of(log), SilentProgress())
    assert (hit.n, hit.unscored) == (1, 1)


def test_seen_items_are_left_out_and_ties_are_counted():
    scores = np.array([[5, 4, 3, 3, 3, 1]], dtype=np.float32)
    assert held_out_standings(scores, [3], [[0]]) == [Standing(1, 2, 5)]
    assert held_out_standings(scores, [2], [[]]) == [Standing(2, 2, 6)]
    assert held_out_standings(scores, [4], [[0, 1, 2, 3]]) == [Standing(0, 0, 2)]
    assert held_out_standings(scores, [4], [[4]]) == [None]


def test_rows_of_scores_may_come_one_at_a_time():
    scores = np.random.default_rng(0).integers(0, 4, (50, 30)).astype(np.float32)
    answers, seen = list(range(25)) * 2, [[29, 28]] * 50
    whole = held_out_standings(scores, answers, seen)
    assert held_out_standings(iter(scores), answers, seen) == whole


@pytest.mark.parametrize("at_once", [1, 100, 10**9])
def test_f_is_asked_for_a_bounded_number_of_scores(monkeypatch, at_once):
    """30 items: one history at a time, three, or as many as are ever asked about together."""
    log, sizes = drawn_log(), []

    class Counted(Drawn):
        def scores(self, histories):
            sizes.append(len(histories))
            return super().scores(histories)

    whole = measure_quality({"f": Drawn()}, log, contexts_of(log), SilentProgress())
    monkeypatch.setattr(oracle_asking, "_SCORES_AT_ONCE", at_once)
    assert measure_quality({"f": Counted()}, log, contexts_of(log), SilentProgress()) == whole
    assert max(sizes) == min(max(1, at_once // 30), 300)
    assert sum(sizes) == len(log.histories)


@pytest.mark.parametrize(
    ("ahead", "ties", "hit", "ndcg"),
    [
        (0, 0, 1, 1.0),
        (2, 0, 1, 0.5),
        (9, 0, 1, 0.289065),
        (10, 0, 0, 0),
        (0, 2, 1, (1 + 0.630930 + 0.5) / 3),
        (9, 1, 0.5, 0.289065 / 2),
        (8, 3, 0.5, (0.301030 + 0.289065) / 4),
        (10, 5, 0, 0),
    ],
)
def test_hand_values(ahead, ties, hit, ndcg):
    assert hit_at(Standing(ahead, ties, 30)) == hit
    assert ndcg_at(Standing(ahead, ties, 30)) == pytest.approx(ndcg, abs=1e-6)


@pytest.mark.parametrize(
    ("scores", "share"),
    [
        ([3, 2, 1], 0.0),
        ([3, 3, 1, 0], 0.5),
        ([1, 1, 1], 1.0),
        ([*range(20)], 0.0),
        ([*range(11), 10, -np.inf], 0.2),
        ([*range(5, 15), 5, 0, 0, 0], 0.1),  # the tenth place has an equal behind it
        ([1, -np.inf, -np.inf], None),
    ],
)
def test_tied_share_counts_places_that_equals_share(scores, share):
    assert tied_share(np.array(scores, dtype=np.float32)) == share
