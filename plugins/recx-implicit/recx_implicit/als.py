"""Alternating least squares of ``implicit``, which can take its own scores apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from implicit.als import AlternatingLeastSquares  # type: ignore[import-untyped]
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from recexplainer.records import Progress
from recx_implicit.factors import FactorTarget, single_threaded_blas
from recx_implicit.options import AlsOptions

__all__ = ["AlsTarget"]


class AlsTarget(FactorTarget[AlsOptions]):
    """A history's vector is the library's ``recalculate_user``: one least-squares problem."""

    name: ClassVar[str] = "implicit-als"
    _model: Any
    """The library's model; there as soon as there are factors."""

    def contributions(self, history: Sequence[str], item: str) -> dict[str, float]:
        """Return what each item of ``history`` adds to the score of ``item``; they sum up to it.

        These are the library's own (Hu, Koren and Volinsky, section 5).

        Args:
            history: item ids, of which the last ``max_history`` are read.
            item: id of the item that is scored.

        Raises:
            UnknownNameError: an id is not in the catalogue.
        """
        counts = self._window([history])
        self._tensor("items")
        (row,) = next(self._encoded([[item]]))
        with single_threaded_blas():
            _, parts, _ = self._model.explain(0, counts, row, N=max(1, counts.nnz))
        ids = self._kit.catalogue.ids
        return {ids[part]: float(value) for part, value in parts}

    def _trained(
        self,
        matrix: csr_matrix,
        windows: csr_matrix,  # noqa: ARG002  # the solver needs no rehearsal
        progress: Progress,
    ) -> tuple[Mapping[str, NDArray[np.float32]], Mapping[str, float]]:
        model = self._untrained()
        with progress.bar(f"Training {self.name}", self._options.iterations) as bar:
            model.fit(matrix, show_progress=False, callback=lambda *_: bar.advance())
        return {"items": model.item_factors}, {}

    def _folded(self, counts: csr_matrix) -> NDArray[np.floating[Any]]:
        self._tensor("items")
        vectors: NDArray[np.float32] = self._model.recalculate_user(
            np.arange(counts.shape[0]), counts
        )
        return vectors

    def _restore(self, learned: Mapping[str, NDArray[np.float32]]) -> None:
        super()._restore(learned)
        self._model = self._untrained()
        self._model.item_factors = learned["items"]

    def _untrained(self) -> Any:
        with single_threaded_blas():
            return AlternatingLeastSquares(
                factors=self._options.factors,
                regularization=self._options.regularization,
                alpha=self._options.alpha,
                iterations=self._options.iterations,
                num_threads=self._options.threads,
                random_state=self._kit.seed,
                use_gpu=False,
            )
