"""Collator: examples of one batch, padded to its own longest, with their vectors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recexplainer.surrogate.model.surrogate_model import IGNORED

__all__ = ["Collator", "batch_parts", "pad_vectors"]


class Collator:
    """Pads examples on the right and looks up the vectors of their slots.

    Args:
        user_vectors: ``(N, d_rec)`` by context row, or None in behavior alignment.
        item_vectors: ``(I, d_rec)`` by item row, or None.
        pad_id: token id to pad with.
    """

    def __init__(
        self, user_vectors: NDArray[Any] | None, item_vectors: NDArray[Any] | None, pad_id: int
    ) -> None:
        self.user_vectors, self.item_vectors, self.pad_id = user_vectors, item_vectors, pad_id

    def __call__(self, examples: Sequence[dict[str, NDArray[Any]]]) -> dict[str, Any]:
        """Return ``input_ids`` and ``labels`` ``(B, T)`` and the slot vectors ``(B, S, d_rec)``.

        Where answers have soft labels, ``soft_labels`` are tokens and shares, ``(B, K)`` each.

        No examples become one row without labels: a process with nothing to do takes part in a step
        all the same, and adds nothing to it.
        """
        examples = examples or [self._nothing]
        longest = max(len(example["ids"]) for example in examples)
        ids = np.full((len(examples), longest), self.pad_id, np.int64)
        labels = np.full((len(examples), longest), IGNORED, np.int64)
        for row, example in enumerate(examples):
            length = len(example["ids"])
            ids[row, :length] = example["ids"]
            labels[row, :length] = np.where(example["labelled"], example["ids"], IGNORED)
        batch: dict[str, Any] = {
            "input_ids": torch.from_numpy(ids),
            "labels": torch.from_numpy(labels),
        }
        if self.user_vectors is not None:
            rows = [example["contexts"] for example in examples]
            batch["user_vectors"] = pad_vectors(self.user_vectors, rows)
        if self.item_vectors is not None:
            rows = [example["items"] for example in examples]
            batch["item_vectors"] = pad_vectors(self.item_vectors, rows)
        if any(len(example["liked"]) for example in examples):
            batch["soft_labels"] = _soft_labels(examples)
        return batch

    @property
    def _nothing(self) -> dict[str, NDArray[Any]]:
        none = np.zeros(0, np.int32)
        ids, labelled = np.array([self.pad_id], np.int32), np.zeros(1, np.uint8)
        soft = {"liked": none, "liked_shares": none.astype(np.float32)}
        return {"ids": ids, "labelled": labelled, "contexts": none, "items": none, **soft}


def batch_parts(batch: dict[str, Any], tokens: int, pad_id: int) -> Iterator[dict[str, Any]]:
    """Yield ``batch`` in parts of about ``tokens`` positions, or of one row, as few as will do.

    Short examples are then computed together that long ones of their number would not be: on a CPU
    8 prompts of 30 tokens take a quarter less time than twice 4.

    Args:
        batch: what a collator returned.
        tokens: most positions of a part, padding included.
        pad_id: what it was padded with; parts are padded to their own longest row.
    """
    rows, length = batch["input_ids"].shape
    count = math.ceil(rows / max(1, tokens // length))
    if count == 1:
        yield batch
        return
    for some in torch.arange(rows).tensor_split(count):
        part = {name: _taken(values, some) for name, values in batch.items()}
        filled = (part["input_ids"] != pad_id) | (part["labels"] != IGNORED)
        longest = int(filled.any(0).nonzero().max()) + 1 if filled.any() else 1
        part |= {name: part[name][:, :longest] for name in ("input_ids", "labels")}
        yield part


def _taken(values: Any, rows: torch.Tensor) -> Any:
    if isinstance(values, tuple):
        return tuple(one[rows] for one in values)
    return values[rows]


def _soft_labels(examples: Sequence[dict[str, NDArray[Any]]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return tokens and their shares, ``(B, K)``; shares of 0 where nothing is."""
    most = max(len(example["liked"]) for example in examples)
    tokens = np.zeros((len(examples), most), np.int64)
    shares = np.zeros((len(examples), most), np.float32)
    for row, example in enumerate(examples):
        tokens[row, : len(example["liked"])] = example["liked"]
        shares[row, : len(example["liked"])] = example["liked_shares"]
    return torch.from_numpy(tokens), torch.from_numpy(shares)


def pad_vectors(
    vectors: NDArray[Any], rows: Sequence[Sequence[int] | NDArray[Any]]
) -> torch.Tensor:
    """Gather ``vectors`` ``(N, d_rec)`` by ``rows`` into ``(B, S, d_rec)``, zeros where slots end.

    S is at least 1, so that the projector runs, and gets its gradient, on every process alike.
    """
    slots = max(1, *(len(row) for row in rows)) if rows else 1
    gathered = np.zeros((len(rows), slots, vectors.shape[1]), np.float32)
    for position, row in enumerate(rows):
        if len(row):
            gathered[position, : len(row)] = vectors[np.asarray(row)]
    return torch.from_numpy(gathered)
