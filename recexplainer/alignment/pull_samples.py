"""Samples of pulls: how far each item of a history moves the target's scores of many items.

A task that asks for a history without each of its items is told the scores of the whole catalogue
every time, and needs a few of them. What these say of other items is kept here, to learn from.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recexplainer.oracle import NOISE, case_rng, decided_rows
from recexplainer.plugins.interfaces import FloatArray
from recexplainer.records import Catalogue, Context
from recexplainer.runs.artifacts import write_arrays

__all__ = ["PullSamples"]

_EACH = 16
"""So many items that the target likes, and as many that it rejects, are drawn per context."""
_MOST, _MOST_NUMBERS = 16_000, 30_000_000
"""Contexts that are kept, and numbers in all (60 MB), which long histories reach first."""


class PullSamples:
    """Keeps, for contexts that are asked about, each history item's pull on 32 items.

    Args:
        catalogue: the items.
        seed: of the draws.
        longest: how many items a history has at most.
        most: contexts that are kept; of more, a random choice.
    """

    def __init__(self, catalogue: Catalogue, seed: int, longest: int, most: int = _MOST) -> None:
        self._catalogue, self._seed = catalogue, seed
        self._most = min(most, max(1, _MOST_NUMBERS // (2 * _EACH * max(1, longest))))
        self._heard = 0
        self._kept: list[tuple[list[int], NDArray[np.int64], NDArray[np.float16]]] = []

    def hear(self, context: Context, scores: FloatArray, without: Mapping[str, FloatArray]) -> None:
        """Take what the target answered; of a context heard twice, other items are drawn.

        Args:
            context: whose history it is.
            scores: ``(I,)``, after the whole history; those of items that are no candidates -inf.
            without: each distinct item of the history to the scores ``(I,)`` once it is removed.
        """
        favourites, others = decided_rows(scores)
        if not without or not len(favourites) or not len(others):
            return
        rng = case_rng(self._seed, f"pulls {context.id} {self._heard}")
        place = self._heard if self._heard < self._most else int(rng.integers(self._heard + 1))
        self._heard += 1
        if place >= self._most:  # a reservoir: each that was heard is as likely to be kept
            return
        items = np.concatenate([rng.choice(rows, _EACH) for rows in (favourites, others)])
        moved = scores[items] - np.stack([left[items] for left in without.values()])
        largest = np.abs(moved).max(axis=0)
        noise = NOISE * np.maximum(1.0, np.abs(scores[items]))
        shares = np.where(largest > noise, moved / np.maximum(largest, 1e-12), 0.0)
        of_item = dict(zip(without, shares, strict=True))
        history = self._catalogue.rows(context.history)
        own = np.stack([of_item[item] for item in context.history], axis=1)  # (K, L)
        sample = (history, items, own.astype(np.float16))
        self._kept[place : place + 1] = [sample]

    def write(self, path: Path) -> None:
        """Write what was heard, atomically; nothing where nothing was.

        The arrays are ``histories`` ``(N, L)``, rows of items with -1 before the first,
        ``items`` ``(N, 32)``, rows too, and ``shares`` ``(N, 32, L)``: how far the item at a place
        pulls the score of each item up (above 0) or down, as a share of what pulls it furthest.
        """
        path.unlink(missing_ok=True)
        if not self._kept:
            return
        longest = max(len(history) for history, _, _ in self._kept)
        histories = np.full((len(self._kept), longest), -1, dtype=np.int32)
        shares = np.zeros((len(self._kept), 2 * _EACH, longest), dtype=np.float16)
        for row, (history, _, own) in enumerate(self._kept):
            histories[row, longest - len(history) :] = history
            shares[row, :, longest - len(history) :] = own
        items = np.stack([items for _, items, _ in self._kept]).astype(np.int32)
        write_arrays(path, {"histories": histories, "items": items, "shares": shares})
