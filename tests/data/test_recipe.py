"""The paper's recipe in ``prepare``: popular items, a sample of users, and then the k-core."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from recexplainer.data.preparation import prepare
from recexplainer.data.tabular import CsvDataset, CsvOptions
from recexplainer.errors import ConfigError, DataError
from recexplainer.records import Catalogue, InteractionLog, Item, SilentProgress

Histories = Mapping[str, tuple[str, ...]]


def log_of(histories: Histories) -> InteractionLog:
    ids = sorted({item for history in histories.values() for item in history})
    return InteractionLog("small", Catalogue([Item(i, f"Title {i}") for i in ids]), histories)


def random_histories(seed: int, users: int = 60, items: int = 30) -> dict[str, tuple[str, ...]]:
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, items + 1)
    return {
        f"u{user}": tuple(
            f"i{item:02}"
            for item in rng.choice(
                items, rng.integers(3, 12), replace=False, p=weights / weights.sum()
            )
        )
        for user in range(users)
    }


@pytest.mark.parametrize("seed", range(4))
def test_top_items_are_the_most_frequent_before_anything_is_filtered(seed: int) -> None:
    histories = random_histories(seed)
    counts = Counter(item for history in histories.values() for item in history)
    top = set(sorted(counts, key=lambda item: (-counts[item], item))[:9])
    left = {user: tuple(i for i in seen if i in top) for user, seen in histories.items()}
    expected = prepare(log_of({u: seen for u, seen in left.items() if seen}), min_interactions=3)
    log = prepare(log_of(histories), min_interactions=3, top_items=9)
    assert log.histories == expected.histories
    assert set(log.catalogue.ids) <= top
    lost = sum(counts[item] for item in counts if item not in top)
    assert log.notes[0] == (
        f"{len(counts) - 9} items beyond the 9 with most interactions were left out, "
        f"with {lost} interactions"
    )


def test_users_are_drawn_among_those_with_enough_and_the_core_comes_last() -> None:
    histories = {**random_histories(1), "short": ("i00", "i01")}
    everyone = prepare(log_of(histories), min_interactions=3)
    log = prepare(log_of(histories), min_interactions=3, sample_users=20)
    assert len(log.histories) <= 20 < len(everyone.histories)
    drawn = {user: histories[user] for user in log.histories}
    assert prepare(log_of(drawn), min_interactions=3).histories == log.histories
    assert log.notes[0].startswith("40 users beyond a sample of 20 were left out, with ")
    kept = sum(map(len, log.histories.values()))
    lost = [int(note.rsplit(" ", 2)[1]) for note in log.notes if "interactions" in note[-13:]]
    assert kept + sum(lost) == sum(map(len, histories.values()))


def test_the_draw_depends_on_the_seed_alone() -> None:
    log = log_of(random_histories(2))
    drawn = [tuple(prepare(log, sample_users=30, seed=seed).histories) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize("recipe", [{}, {"top_items": 10**6}, {"sample_users": 10**6}])
def test_more_than_there_is_keeps_all(recipe: dict[str, int]) -> None:
    log = log_of(random_histories(3))
    whole = prepare(log, min_interactions=3)
    same = prepare(log, min_interactions=3, **recipe)
    assert (same.histories, same.notes) == (whole.histories, whole.notes)


@pytest.mark.parametrize("name", ["top_items", "sample_users"])
def test_nothing_cannot_be_asked_for(name: str) -> None:
    with pytest.raises(ConfigError, match=f"dataset.{name}: must be at least 1, got 0"):
        prepare(log_of(random_histories(4)), **{name: 0})


def test_a_recipe_that_leaves_nothing_says_so() -> None:
    with pytest.raises(
        DataError, match=r"lower `min_interactions` \(at least 3\), or raise `top_items`$"
    ):
        prepare(log_of(random_histories(4)), top_items=2)


def test_the_default_keeps_every_row_of_the_filtered_games(shared_data: Path) -> None:
    """These were filtered by the paper's recipe already."""
    folder = shared_data / "games"
    paths = CsvOptions(interactions=folder / "interactions.csv", items=folder / "items.csv")
    log = prepare(CsvDataset(paths).load(SilentProgress()))
    rows = (folder / "interactions.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert log.interactions == len(rows) == 30_946
    assert (len(log.histories), len(log.catalogue)) == (3_901, 1_895)
    recipe = prepare(log, top_items=2000, sample_users=4000, seed=2023)
    assert recipe.histories == log.histories
