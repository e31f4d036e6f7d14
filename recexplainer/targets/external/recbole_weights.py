"""RecBole's own sequential model with the weights of a checkpoint, for asking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from recexplainer.errors import DataError, UserError
from recexplainer.plugins.interfaces import FloatArray
from recexplainer.targets.external.recbole_checkpoint import Checkpoint
from recexplainer.targets.recbole.epochs import limited_to, seeded
from recexplainer.targets.recbole.padded_windows import pack
from recexplainer.targets.recbole.recbole_data import Interactions
from recexplainer.targets.recbole.recbole_shim import build_model

__all__ = ["SequentialModel"]


class SequentialModel:
    """A sequential model as it was when RecBole saved it.

    Args:
        checkpoint: its settings, weights and items.
        threads: CPU threads to compute with.

    Raises:
        UserError: RecBole has no such model, or the model wants more than a history of ids.
        DataError: the weights are not those of this model with these settings.
    """

    def __init__(self, checkpoint: Checkpoint, threads: int) -> None:
        self.width = int(checkpoint.settings.get("MAX_ITEM_LIST_LENGTH") or 50)
        self._threads = threads
        self._rows = {item: row + 1 for row, item in enumerate(checkpoint.item_ids)}
        self._model = _built(checkpoint, self.width)

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return RecBole's ``full_sort_predict``, ``(B, I)``, without the column of padding."""
        ids, lengths = self._packed(histories)
        asked = {"item_id_list": ids, "item_length": lengths}
        scores = self._computed(lambda: self._model.full_sort_predict(asked))
        return scores.reshape(len(ids), -1)[:, 1 : len(self._rows) + 1]

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the model's output at the last item, ``(B, d_rec)``."""
        ids, lengths = self._packed(histories)
        return self._computed(lambda: self._model(ids, lengths))

    def item_vectors(self) -> FloatArray:
        """Return the item embeddings, ``(I, d_rec)``."""
        weight: FloatArray = self._model.get_parameter("item_embedding.weight").detach().numpy()
        return weight[1 : len(self._rows) + 1]

    def _packed(self, histories: Sequence[Sequence[str]]) -> tuple[Tensor, Tensor]:
        return pack([[self._rows[item] for item in one] for one in histories], self.width)

    def _computed(self, ask: Any) -> FloatArray:
        with limited_to(self._threads), torch.no_grad():
            answer: FloatArray = ask().numpy()
        return answer


def _built(checkpoint: Checkpoint, width: int) -> Any:
    """Return the model with the checkpoint's weights, dropout off."""
    data = Interactions.none(len(checkpoint.item_ids), max_history=width)
    weights = {
        name: torch.from_numpy(np.ascontiguousarray(stored.read()))
        for name, stored in checkpoint.weights.items()
    }
    try:
        with seeded(0):
            model: nn.Module = build_model(checkpoint.model, checkpoint.settings, data)
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise UserError(
            f"{checkpoint.path}: {checkpoint.model} cannot be built from item ids alone "
            f"({type(error).__name__}: {error}); wrap it as --target python."
        ) from error
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        first = str(error).split("\n")[1:2] or [str(error)]
        raise DataError(
            f"the weights are not those of {checkpoint.model} with the settings beside them: "
            f"{first[0].strip()}",
            path=checkpoint.path,
        ) from None
    return model.eval()
