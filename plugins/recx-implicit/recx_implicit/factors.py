"""What ALS and BPR have in common: item factors, and one vector for any history."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from recexplainer.errors import DataError, RunFolderError, StageError, UnknownNameError
from recexplainer.plugins.interfaces import FitReport, FloatArray, LatentTarget, TargetKit
from recexplainer.records import Progress, TrainingHistories
from recx_implicit.options import FactorOptions

__all__ = ["FactorTarget", "single_threaded_blas"]

OptionsT = TypeVar("OptionsT", bound=FactorOptions)
_FILE = "factors.safetensors"


class FactorTarget(LatentTarget, Generic[OptionsT]):
    """Scores by dot product of a user's vector with the item factors.

    The histories are sets with counts to these models: the order of items does not matter. A
    subclass trains, and turns a history that no user had into a vector.

    Args:
        options: hyper-parameters.
        kit: the items, how much history is read, and the seed.
    """

    name: ClassVar[str]
    """As registered."""

    def __init__(self, options: OptionsT, kit: TargetKit) -> None:
        self._options, self._kit = options, kit
        self._rows = {item: row for row, item in enumerate(kit.catalogue.ids)}
        self._learned: Mapping[str, NDArray[np.float32]] | None = None

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        """Factorize the training histories, whole; shown as one bar over iterations.

        Raises:
            DataError: there is no interaction to learn from.
        """
        histories = list(training.histories.values())
        matrix = self._counts(self._encoded(histories))
        if not matrix.nnz:
            raise DataError(f"{self.name} needs interactions; got {len(histories)} empty histories")
        with single_threaded_blas():
            learned, figures = self._trained(matrix, self._window(histories), progress)
        self._restore(learned)
        return FitReport(validation=figures)

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the dot products of user and item vectors, ``(B, I)``."""
        scores: FloatArray = self.user_vectors(histories) @ self._tensor("items").T
        return scores

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the vector of each history, ``(B, d_rec)``.

        Raises:
            UnknownNameError: a history holds an item that is not in the catalogue.
        """
        with single_threaded_blas():
            return np.ascontiguousarray(self._folded(self._window(histories)), dtype=np.float32)

    def item_vectors(self) -> FloatArray:
        """Return the item factors, ``(I, d_rec)``; zeros for items without any interaction."""
        return self._tensor("items").copy()

    def save(self, folder: Path) -> None:
        """Write what was learned, and with it what it was learned with."""
        self._tensor("items")
        save_file(dict(self._learned or {}), folder / _FILE, metadata=self._description())

    def load(self, folder: Path) -> None:
        """Restore what ``save`` wrote.

        Raises:
            RunFolderError: nothing was saved there, or with other items or options.
        """
        path = folder / _FILE
        if not path.is_file():
            raise RunFolderError(f"there is no {path}; fit the target again.")
        with safe_open(path, framework="numpy") as saved:
            found, expected = saved.metadata() or {}, self._description()
            differing = [key for key in expected if found.get(key) != expected[key]]
            if differing:
                raise RunFolderError(
                    f"{path} was saved with other {', '.join(differing)} than this target was "
                    "built with; build it with the same, or fit it again."
                )
            self._restore({key: saved.get_tensor(key) for key in saved.keys()})  # noqa: SIM118

    @abstractmethod
    def _trained(
        self, matrix: csr_matrix, windows: csr_matrix, progress: Progress
    ) -> tuple[Mapping[str, NDArray[np.float32]], Mapping[str, float]]:
        """Return what is learned, ``items`` among it, and figures on how well.

        Args:
            matrix: ``(users, I)`` counts of the whole training histories.
            windows: the same of what is read of them when the target is asked.
            progress: where the bar is shown.
        """

    @abstractmethod
    def _folded(self, counts: csr_matrix) -> NDArray[np.floating[Any]]:
        """Return the vectors of histories given as ``(B, I)`` counts."""

    def _restore(self, learned: Mapping[str, NDArray[np.float32]]) -> None:
        self._learned = learned

    def _tensor(self, name: str) -> NDArray[np.float32]:
        if self._learned is None:
            raise StageError(f"{self.name} has not been trained: call fit or load first.")
        return self._learned[name]

    def _window(self, histories: Iterable[Sequence[str]]) -> csr_matrix:
        """Return the counts of the last ``max_history`` items of each history, ``(B, I)``."""
        return self._counts(rows[-self._kit.max_history :] for rows in self._encoded(histories))

    def _encoded(self, histories: Iterable[Sequence[str]]) -> Iterator[list[int]]:
        for history in histories:
            try:
                yield [self._rows[item] for item in history]
            except KeyError as error:
                raise UnknownNameError("item", str(error.args[0]), self._rows) from None

    def _counts(self, histories: Iterable[list[int]]) -> csr_matrix:
        rows = list(histories)
        starts = np.cumsum([0, *map(len, rows)])
        columns = np.array([row for history in rows for row in history], dtype=np.int32)
        ones = np.ones(len(columns), dtype=np.float32)
        matrix = csr_matrix((ones, columns, starts), shape=(len(rows), len(self._rows)))
        matrix.sum_duplicates()
        return matrix

    def _description(self) -> dict[str, str]:
        """Return what the factors depend on."""
        return {
            "target": self.name,
            "options": self._options.model_dump_json(exclude={"threads"}),
            "max_history": str(self._kit.max_history),
            "items": json.dumps(self._kit.catalogue.ids),
        }


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Keep BLAS to one thread, as implicit asks for: its own threads and BLAS's fight for cores."""
    with threadpool_limits(1, "blas"):
        yield
