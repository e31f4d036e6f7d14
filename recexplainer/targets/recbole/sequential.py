"""Sequential recommenders of RecBole as targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor, nn

from recexplainer.plugins.interfaces import FloatArray
from recexplainer.targets.recbole.dot_product import ASKED_AT_ONCE, DotProductTarget
from recexplainer.targets.recbole.padded_windows import cut_windows, pack
from recexplainer.targets.recbole.recbole_data import Interactions
from recexplainer.targets.recbole.self_attention import history_ends
from recexplainer.targets.recbole.sequential_losses import LOSSES

__all__ = ["SequentialTarget"]

Outputs = Callable[[nn.Module, Tensor, Tensor], Tensor]


class SequentialTarget(DotProductTarget):
    """A RecBole model that reads a history in order; it learns to predict every next item.

    A history's vector is the output at its last item, and an item's is its embedding.
    """

    def _data(self, histories: Sequence[Sequence[int]]) -> Interactions:  # noqa: ARG002
        """Return a data set without users: these models know none."""
        # A cloze reads the mask beside the history.
        width = self._kit.max_history + (self._family.reading == "cloze")
        return Interactions.none(len(self._kit.catalogue), max_history=width)

    def _epoch(
        self,
        model: nn.Module,
        histories: Sequence[Sequence[int]],
        data: Interactions,  # noqa: ARG002  # it is empty
    ) -> Callable[[], Iterator[Tensor]]:
        """Return what yields the losses of all windows, or of some of all prefixes."""
        width, size = self._kit.max_history, self._options.batch_size
        losses, stride = LOSSES[self._family.reading], self._options.stride
        if self._family.reading != "prefixes":
            windows = cut_windows(histories, width, stride or width)
            return lambda: losses(model, windows, size)
        prefixes = cut_windows(histories, width, 1)
        share = -(-len(prefixes) // (stride or 1))
        return lambda: losses(model, prefixes[torch.randperm(len(prefixes))[:share]], size)

    def _read(
        self, model: nn.Module, histories: Sequence[Sequence[int]], at_once: int = 1
    ) -> FloatArray:
        ids, lengths = pack(histories, self._kit.max_history)
        output = _OUTPUTS.get(type(model).__name__, _forward)
        vectors = np.empty((len(ids), self._items(model).shape[1]), dtype=np.float32)
        # Neighbours that begin alike share what is computed of their beginning.
        order = torch.from_numpy(np.lexsort(ids.numpy().T[::-1]))

        def read(start: int) -> None:
            part = order[start : start + ASKED_AT_ONCE]
            # Not inference_mode: tensors made in it could not be trained with later.
            with torch.no_grad():  # each thread has this setting of its own
                vectors[part] = output(model, ids[part], lengths[part]).numpy()

        starts = range(0, len(ids), ASKED_AT_ONCE)
        if min(at_once, len(starts)) < 2:
            list(map(read, starts))
        else:  # layers this small gain nothing from threads of their own, batches side by side do
            with ThreadPoolExecutor(at_once) as threads:
                list(threads.map(read, starts))
        return vectors

    def _items(self, model: nn.Module) -> FloatArray:
        """Return the embeddings, without those of padding and mask, and the bias beside them."""
        weights: FloatArray = model.get_parameter("item_embedding.weight").detach().numpy()
        bias = getattr(model, "output_bias", None)
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
    "SASRec": history_ends,
}
"""Models whose output is not had from ``forward(ids, lengths)``, or is had otherwise faster."""
