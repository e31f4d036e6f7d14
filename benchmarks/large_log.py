"""Writes a made-up log of any size: two files as the data set ``csv`` reads them.

Usage: python benchmarks/large_log.py runs/large --interactions 10000000

Items are taken by a power law, as in real logs; rows are in the order of their times, so that users
are interleaved; some titles are shared; a few rows repeat an item. The same seed gives the same
files.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from numpy.typing import NDArray
from pyarrow import csv

__all__ = ["INTERACTIONS_PER_ITEM", "INTERACTIONS_PER_USER", "write_log"]

INTERACTIONS_PER_USER, INTERACTIONS_PER_ITEM = 50, 100
_EXPONENT = 0.9
"""Of the power law: the item of rank r is taken in proportion to r to the power of minus this."""
_FEWEST_PER_USER = 3
_FIRST_SECOND, _SECONDS = 1_500_000_000, 100_000_000
_WORDS = ("Amber", "Broken", "Crystal", "Distant", "Endless", "Frozen", "Golden", "Hidden")
_NOUNS = ("Castle", "Desert", "Empire", "Forest", "Garden", "Harbor", "Island", "Journey")
_GENRES = ("Action", "Comedy", "Drama", "Family", "Horror", "Music", "Puzzle", "Racing", "Sport")
_ROWS_AT_ONCE = 1_000_000


def write_log(folder: Path, interactions: int, seed: int = 0) -> tuple[int, int]:
    """Write ``interactions.csv`` and ``items.csv`` into ``folder``.

    Args:
        folder: made if need be.
        interactions: how many rows; users and items are a fixed share of them.
        seed: of all draws.

    Returns:
        How many users and how many items there are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    users = interactions // INTERACTIONS_PER_USER
    items = interactions // INTERACTIONS_PER_ITEM
    rng = np.random.default_rng(seed)
    _write_items(folder / "items.csv", items, rng)
    who = _active(users, interactions, rng)
    what = _popular(items, interactions, rng)
    when = np.sort(rng.integers(_SECONDS, size=interactions)) + _FIRST_SECOND
    options = csv.WriteOptions(quoting_style="none")
    schema = pa.schema([("user_id", pa.string()), ("item_id", pa.string()), ("timestamp", "int64")])
    with csv.CSVWriter(str(folder / "interactions.csv"), schema, write_options=options) as file:
        for start in range(0, interactions, _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            columns = [_named("u", who[part]), _named("i", what[part]), pa.array(when[part])]
            file.write_table(pa.table(columns, schema=schema))
    return users, items


def _active(users: int, interactions: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return ``(R,)``, the user of each row: each a few times, the rest by how active they are."""
    activity = rng.lognormal(sigma=0.8, size=users)
    rest = interactions - _FEWEST_PER_USER * users
    drawn = rng.choice(users, rest, p=activity / activity.sum())
    who = np.concatenate([np.tile(np.arange(users), _FEWEST_PER_USER), drawn])
    rng.shuffle(who)
    return who


def _popular(items: int, interactions: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return ``(R,)``, the item of each row; ranks are shuffled, so that ids tell nothing."""
    weights = np.arange(1, items + 1) ** -_EXPONENT
    rank = rng.choice(items, interactions, p=weights / weights.sum())
    return rng.permutation(items)[rank]


def _write_items(path: Path, items: int, rng: np.random.Generator) -> None:
    word, noun = rng.integers(len(_WORDS), size=items), rng.integers(len(_NOUNS), size=items)
    number = rng.integers(1, max(2, items // 32), size=items)  # so that two in five share a title
    genre = rng.integers(len(_GENRES), size=(items, 2))
    with path.open("w", encoding="utf-8") as file:
        file.write("item_id,title,genre\n")
        for row in range(items):
            title = f"{_WORDS[word[row]]} {_NOUNS[noun[row]]} {number[row]}"
            genres = "|".join(dict.fromkeys(_GENRES[which] for which in genre[row]))
            file.write(f"i{row},{title},{genres}\n")


def _named(prefix: str, numbers: NDArray[np.int64]) -> pa.Array:
    import pyarrow.compute as pc  # type: ignore[import-untyped]

    return pc.binary_join_element_wise(prefix, pa.array(numbers).cast(pa.string()), "")


def main() -> None:
    """Write a log of the size that was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    users, items = write_log(given.folder, given.interactions, given.seed)
    print(f"{given.interactions:,} interactions of {users:,} users with {items:,} items")


if __name__ == "__main__":
    main()
