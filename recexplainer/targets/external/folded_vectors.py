"""Item vectors as a target: a history's vector is made from those of its items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from recexplainer.errors import StageError, UserError
from recexplainer.plugins.interfaces import FitReport, FloatArray, TargetKit
from recexplainer.records import Progress, TrainingHistories
from recexplainer.runs.artifacts import read_arrays, write_arrays
from recexplainer.targets.external.external_target import LatentOutsideTarget
from recexplainer.targets.external.vector_files import VectorTable
from recexplainer.targets.fold_in.closed_form import fold_in
from recexplainer.targets.fold_in.learned_fold_in import FoldIn, agreement, learn_fold_in

__all__ = ["FoldedModel", "FoldedTarget", "HistoryVector", "Reading"]

HistoryVector = Literal["learned", "fold-in", "mean", "last"]
_COMPARED = 500
"""Users, drawn evenly, whose own vectors are compared."""
_FEWEST = 20
"""Users that a map can be learned from; below, a fold of the cross-validation has next to none."""
_FILE = "fold-in.npz"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a history gets its vector, and a vector its scores.

    Attributes:
        history: ``learned`` is a linear map from the items' vectors to the users', learned from the
            users that are known; ``fold-in`` solves for the vector that scores the items nearest
            to 1; ``mean`` and ``last`` take the items' own vectors.
        ridge: of ``fold-in``, as a multiple of the items' mean squared length.
        cosine: compare directions only.
    """

    history: HistoryVector
    ridge: float
    cosine: bool = False


class FoldedModel:
    """Scores histories by the similarity of a vector made from their items.

    Args:
        items: the item vectors and their ids.
        reading: how.

    Attributes:
        learned: the map of ``learned``, once there is one.
    """

    def __init__(self, items: VectorTable, reading: Reading) -> None:
        self.item_ids = items.ids
        self.learned: FoldIn | None = None
        self._row = {item: row for row, item in enumerate(items.ids)}
        self._items = self.compared(items.vectors, reading)
        self._reading = reading
        self._ridge = reading.ridge * float((self._items.astype(np.float64) ** 2).sum(1).mean())

    @staticmethod
    def compared(vectors: FloatArray, reading: Reading) -> FloatArray:
        """Return what is multiplied: the vectors, or their directions; zeros stay zeros."""
        if not reading.cosine:
            return vectors
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        directions: FloatArray = vectors / np.maximum(lengths, np.float32(1e-12))
        return directions

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the dot products or cosines, ``(B, rows)``."""
        scores: FloatArray = self.user_vectors(histories) @ self._items.T
        return scores

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return ``(B, d_rec)``; an empty history gets zeros, or what the map has for it."""
        rows = [self.rows(history) for history in histories]
        if self._reading.history == "learned":
            if self.learned is None:
                raise StageError("the map to user vectors is not there: call fit or load first.")
            vectors = self.learned.users(rows)
        elif self._reading.history == "fold-in":
            vectors = fold_in(self._items, rows, self._ridge)
        else:
            vectors = np.zeros((len(rows), self._items.shape[1]), dtype=np.float32)
            for place, read in enumerate(rows):
                kept = read[-1:] if self._reading.history == "last" else read
                if kept:
                    vectors[place] = self._items[kept].mean(axis=0)
        return self.compared(vectors, self._reading)

    def item_vectors(self) -> FloatArray:
        """Return ``(rows, d_rec)``, of length 1 where cosines are taken."""
        return self._items

    def rows(self, history: Sequence[str]) -> list[int]:
        """Return the table's rows of a history's items."""
        return [self._row[item] for item in history]


class FoldedTarget(LatentOutsideTarget):
    """A ``FoldedModel`` as a target; fitting it compares what histories get with users' own.

    Args:
        items: the item vectors, all of the catalogue's among them.
        users: the users' own vectors, if there are any, as wide as the items'.
        reading: how histories are read; ``learned`` needs users.
        kit: the items that are asked about.
        source: what to call the vectors in messages.

    Raises:
        UserError: an item of the catalogue has no vector, or the widths differ.
    """

    def __init__(
        self,
        items: VectorTable,
        users: VectorTable | None,
        reading: Reading,
        kit: TargetKit,
        source: str,
    ) -> None:
        self._folded = FoldedModel(items, reading)
        super().__init__(self._folded, kit, source, item_ids=items.ids)
        self._users, self._reading = users, reading
        width = items.vectors.shape[1]
        if users is not None and users.vectors.shape[1] != width:
            raise UserError(
                f"{source}: users have {users.vectors.shape[1]} numbers and items {width}; both "
                "need the same d_rec."
            )

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        """Learn the map, if one is asked for, and compare with the users' own vectors.

        Raises:
            UserError: no user of the table is one of the data set, or the vectors cannot be a
                target.
        """
        measured = {} if self._users is None else self._against_own(self._users, training)
        super().fit(training, progress)
        if measured:
            progress.note(
                f"histories fold in with cosine {measured['fold_in_cosine']:.2f} to the users' own "
                f"vectors, and {measured['fold_in_overlap@10']:.0%} of their top 10"
            )
        return FitReport(validation=measured)

    def save(self, folder: Path) -> None:
        """Write the map, if there is one, and what the target answers."""
        if self._folded.learned is not None:
            write_arrays(folder / _FILE, {"weights": self._folded.learned.weights})
        super().save(folder)

    def load(self, folder: Path) -> None:
        """Restore the map, if there is one. Raises RunFolderError as ``OutsideTarget`` does."""
        if self._reading.history == "learned":
            weights = read_arrays(folder / _FILE)["weights"]
            self._folded.learned = FoldIn(self._folded.item_vectors(), weights)
        super().load(folder)

    def _against_own(self, users: VectorTable, training: TrainingHistories) -> dict[str, float]:
        """Learn the map, and return how close histories come to users it was not learned from."""
        known = [row for row, user in enumerate(users.ids) if training.histories.get(user)]
        learns = self._reading.history == "learned"
        if len(known) < (_FEWEST if learns else 1):
            raise UserError(
                f"{self._source}: {len(known)} of its {len(users.ids)} users (such as "
                f"{users.ids[0]!r}) are users of the data set (such as "
                f"{next(iter(training.histories), 'none')!r}), and {_FEWEST if learns else 1} are "
                "needed; use the data set's own ids, or leave user vectors out."
            )
        own = self._folded.compared(users.vectors[known], self._reading)
        seen = [self._folded.rows(training.histories[users.ids[row]]) for row in known]
        read = [rows[-self._kit.max_history :] for rows in seen]
        items, seed = self._folded.item_vectors(), self._kit.seed
        if learns:
            self._folded.learned, given = learn_fold_in(items, own, read, seed)
        else:
            ids = self._folded.item_ids
            given = self._folded.user_vectors([[ids[row] for row in rows] for rows in read])
        drawn = np.random.default_rng(seed).permutation(len(known))[:_COMPARED]
        found = agreement(
            own[drawn], given[drawn], lambda some: some @ items.T, [seen[user] for user in drawn]
        )
        return {"fold_in_cosine": found.cosine, "fold_in_overlap@10": found.overlap}
