"""What Cornac's autoencoders have in common: an encoder that reads any history."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import Tensor, nn

from recexplainer.errors import StageError
from recexplainer.plugins.interfaces import FitReport, FloatArray, LatentTarget, TargetKit
from recexplainer.records import Progress, TrainingHistories
from recx_cornac.histories import HistoryReader
from recx_cornac.library import computing, load_cornac
from recx_cornac.options import AutoencoderOptions
from recx_cornac.storing import Tensors, load_tensors, save_tensors

__all__ = ["AutoencoderTarget", "dense_rows"]

OptionsT = TypeVar("OptionsT", bound=AutoencoderOptions)
_ITEMS = "item_vectors"
_ROWS_AT_ONCE = 256


class AutoencoderTarget(LatentTarget, Generic[OptionsT]):
    """Encodes the history, and scores items by dot product with what the decoder multiplies.

    Scores are what goes into the decoder's last function (softmax or sigmoid): that keeps their
    order, and small differences are not lost in it.

    Args:
        options: shape and training.
        kit: the items, how much history is read, and the seed.
    """

    name: ClassVar[str]
    """As registered."""

    def __init__(self, options: OptionsT, kit: TargetKit) -> None:
        self._options, self._kit = options, kit
        self._reader = HistoryReader(kit)
        self._learned: tuple[nn.Module, FloatArray] | None = None

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        """Train on the whole training histories; Cornac tells nothing until it is done.

        Raises:
            DataError: there is no interaction to learn from.
        """
        dataset = self._reader.dataset(training, self.name)
        with (
            computing(self._options.threads),
            progress.bar(f"Training {self.name}: {self._options.epochs} epochs", 1) as bar,
        ):
            module = self._trained(dataset).eval()
            with torch.no_grad():
                items = self._items(module, dataset.matrix)
            bar.advance()
        self._learned = module, items
        return FitReport(epochs=self._options.epochs, best_epoch=self._options.epochs)

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the dot products of user and item vectors, ``(B, I)``."""
        scores: FloatArray = self.user_vectors(histories) @ self._known[1].T
        return scores

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return what is made of each history, without drawing at random, ``(B, d_rec)``.

        Raises:
            UnknownNameError: a history holds an item that is not in the catalogue.
        """
        module, items = self._known
        vectors = np.empty((len(histories), items.shape[1]), dtype=np.float32)
        with computing(self._options.threads), torch.no_grad():
            for part, rows in dense_rows(self._reader.window(histories)):
                vectors[part] = self._users(module, rows).numpy()
        return vectors

    def item_vectors(self) -> FloatArray:
        """Return what a user's vector is multiplied with, ``(I, d_rec)``."""
        return self._known[1].copy()

    def save(self, folder: Path) -> None:
        """Write the weights and the item vectors."""
        module, items = self._known
        weights = {name: value.numpy() for name, value in module.state_dict().items()}
        save_tensors(folder, {**weights, _ITEMS: items}, self.name, self._options, self._kit)

    def load(self, folder: Path) -> None:
        """Restore what ``save`` wrote.

        Raises:
            RunFolderError: nothing was saved there, or with other items or options.
        """
        saved = dict(load_tensors(folder, self.name, self._options, self._kit))
        items = saved.pop(_ITEMS)
        load_cornac()
        with computing(self._options.threads):
            module = self._untrained(saved)
        module.load_state_dict({name: torch.from_numpy(value) for name, value in saved.items()})
        self._learned = module.eval(), items

    @abstractmethod
    def _trained(self, dataset: Any) -> nn.Module:
        """Return the network that Cornac trains on ``dataset``."""

    @abstractmethod
    def _untrained(self, weights: Tensors) -> nn.Module:
        """Return a network into which ``weights`` fit."""

    @abstractmethod
    def _items(self, module: nn.Module, matrix: csr_matrix) -> FloatArray:
        """Return the item vectors; ``matrix`` is what was trained on, ``(users, I)``."""

    @abstractmethod
    def _users(self, module: nn.Module, rows: Tensor) -> Tensor:
        """Return the vectors of histories given as ``(B, I)`` ones and zeros."""

    @property
    def _known(self) -> tuple[nn.Module, FloatArray]:
        if self._learned is None:
            raise StageError(f"{self.name} has not been trained: call fit or load first.")
        return self._learned


def dense_rows(matrix: csr_matrix) -> Iterator[tuple[slice, Tensor]]:
    """Yield which rows, and these rows as a tensor: never the whole matrix at once."""
    for start in range(0, matrix.shape[0], _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        yield part, torch.from_numpy(matrix[part].toarray().astype(np.float32, copy=False))
