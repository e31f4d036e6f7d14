"""Histories as padded tensors. Id 0 is padding, id ``k + 1`` is row ``k`` of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

__all__ = ["cut_windows", "pack"]


def pack(histories: Sequence[Sequence[int]], width: int) -> tuple[Tensor, Tensor]:
    """Return histories left-aligned and padded, with their lengths.

    The width never depends on the batch: an attention row without any item attends evenly to all
    the padding, so an empty history would otherwise depend on its neighbours.

    Args:
        histories: B sequences of ids, oldest first; the last ``width`` of each are kept.
        width: T.

    Returns:
        ``(B, T)`` ids and ``(B,)`` lengths; an empty history counts as one id of padding.
    """
    ids = np.zeros((len(histories), width), np.int64)
    for row, history in enumerate(histories):
        kept = history[-width:]
        ids[row, : len(kept)] = kept
    lengths = torch.tensor([min(max(len(h), 1), width) for h in histories], dtype=torch.long)
    return torch.from_numpy(ids), lengths


def cut_windows(histories: Sequence[Sequence[int]], width: int, stride: int) -> Tensor:
    """Cut histories into training windows that end at the last item and every ``stride`` before.

    Args:
        histories: sequences of ids, oldest first; those of fewer than two ids teach nothing.
        width: T, how many ids the model reads.
        stride: distance between the ends of two windows of one history; at most ``width`` if
            every transition is to be learned from.

    Returns:
        ``(N, T + 1)``: ids to read, each followed by the id to predict, padded at the right.
    """
    windows = []
    for history in histories:
        for end in range(len(history), 1, -stride):
            windows.append(history[max(0, end - width - 1) : end])
            if end <= width + 1:
                break
    return pack(windows, width + 1)[0]
