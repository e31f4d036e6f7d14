"""f's own quality against sorting by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recexplainer.plugins.interfaces import FitReport, Target
from recexplainer.records import Catalogue, Context, InteractionLog, Item, SilentProgress
from recexplainer.targets import quality
from recexplainer.targets.quality import held_out_ranks, hit_at, measure_quality, ndcg_at

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


def rank_by_sorting(row, history, answer):
    unseen = [item for item in ITEMS.ids if item not in history]
    order = sorted(unseen, key=lambda item: (-row[ITEMS.row(item)], ITEMS.row(item)))
    return order.index(answer) + 1


def test_hit_and_ndcg_are_those_of_sorting_by_hand():
    log, target = drawn_log(), Drawn()
    contexts = contexts_of(log)
    ranks = []
    for context in contexts:
        history = log.histories[context.user]
        row = target.scores([context.history])[0]
        ranks.append(rank_by_sorting(row, history[:-1], history[-1]))
    hits = sum(rank <= 10 for rank in ranks) / len(ranks)
    gains = sum(1 / math.log2(rank + 1) for rank in ranks if rank <= 10) / len(ranks)
    hit, ndcg = measure_quality({"drawn": target}, log, contexts, SilentProgress())
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


def test_every_target_is_measured_under_its_name():
    log = drawn_log(20)
    metrics = measure_quality({"f": Drawn(), "g": Drawn()}, log, contexts_of(log), SilentProgress())
    assert [(m.subject, m.metric) for m in metrics] == [
        ("f", "hit@10"),
        ("f", "ndcg@10"),
        ("g", "hit@10"),
        ("g", "ndcg@10"),
    ]
    assert metrics[0].value == metrics[2].value


def test_an_answer_seen_before_is_counted_as_unscored():
    log = log_of({"u": ("i1", "i2", "i1"), "v": ("i1", "i2")})
    hit, _ = measure_quality({"f": Drawn()}, log, contexts_of(log), SilentProgress())
    assert (hit.n, hit.unscored) == (1, 1)


def test_seen_items_are_left_out_and_ties_go_to_the_earlier_row():
    scores = np.array([[5, 4, 3, 3, 3, 1]], dtype=np.float32)
    assert held_out_ranks(scores, [3], [[0]]) == [3]
    assert held_out_ranks(scores, [2], [[]]) == [3]
    assert held_out_ranks(scores, [4], [[0, 1, 2, 3]]) == [1]
    assert held_out_ranks(scores, [4], [[4]]) == [None]


def test_rows_of_scores_may_come_one_at_a_time():
    scores = np.random.default_rng(0).integers(0, 4, (50, 30)).astype(np.float32)
    answers, seen = list(range(25)) * 2, [[29, 28]] * 50
    assert held_out_ranks(iter(scores), answers, seen) == held_out_ranks(scores, answers, seen)


@pytest.mark.parametrize("at_once", [1, 100, 10**9])
def test_f_is_asked_for_a_bounded_number_of_scores(monkeypatch, at_once):
    """30 items: one history at a time, three, or as many as are ever asked about together."""
    log, sizes = drawn_log(), []

    class Counted(Drawn):
        def scores(self, histories):
            sizes.append(len(histories))
            return super().scores(histories)

    whole = measure_quality({"f": Drawn()}, log, contexts_of(log), SilentProgress())
    monkeypatch.setattr(quality, "_SCORES_AT_ONCE", at_once)
    assert measure_quality({"f": Counted()}, log, contexts_of(log), SilentProgress()) == whole
    assert max(sizes) == min(max(1, at_once // 30), 128)
    assert sum(sizes) == len(log.histories)


@pytest.mark.parametrize(
    ("rank", "hit", "ndcg"), [(1, 1, 1.0), (3, 1, 0.5), (10, 1, 0.289065), (11, 0, 0)]
)
def test_hand_values(rank, hit, ndcg):
    assert hit_at(rank) == hit
    assert ndcg_at(rank) == pytest.approx(ndcg, abs=1e-6)
