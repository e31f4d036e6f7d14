"""Inputs of questions: rows of equal length, and what an answer is to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recexplainer.errors import UserError
from recexplainer.records import Text, Turn

__all__ = ["check_width", "pad_left", "split_opening"]


def pad_left(ids: Sequence[Sequence[int]], pad: int, device: str) -> dict[str, Any]:
    """Return ``input_ids`` and ``attention_mask`` ``(B, T)`` of questions of any length."""
    longest = max(map(len, ids))
    padded = np.full((len(ids), longest), pad, np.int64)
    mask = np.zeros((len(ids), longest), np.int64)
    for row, tokens in enumerate(ids):
        padded[row, longest - len(tokens) :] = tokens
        mask[row, longest - len(tokens) :] = 1
    return {
        "input_ids": torch.from_numpy(padded).to(device),
        "attention_mask": torch.from_numpy(mask).to(device),
    }


def split_opening(question: tuple[Turn, ...]) -> tuple[tuple[Turn, ...], str]:
    """Return the question and the words with which its answer is to begin."""
    *asked, last = question
    if last.role != "assistant":
        return question, ""
    return tuple(asked), "".join(part.text for part in last.content if isinstance(part, Text))


def check_width(vectors: NDArray[np.float32], wanted: int) -> None:
    """Refuse vectors ``(N, d_rec)`` of another width than the projectors read."""
    if vectors.shape[1] != wanted:
        raise UserError(
            f"the recommender gives vectors of width {vectors.shape[1]}, but this surrogate's "
            f"projectors read width {wanted}; give the recommender that it was aligned with, or "
            "train it on this one"
        )
