"""A recommender of one's own, to be explained.

From the root of the repository: recx run examples/own_model/books.yaml

That file asks for the target ``examples.own_model.next_book:NextBook``. The class is all that is
needed: it is given the ids of the items, and answers histories of ids.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

INTERACTIONS = Path(__file__).parents[1] / "books" / "interactions.csv"
WIDTH = 8


def read_histories() -> dict[str, list[str]]:
    """Return what each reader read, oldest first, without the last two books.

    A run tests the target on the last one and may stop training by the second-last: a model that
    has seen them looks better than it is.
    """
    with INTERACTIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    histories = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["finished"]):
        histories[row["reader"]].append(row["book"])
    return {reader: books[:-2] for reader, books in histories.items()}


class NextBook:
    """Scores a book by what was read soon after the books of a history.

    Args:
        item_ids: the books, in the order that columns of scores must have.
    """

    def __init__(self, item_ids: Sequence[str]) -> None:
        self._row = {item: row for row, item in enumerate(item_ids)}
        self.histories = read_histories()
        follows = np.zeros((len(item_ids), len(item_ids)))
        for history in self.histories.values():
            rows = [self._row[book] for book in history if book in self._row]
            for place, row in enumerate(rows):
                for steps, later in enumerate(rows[place + 1 :], start=1):
                    follows[row, later] += 1 / steps
        before, strengths, after = np.linalg.svd(follows)
        self._reads = before[:, :WIDTH] * np.sqrt(strengths[:WIDTH])
        self._items = after[:WIDTH].T * np.sqrt(strengths[:WIDTH])

    def scores(self, histories: list[list[str]]) -> np.ndarray:
        """Return ``(B, I)``: one row per history, one column per item."""
        return self.user_vectors(histories) @ self._items.T

    def user_vectors(self, histories: list[list[str]]) -> np.ndarray:
        """Return ``(B, WIDTH)``; optional: vectors can also be found in scores."""
        vectors = np.zeros((len(histories), WIDTH))
        for place, history in enumerate(histories):
            for steps, book in enumerate(reversed(history), start=1):
                vectors[place] += self._reads[self._row[book]] / steps
        return vectors

    def item_vectors(self) -> np.ndarray:
        """Return ``(I, WIDTH)``."""
        return self._items
