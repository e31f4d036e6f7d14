"""Base of targets made elsewhere: asks the model and validates its answers.

Whatever the model is (a Python object, a table of vectors, a server, a file), it answers histories
of item ids in an item order of its own. What comes back is checked before anything learns from it.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recexplainer.errors import RecxError, UnknownNameError, UserError, nearest
from recexplainer.plugins.interfaces import FitReport, FloatArray, LatentTarget, Target, TargetKit
from recexplainer.plugins.registry import FAILURES, summarize
from recexplainer.records import Catalogue, Progress, TrainingHistories
from recexplainer.targets.external import fingerprint as probing
from recexplainer.targets.external.column_order import check_columns, check_rows

__all__ = ["LatentOutsideTarget", "OutsideModel", "OutsideTarget", "VectorModel", "checked_floats"]

Check = Callable[[TrainingHistories], Iterable[str]]
"""A look at what only one kind of model has; returns notes, raises UserError."""


class OutsideModel(Protocol):
    """Anything that scores histories. What it returns may be whatever numpy can read."""

    def scores(self, histories: list[list[str]], /) -> Any:
        """Return ``(B, I)`` for B histories of item ids, oldest first."""


class VectorModel(OutsideModel, Protocol):
    """A model that also tells its vectors."""

    def user_vectors(self, histories: list[list[str]], /) -> Any:
        """Return ``(B, d_rec)``."""

    def item_vectors(self) -> Any:
        """Return ``(I, d_rec)``."""


class OutsideTarget(Target):
    """A model made elsewhere, as a target that can be aligned by behavior.

    Args:
        model: what is asked, with at most ``batch_size`` histories of at most ``kit.max_history``
            known items at a time.
        kit: the items that are asked about.
        source: what to call the model in messages, such as ``my_model:factory``.
        item_ids: the model's own items, in the order of its columns; None for the catalogue's.
        batch_size: how many histories it is asked about at once.
        check: looks at what only this kind of model has, before it is asked anything else; returns
            notes.

    Raises:
        UserError: the model does not know an item of the catalogue.
    """

    def __init__(
        self,
        model: OutsideModel,
        kit: TargetKit,
        source: str,
        *,
        item_ids: Sequence[str] | None = None,
        batch_size: int = 128,
        check: Check | None = None,
    ) -> None:
        self._model, self._kit, self._source = model, kit, source
        self._check = check
        self._batch_size = batch_size
        ids = kit.catalogue.ids if item_ids is None else item_ids
        self._item_ids, self._width = ids, len(ids)
        self._columns = None if item_ids is None else _columns(ids, kit.catalogue, source)
        self._known = frozenset(kit.catalogue.ids)

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        """Learn nothing: ask twice, alone and in a batch, and what users of ``training`` took next.

        Raises:
            UserError: the model cannot be a target; says what it answered and what is required.
        """
        progress.note(f"{self._source} comes trained; it is asked a few histories to see")
        for note in () if self._check is None else self._check(training):
            progress.note(note)
        probing.check_steady(self.scores, self._probes, self._source)
        check_columns(self._in_own_order, self._item_ids, training, self._kit, self._source)
        return FitReport()

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the model's scores, ``(B, I)``.

        Raises:
            UnknownNameError: a history holds an item that is not in the catalogue.
            UserError: the model failed, or answered with something else than finite numbers.
        """
        answer = self._in_own_order(histories)
        return answer if self._columns is None else answer[:, self._columns]

    def save(self, folder: Path) -> None:
        """Write no model, only what it answers to a few histories, to know it by."""
        probing.save(folder, self._kit.catalogue, self._probes, self.scores(self._probes))

    def load(self, folder: Path) -> None:
        """See whether the model is the one that was saved.

        Raises:
            RunFolderError: it answers otherwise, or other items were asked about.
        """
        probing.compare(folder, self._kit.catalogue, self.scores, self._source)

    @property
    def _probes(self) -> list[list[str]]:
        return probing.histories(self._kit.catalogue, self._kit.max_history)

    def _batches(self, histories: Sequence[Sequence[str]]) -> list[list[list[str]]]:
        cut = [list(history)[-self._kit.max_history :] for history in histories]
        for item in (item for history in cut for item in history):
            if item not in self._known:
                raise UnknownNameError("item", item, self._kit.catalogue.ids)
        size = self._batch_size
        return [cut[start : start + size] for start in range(0, len(cut), size)]

    def _asked(self, method: str, batch: list[list[str]], width: int | None) -> FloatArray:
        answer = _call(self._model, method, self._source, [list(history) for history in batch])
        return checked_floats(answer, (len(batch), width), f"{self._source}: {method}()")

    def _in_own_order(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the scores of all of the model's own items, in its own order."""
        rows = [self._asked("scores", batch, self._width) for batch in self._batches(histories)]
        return np.concatenate(rows) if rows else np.empty((0, self._width), np.float32)


class LatentOutsideTarget(OutsideTarget, LatentTarget):
    """A model made elsewhere that has vectors; it is a ``VectorModel``."""

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        """Check the vectors as well as the scores. Raises as ``OutsideTarget.fit`` does."""
        report = super().fit(training, progress)
        probing.check_steady(self.user_vectors, self._probes, self._source, "user_vectors")
        self._check_rows()
        return report

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the model's vector of each history, ``(B, d_rec)``. Raises as ``scores`` does."""
        rows = [self._asked("user_vectors", batch, None) for batch in self._batches(histories)]
        if not rows:
            rows = [self._asked("user_vectors", [[]], None)[:0]]
        return np.concatenate(rows)

    def item_vectors(self) -> FloatArray:
        """Return the model's vector of each item, ``(I, d_rec)``. Raises as ``scores`` does."""
        vectors = self._own_item_vectors()
        return vectors if self._columns is None else vectors[self._columns]

    def _own_item_vectors(self) -> FloatArray:
        answer = _call(self._model, "item_vectors", self._source)
        return checked_floats(answer, (self._width, None), f"{self._source}: item_vectors()")

    def _check_rows(self) -> None:
        """Require that the item vectors, if they make the scores, stand as the scores do."""
        users, items = self.user_vectors(self._probes), self._own_item_vectors()
        if users.shape[1] == items.shape[1]:
            check_rows(self._in_own_order(self._probes), users @ items.T, self._source)


def checked_floats(answer: object, shape: tuple[int, int | None], what: str) -> FloatArray:
    """Return ``answer`` as an array of the caller's own.

    Args:
        answer: numbers, as an array, a tensor or nested lists.
        shape: what it must have; None where any width will do.
        what: the subject of the message.

    Raises:
        UserError: it is not numbers, has another shape, or holds NaN or infinite numbers.
    """
    if hasattr(answer, "detach"):  # a tensor, wherever it lives and whether or not it is trained
        answer = answer.detach().cpu().float().numpy()
    try:
        values = np.asarray(answer)
    except (ValueError, TypeError) as error:
        raise UserError(f"{what} returned rows of different lengths ({error}).") from None
    expected = f"({shape[0]}, {'d_rec' if shape[1] is None else shape[1]})"
    if values.dtype.kind not in "fiub":
        raise UserError(
            f"{what} returned {type(answer).__name__} of {values.dtype}; return numbers of shape "
            f"{expected}."
        )
    if values.ndim != 2 or values.shape[0] != shape[0] or shape[1] not in {None, values.shape[1]}:
        raise UserError(
            f"{what} returned the shape {values.shape}, where {expected} is needed: one row per "
            f"{'history' if 'item_vectors' not in what else 'item'}."
        )
    with np.errstate(over="ignore"):
        floats = np.array(values, dtype=np.float32)
    wrong = np.argwhere(~np.isfinite(floats))
    if len(wrong):
        row, column = wrong[0]
        raise UserError(
            f"{what} returned {len(wrong)} numbers that are not finite in float32, the first "
            f"({values[row, column]}) in row {row}, column {column}; give each a finite value."
        )
    return floats


def _call(model: object, method: str, source: str, *arguments: object) -> object:
    """Ask the model; what it raises becomes one line that names the place."""
    try:
        return getattr(model, method)(*arguments)
    except RecxError:
        raise
    except FAILURES as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        raise UserError(
            f"{source}: {method}() raised {summarize(error)} ({place.filename}:{place.lineno})."
        ) from error


def _columns(ids: Sequence[str], catalogue: Catalogue, source: str) -> NDArray[np.int64]:
    """Return where the model keeps each item of the catalogue."""
    place = {item: row for row, item in enumerate(ids)}
    if len(place) != len(ids):
        twice = next(item for row, item in enumerate(ids) if place[item] != row)
        raise UserError(f"{source} names the item {twice!r} twice; name each once.")
    missing = [item for item in catalogue.ids if item not in place]
    if missing:
        close = nearest(missing[0], ids, 1) or list(ids[:1])
        example = f" (it has {close[0]!r})" if close else ""
        raise UserError(
            f"{source} does not know {len(missing)} of the {len(catalogue)} items, such as "
            f"{missing[0]!r}{example}; use the data set's own ids, or leave these items out of it."
        )
    return np.array([place[item] for item in catalogue.ids], dtype=np.int64)
