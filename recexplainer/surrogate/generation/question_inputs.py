"""Inputs of questions: rows of equal length, their vectors, and what an answer begins with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from recexplainer.errors import UserError
from recexplainer.records import Context, Rendered, Text, Turn
from recexplainer.surrogate.corpus.collator import pad_vectors

__all__ = ["UserVectors", "check_width", "pad_left", "slot_vectors", "split_opening"]

UserVectors = Callable[[Sequence[Sequence[str]]], NDArray[np.float32]]
"""The target's vectors of B histories, ``(B, d_rec)``."""


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


def slot_vectors(
    rendered: Sequence[Rendered],
    contexts: Sequence[Context],
    user_vectors: UserVectors,
    item_vectors: NDArray[np.float32],
    config: Any,
) -> dict[str, torch.Tensor]:
    """Return the vectors of B questions' slots, ``(B, slots, d_rec)``; each history is asked once.

    Args:
        rendered: the questions.
        contexts: what their context rows count into.
        user_vectors: the target's vectors of histories.
        item_vectors: ``(I, d_rec)``.
        config: the surrogate's.
    """
    used = sorted({row for question in rendered for row in question.context_rows})
    place = {row: k for k, row in enumerate(used)}
    users = (
        user_vectors([contexts[row].history for row in used])
        if used
        else np.zeros((1, config.user_dim), np.float32)
    )
    check_width(users, config.user_dim)
    user_rows = [[place[row] for row in question.context_rows] for question in rendered]
    item_rows = [question.item_rows for question in rendered]
    return {
        "user_vectors": pad_vectors(users, user_rows),
        "item_vectors": pad_vectors(item_vectors, item_rows),
    }


def check_width(vectors: NDArray[np.float32], wanted: int) -> None:
    """Refuse vectors ``(N, d_rec)`` of another width than the projectors read."""
    if vectors.shape[1] != wanted:
        raise UserError(
            f"the recommender gives vectors of width {vectors.shape[1]}, but this surrogate's "
            f"projectors read width {wanted}; give the recommender that it was aligned with, or "
            "train it on this one"
        )
