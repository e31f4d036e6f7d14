"""Sequential recommenders of RecBole as targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from recexplainer.plugins.interfaces import FitReport, FloatArray, LatentTarget
from recexplainer.records import Progress, TrainingHistories
from recexplainer.targets.recbole_data import Interactions
from recexplainer.targets.recbole_target import Arrays, RecBoleTarget, weights_of
from recexplainer.targets.sequential_examples import LOSSES
from recexplainer.targets.training import limited_to, seeded, train
from recexplainer.targets.windows import cut_windows, pack

__all__ = ["SequentialTarget"]

_BATCH = 128
Outputs = Callable[[nn.Module, Tensor, Tensor], Tensor]


class SequentialTarget(RecBoleTarget, LatentTarget):
    """A RecBole model that reads a history and scores items by dot product with its vector."""

    _trained: nn.Module | None = None

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        """Learn to predict every next item; stop by NDCG@10 on the validation items.

        Raises:
            DataError: no history has two items, or no user has a validation item.
        """
        histories = self._learned_from(training)
        asked = self._encode([training.histories[user] for user in training.validation])
        with seeded(self._kit.seed), limited_to(self._options.threads):
            model = self._untrained(self._empty())
            windows = self._windows(histories)
            report = train(
                model,
                lambda: self._losses(model, windows),
                lambda: self._ndcg(_products(model, self._pack(asked)), training),
                self._options,
                progress,
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
            return _read(self._model, self._pack(self._encode(histories)))

    def item_vectors(self) -> FloatArray:
        """Return the item embeddings, with the bias where there is one, ``(I, d_rec)``."""
        return _items(self._model).copy()

    @property
    def _model(self) -> nn.Module:
        if self._trained is None:
            raise self._not_trained()
        return self._trained

    def _kept(self) -> Arrays:
        return weights_of(self._model)

    def _restore(self, kept: Arrays) -> None:
        with seeded(self._kit.seed):
            model = self._untrained(self._empty())
        model.load_state_dict({name: torch.from_numpy(array) for name, array in kept.items()})
        self._trained = model

    def _empty(self) -> Interactions:
        # A cloze reads the mask beside the history.
        width = self._kit.max_history + (self._family.reading == "cloze")
        return Interactions.none(len(self._kit.catalogue), max_history=width)

    def _pack(self, histories: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        return pack(histories, self._kit.max_history)

    def _windows(self, histories: Sequence[Sequence[int]]) -> Tensor:
        width, stride = self._kit.max_history, self._options.stride or self._kit.max_history
        return cut_windows(histories, width, 1 if self._on_prefixes else stride)

    def _losses(self, model: nn.Module, windows: Tensor) -> Iterator[Tensor]:
        """Yield the losses of one epoch."""
        if self._on_prefixes:
            share = -(-len(windows) // (self._options.stride or 1))
            windows = windows[torch.randperm(len(windows))[:share]]
        return LOSSES[self._family.reading](model, windows, self._options.batch_size)

    @property
    def _on_prefixes(self) -> bool:
        return self._family.reading == "prefixes"


def _read(model: nn.Module, packed: tuple[Tensor, Tensor]) -> FloatArray:
    """Return what the model makes of each history, ``(B, d_rec)``."""
    ids, lengths = packed
    output = _OUTPUTS.get(type(model).__name__, _forward)
    vectors = np.empty((len(ids), _items(model).shape[1]), dtype=np.float32)
    # Not inference_mode: tensors made in it could not be trained with later.
    with torch.no_grad():
        for start in range(0, len(ids), _BATCH):
            part = slice(start, start + _BATCH)
            vectors[part] = output(model, ids[part], lengths[part]).numpy()
    return vectors


def _products(model: nn.Module, packed: tuple[Tensor, Tensor]) -> Callable[[slice], FloatArray]:
    """Return what scores the histories of a slice, ``(B, I)``."""
    users, items = _read(model, packed), _items(model)
    return lambda part: users[part] @ items.T


def _items(model: nn.Module) -> FloatArray:
    """Return the embeddings of items, without those of padding and mask, ``(I, d_rec)``."""
    weights: FloatArray = model.get_parameter("item_embedding.weight").detach().numpy()
    bias = dict(model.named_parameters()).get("output_bias")
    if bias is None:
        return weights[1:]
    known: FloatArray = bias.detach().numpy()[1:, None]
    return np.hstack([weights[1 : 1 + len(known)], known])


def _forward(model: nn.Module, ids: Tensor, lengths: Tensor) -> Tensor:
    output: Tensor = model(ids, lengths)
    return output


def _without_user(model: nn.Module, ids: Tensor, lengths: Tensor) -> Tensor:  # noqa: ARG001
    """Ask Caser for nobody in particular, as whom it was trained."""
    output: Tensor = model(torch.zeros(len(ids), dtype=torch.long), ids)
    return output


def _without_length(model: nn.Module, ids: Tensor, lengths: Tensor) -> Tensor:  # noqa: ARG001
    """Ask a model that finds the end of the history itself."""
    output: Tensor = model(ids)
    return output


def _at_mask(model: nn.Module, ids: Tensor, lengths: Tensor) -> Tensor:
    """Put a mask after each history, and return the output there, with a 1 for the bias."""
    places = torch.where(ids[:, 0] > 0, lengths, 0)[:, None]  # an empty one counts as of length 1
    mask = model.get_parameter("output_bias").shape[0]
    read = torch.nn.functional.pad(ids, (0, 1)).scatter(1, places, mask)
    output = model(read)[torch.arange(len(ids)), places[:, 0]]
    return torch.nn.functional.pad(output, (0, 1), value=1.0)


_OUTPUTS: Mapping[str, Outputs] = {
    "BERT4Rec": _at_mask,
    "Caser": _without_user,
    "NextItNet": _without_length,
}
"""Models whose output is not had from ``forward(ids, lengths)``."""
