"""``split``: what is learned from never reaches what is asked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from recexplainer.data.preparation import prepare
from recexplainer.data.split import LogSplit, split
from recexplainer.data.tabular import CsvDataset, CsvOptions
from recexplainer.errors import ConfigError, DataError
from recexplainer.records import Catalogue, Context, InteractionLog, Item, SilentProgress

GAMES = Path(__file__).parents[2] / "../shared/data/games"
SMALL = {"a": ("1", "2", "3", "4", "5"), "b": ("5", "4", "1")}


def log_of(histories: dict[str, tuple[str, ...]]) -> InteractionLog:
    ids = sorted({item for history in histories.values() for item in history})
    return InteractionLog("log", Catalogue([Item(item, item) for item in ids]), histories)


@pytest.fixture(scope="module")
def log() -> InteractionLog:
    """Return 50 users with 3 to 15 of 30 items."""
    rng = np.random.default_rng(1)
    return log_of(
        {
            f"u{user}": tuple(str(item) for item in rng.permutation(30)[: rng.integers(3, 16)])
            for user in range(50)
        }
    )


@pytest.fixture(scope="module")
def halves(log: InteractionLog) -> LogSplit:
    return split(log, max_history=4, held_out_users=0.2, seed=7)


def test_a_small_log_split_by_hand() -> None:
    parts = split(log_of(SMALL), max_history=3, held_out_users=0, seed=0)
    assert parts.training.histories == {"a": ("1", "2", "3"), "b": ("5",)}
    assert parts.training.validation == {"a": "4", "b": "4"}
    assert parts.held_out == {"a": "5", "b": "1"}
    assert tuple(parts.train) == (
        Context("a", 1, ("1",), "train"),
        Context("a", 2, ("1", "2"), "train"),
        Context("a", 3, ("1", "2", "3"), "train"),
        Context("b", 1, ("5",), "train"),
    )
    assert parts.evaluated == (
        Context("a", 4, ("2", "3", "4"), "leave_one_out"),
        Context("b", 2, ("5", "4"), "leave_one_out"),
    )
    assert parts.popularity.tolist() == [1, 1, 1, 0, 1]
    assert parts.popularity.dtype == np.int64


def test_no_training_prefix_reaches_the_evaluated_history(
    log: InteractionLog, halves: LogSplit
) -> None:
    asked = {context.user: context for context in halves.evaluated}
    assert set(asked) == set(log.histories)
    for context in halves.train:
        history = log.histories[context.user]
        newest_asked = asked[context.user].history[-1]
        assert newest_asked not in context.history  # items of a user are distinct
        assert history[-1] not in context.history
        assert context.history == history[: context.end][-4:]
    for context in halves.evaluated:
        assert context.history == log.histories[context.user][:-1][-4:]


def test_held_out_users_are_in_no_training_prefix(halves: LogSplit) -> None:
    kinds = Counter(context.split for context in halves.evaluated)
    assert kinds == {"held_out_users": 10, "leave_one_out": 40}
    apart = {context.user for context in halves.evaluated if context.split == "held_out_users"}
    learned_from = {context.user for context in halves.train}
    assert not apart & learned_from
    assert len(learned_from) == 40


def test_f_learns_from_every_user_and_from_no_test_item(
    log: InteractionLog, halves: LogSplit
) -> None:
    assert set(halves.training.histories) == set(log.histories)
    for user, history in log.histories.items():
        whole = (*halves.training.histories[user], halves.training.validation[user])
        assert (*whole, halves.held_out[user]) == history


def test_popularity_counts_training_interactions(log: InteractionLog, halves: LogSplit) -> None:
    counted = Counter(item for history in halves.training.histories.values() for item in history)
    assert halves.popularity.tolist() == [counted[item] for item in log.catalogue.ids]


def test_context_ids_are_unique(halves: LogSplit) -> None:
    ids = [context.id for context in (*halves.train, *halves.evaluated)]
    assert len(set(ids)) == len(ids)


def test_the_seed_alone_decides_who_is_held_out(log: InteractionLog) -> None:
    def apart(seed: int) -> set[str]:
        parts = split(log, max_history=9, held_out_users=0.2, seed=seed)
        return {context.user for context in parts.evaluated if context.split == "held_out_users"}

    assert apart(3) == apart(3)
    assert len({frozenset(apart(seed)) for seed in range(5)}) > 1


@pytest.mark.parametrize(("share", "count"), [(0.001, 1), (0.1, 5), (0.99, 49), (0.999, 49)])
def test_a_share_is_at_least_one_user_and_leaves_one(
    log: InteractionLog, share: float, count: int
) -> None:
    parts = split(log, max_history=5, held_out_users=share, seed=0)
    assert sum(context.split == "held_out_users" for context in parts.evaluated) == count


def test_arguments_out_of_range_are_listed_together(log: InteractionLog) -> None:
    with pytest.raises(ConfigError) as caught:
        split(log, max_history=0, held_out_users=1.0, seed=0)
    assert caught.value.problems == (
        "dataset.max_history: must be at least 1, got 0",
        "dataset.held_out_users: must be in [0, 1), got 1.0",
    )


def test_a_user_with_two_interactions_is_an_error() -> None:
    with pytest.raises(DataError, match="user 'c' of 'log' has 2 of the 3 interactions"):
        split(log_of({**SMALL, "c": ("1", "2")}), max_history=3, held_out_users=0, seed=0)


def test_games_give_the_counts_of_the_papers_table_4() -> None:
    """Table 4 counts every prefix of all but the last two interactions."""
    if not GAMES.is_dir():
        pytest.skip("no games beside this checkout")
    options = CsvOptions(interactions=GAMES / "interactions.csv", items=GAMES / "items.csv")
    log = prepare(CsvDataset(options).load(SilentProgress()))
    assert log.interactions == 30_946  # the data is a 5-core already
    parts = split(log, max_history=20, held_out_users=0, seed=0)
    assert len(parts.train) == 30_946 - 2 * 3_901
    assert len(parts.evaluated) == 3_901
