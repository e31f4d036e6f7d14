"""Losses of sequential models, batch by batch, as each family asks for the next item."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from recexplainer.targets.recbole.recbole_data import ITEM, USER

__all__ = ["LOSSES"]

_MASKED = 0.2
"""Share of items that a cloze masks, as in the paper of BERT4Rec on MovieLens."""
_ENDS = 0.5
"""Share of windows in which only the last item is masked: what the model will be asked."""

Batches = Callable[[nn.Module, Tensor, int], Iterator[Tensor]]


def every_position(model: nn.Module, windows: Tensor, batch_size: int) -> Iterator[Tensor]:
    """Yield the cross-entropy over all items, at every position that an item follows.

    Args:
        model: returns its output at every position while it is trained.
        windows: ``(N, T + 1)`` ids, as ``cut_windows`` makes them.
        batch_size: windows per step.
    """
    for batch in _shuffled(windows, batch_size):
        read, following = batch[:, :-1], batch[:, 1:]
        real = following > 0
        outputs = model(read, torch.ones(len(read), dtype=torch.long))[real]
        logits = outputs @ model.get_parameter("item_embedding.weight")[1:].T
        yield cross_entropy(logits, following[real] - 1)


def prefix_ends(model: nn.Module, windows: Tensor, batch_size: int) -> Iterator[Tensor]:
    """Yield RecBole's own loss: the item after each window.

    Args:
        model: any sequential model.
        windows: ``(N, T + 1)`` ids, of which the last one in each row is to be predicted.
        batch_size: windows per step.
    """
    for batch in _shuffled(windows, batch_size):
        lengths = (batch > 0).sum(dim=1) - 1
        answers = batch.gather(1, lengths[:, None])
        read = batch.scatter(1, lengths[:, None], 0)[:, :-1]
        nobody = torch.zeros(len(batch), dtype=torch.long)
        asked = {f"{ITEM}_list": read, "item_length": lengths, ITEM: answers[:, 0], USER: nobody}
        loss: Tensor = model.calculate_loss(asked)  # type: ignore[operator]
        yield loss


def cloze(model: nn.Module, windows: Tensor, batch_size: int) -> Iterator[Tensor]:
    """Yield the cross-entropy over all items, where items were masked.

    Args:
        model: BERT4Rec, reading T + 1 ids.
        windows: ``(N, T + 1)`` ids, as ``cut_windows`` makes them.
        batch_size: windows per step.
    """
    bias = model.get_parameter("output_bias")[1:]
    mask = len(bias) + 1
    for items in _shuffled(windows, batch_size):
        last = torch.arange(items.shape[1]) == (items > 0).sum(dim=1, keepdim=True) - 1
        anywhere = (torch.rand(items.shape) < _MASKED) & (items > 0)
        anywhere |= last & ~anywhere.any(dim=1, keepdim=True)
        masked = torch.where(torch.rand(len(items), 1) < _ENDS, last, anywhere)
        outputs = model(items.masked_fill(masked, mask))[masked]
        weights = model.get_parameter("item_embedding.weight")[1:mask]
        yield cross_entropy(outputs @ weights.T + bias, items[masked] - 1)


def _shuffled(windows: Tensor, batch_size: int) -> Iterator[Tensor]:
    order = torch.randperm(len(windows))
    for start in range(0, len(order), batch_size):
        yield windows[order[start : start + batch_size]]


LOSSES: Mapping[str, Batches] = {
    "positions": every_position,
    "prefixes": prefix_ends,
    "cloze": cloze,
}
"""By how a family is read."""
