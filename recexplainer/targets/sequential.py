"""Sequential recommenders of RecBole as targets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from recexplainer.errors import DataError, RunFolderError, StageError, UnknownNameError
from recexplainer.plugins.interfaces import FitReport, FloatArray, LatentTarget, TargetKit
from recexplainer.records import Progress, TrainingHistories
from recexplainer.runs.artifacts import read_json, replacing, write_json
from recexplainer.targets.families import SequentialOptions
from recexplainer.targets.quality import held_out_ranks, ndcg_at
from recexplainer.targets.recbole_shim import build_model
from recexplainer.targets.training import limited_to, seeded, train
from recexplainer.targets.windows import cut_windows, pack

__all__ = ["SequentialTarget"]

_BATCH = 128
_WEIGHTS = "weights.safetensors"
_DESCRIPTION = "target.json"


class SequentialTarget(LatentTarget):
    """A RecBole model that reads a history and scores items by dot product with its vector.

    Args:
        options: which model, its hyper-parameters and how it is trained.
        kit: the items, how much history is read, and the seed of weights, order and dropout.
    """

    def __init__(self, options: SequentialOptions, kit: TargetKit) -> None:
        self._options = options
        self._kit = kit
        self._ids = {item: row + 1 for row, item in enumerate(kit.catalogue.ids)}
        self._trained: nn.Module | None = None

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        """Learn to predict every next item; stop by NDCG@10 on the validation items.

        Raises:
            DataError: no history has two items, or no user has a validation item.
        """
        width = self._kit.max_history
        histories = [self._encode(history) for history in training.histories.values()]
        windows = cut_windows(histories, width, self._options.stride or width)
        if not len(windows) or not training.validation:
            raise DataError(
                f"{self._options.model} needs histories of at least two items and validation "
                f"items to stop by; got {len(histories)} histories, {len(windows)} windows and "
                f"{len(training.validation)} validation items."
            )
        with seeded(self._kit.seed), limited_to(self._options.threads):
            model = self._untrained()
            report = train(
                model, windows, lambda: self._ndcg(model, training), self._options, progress
            )
        self._trained = model
        return report

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the dot products of user and item vectors, ``(B, I)``."""
        scores: FloatArray = self.user_vectors(histories) @ self.item_vectors().T
        return scores

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the model's output at the last item of each history, ``(B, d_rec)``.

        Raises:
            UnknownNameError: a history holds an item that is not in the catalogue.
        """
        with limited_to(self._options.threads):
            return self._read(self._model, histories)

    def item_vectors(self) -> FloatArray:
        """Return the item embeddings, ``(I, d_rec)``."""
        return _item_embeddings(self._model).copy()

    def save(self, folder: Path) -> None:
        """Write the weights, and beside them what they were trained with."""
        weights = {name: value.contiguous() for name, value in self._model.state_dict().items()}
        with replacing(folder / _WEIGHTS) as path:
            save_file(weights, path)
        write_json(folder / _DESCRIPTION, self._description())

    def load(self, folder: Path) -> None:
        """Restore saved weights.

        Raises:
            RunFolderError: nothing was saved there, or with other items or settings.
        """
        path = folder / _DESCRIPTION
        saved, expected = read_json(path), self._description()
        differing = [name for name in expected if saved.get(name) != expected[name]]
        if differing:
            raise RunFolderError(
                f"{path} was saved with other {', '.join(differing)} than this target was built "
                "with; build it with the same, or fit it again."
            )
        with seeded(self._kit.seed):
            model = self._untrained()
        model.load_state_dict(load_file(folder / _WEIGHTS))
        self._trained = model

    @property
    def _model(self) -> nn.Module:
        if self._trained is None:
            raise StageError(f"{self._options.model} has not been trained: call fit or load first.")
        return self._trained

    def _untrained(self) -> nn.Module:
        """Return the model with random weights, dropout off."""
        return build_model(
            self._options.model,
            self._options.settings(),
            items=len(self._kit.catalogue),
            max_history=self._kit.max_history,
        ).eval()

    def _description(self) -> dict[str, Any]:
        """Return what weights depend on, as JSON has it."""
        return {
            "model": self._options.model,
            "settings": dict(self._options.settings()),
            "max_history": self._kit.max_history,
            "items": list(self._kit.catalogue.ids),
        }

    def _encode(self, history: Sequence[str]) -> list[int]:
        try:
            return [self._ids[item] for item in history]
        except KeyError as error:
            raise UnknownNameError("item", str(error.args[0]), self._ids) from None

    def _read(self, model: nn.Module, histories: Sequence[Sequence[str]]) -> FloatArray:
        ids, lengths = pack([self._encode(h) for h in histories], self._kit.max_history)
        outputs = np.empty((len(ids), _item_embeddings(model).shape[1]), dtype=np.float32)
        # Not inference_mode: tensors made in it could not be trained with later.
        with torch.no_grad():
            for start in range(0, len(ids), _BATCH):
                part = slice(start, start + _BATCH)
                outputs[part] = model(ids[part], lengths[part]).numpy()
        return outputs

    def _ndcg(self, model: nn.Module, training: TrainingHistories) -> float:
        """Return NDCG@10 on the validation items, the histories' own items left out."""
        answers = [self._ids[item] - 1 for item in training.validation.values()]
        histories = [training.histories[user] for user in training.validation]
        seen = [self._kit.catalogue.rows(history) for history in histories]
        scores = self._read(model, histories) @ _item_embeddings(model).T
        ranks = held_out_ranks(scores, answers, seen)
        return fmean(0.0 if rank is None else ndcg_at(rank) for rank in ranks)


def _item_embeddings(model: nn.Module) -> FloatArray:
    """Return the embeddings of items, without that of padding, ``(I, d_rec)``."""
    weights: FloatArray = model.get_parameter("item_embedding.weight").detach().numpy()
    return weights[1:]
