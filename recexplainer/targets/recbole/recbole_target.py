"""Base of all targets made of RecBole's models."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file
from torch import Tensor, nn

from recexplainer.errors import DataError, RunFolderError, StageError, UnknownNameError
from recexplainer.plugins.interfaces import FloatArray, Target, TargetKit
from recexplainer.records import TrainingHistories
from recexplainer.runs.artifacts import read_json, replacing, write_json
from recexplainer.targets.recbole.families import Family, TrainingOptions
from recexplainer.targets.recbole.recbole_data import Interactions
from recexplainer.targets.recbole.recbole_shim import build_model
from recexplainer.targets.target_quality import held_out_standings, ndcg_at, score_rows

__all__ = ["DESCRIPTION", "RecBoleTarget", "weights_of"]

_WEIGHTS = "weights.safetensors"
DESCRIPTION = "target.json"
"""Written last: where it lies, all that was saved does."""
Arrays = Mapping[str, np.ndarray[Any, np.dtype[Any]]]


class RecBoleTarget(Target):
    """A model of RecBole: what it is built from, its ids, and how it is kept.

    A subclass trains it in ``fit``, and says what of it is kept in ``_kept`` and ``_restore``.

    Args:
        family: which model, and how it is read.
        settings: its hyper-parameters, where they differ from RecBole's defaults.
        options: how it is trained.
        kit: the items, how much history is read, and the seed of all randomness.
    """

    def __init__(
        self, family: Family, settings: Mapping[str, Any], options: TrainingOptions, kit: TargetKit
    ) -> None:
        self._family, self._settings = family, settings
        self._options, self._kit = options, kit
        self._ids = {item: row + 1 for row, item in enumerate(kit.catalogue.ids)}

    def save(self, folder: Path) -> None:
        """Write what was learned, and beside it what it was trained with."""
        with replacing(folder / _WEIGHTS) as path:
            # As C arrays that keep their shape: ``ascontiguousarray`` adds an axis to a number.
            save_file({name: np.array(a, order="C") for name, a in self._kept().items()}, path)
        write_json(folder / DESCRIPTION, self._description())

    def load(self, folder: Path) -> None:
        """Restore what was saved.

        Raises:
            RunFolderError: nothing was saved there, or with other items or settings.
        """
        path = folder / DESCRIPTION
        saved, expected = read_json(path), self._description()
        differing = [name for name in expected if saved.get(name) != expected[name]]
        if differing:
            raise RunFolderError(
                f"{path} was saved with other {', '.join(differing)} than this target was built "
                "with; build it with the same, or fit it again."
            )
        self._restore(load_file(folder / _WEIGHTS))

    @abstractmethod
    def _kept(self) -> Arrays:
        """Return all that ``fit`` learned."""

    @abstractmethod
    def _restore(self, kept: Arrays) -> None:
        """Take back what ``_kept`` returned."""

    def _description(self) -> dict[str, Any]:
        """Return what weights depend on, as JSON has it."""
        return {
            "model": self._family.model,
            "settings": dict(self._settings),
            "max_history": self._kit.max_history,
            "items": list(self._kit.catalogue.ids),
        }

    def _untrained(self, data: Interactions) -> nn.Module:
        """Return the model with random weights, dropout off."""
        return build_model(self._family.model, self._settings, data).eval()

    def _encode(self, histories: Sequence[Sequence[str]]) -> list[list[int]]:
        """Return the ids, from 1, of the last ``max_history`` items of each history.

        Raises:
            UnknownNameError: a history holds an item that is not in the catalogue.
        """
        width = self._kit.max_history
        try:
            known = [list(map(self._ids.__getitem__, history)) for history in histories]
        except KeyError as error:
            raise UnknownNameError("item", str(error.args[0]), self._ids) from None
        return [history[-width:] for history in known]

    def _learned_from(self, training: TrainingHistories) -> list[list[int]]:
        """Return all histories as ids, one per user, in order.

        Raises:
            DataError: there is nothing to learn from, or nothing to stop by.
        """
        histories = [
            [self._ids[item] for item in history] for history in training.histories.values()
        ]
        if not any(len(history) > 1 for history in histories) or not training.validation:
            raise DataError(
                f"{self._family.model} needs histories of at least two items and validation "
                f"items to stop by; got {len(histories)} histories, the longest of "
                f"{max(map(len, histories), default=0)}, and {len(training.validation)} "
                "validation items."
            )
        return histories

    def _ndcg(self, scores: Callable[[slice], FloatArray], training: TrainingHistories) -> float:
        """Return NDCG@10 on the validation items, the histories' own items left out.

        Args:
            scores: returns ``(B, I)`` for a slice of the users that have a validation item, in
                their order; it is asked for a few at a time, since all may be too much to hold.
            training: their histories and validation items.
        """
        answers = [self._ids[item] - 1 for item in training.validation.values()]
        seen = [self._kit.catalogue.rows(training.histories[user]) for user in training.validation]
        rows = score_rows(scores, len(answers), len(self._kit.catalogue))
        standings = held_out_standings(rows, answers, seen)
        return fmean(0.0 if found is None else ndcg_at(found) for found in standings)

    def _not_trained(self) -> StageError:
        return StageError(f"{self._family.model} has not been trained: call fit or load first.")


def weights_of(model: nn.Module) -> dict[str, np.ndarray[Any, np.dtype[Any]]]:
    """Return the weights of ``model`` by name."""
    state: Mapping[str, Tensor] = model.state_dict()
    return {name: value.numpy() for name, value in state.items()}
