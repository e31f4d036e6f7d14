"""Log-likelihoods of given continuations of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from recexplainer.surrogate.generation.prefix_cache import read_question
from recexplainer.surrogate.model.loss import positions_at_once
from recexplainer.surrogate.model.surrogate_model import IGNORED

__all__ = ["log_probabilities", "pad_answers"]


def pad_answers(answers: Sequence[Sequence[Sequence[int]]]) -> torch.Tensor:
    """Return the token ids of each question's answers as ``(B, L, T)``, ``IGNORED`` beyond them."""
    most = max(map(len, answers), default=0)
    longest = max((len(ids) for row in answers for ids in row), default=0)
    padded = np.full((len(answers), most, longest), IGNORED, np.int64)
    for row, offered in enumerate(answers):
        for place, ids in enumerate(offered):
            padded[row, place, : len(ids)] = ids
    return torch.from_numpy(padded)


def log_probabilities(
    model: Any, batch: dict[str, Any], answers: torch.Tensor
) -> NDArray[np.float32]:
    """Return the summed log-probability of each question's answers, ``(B, L)``.

    Args:
        model: a surrogate.
        batch: B questions, padded on the left, with their vectors.
        answers: ``(B, L, T)`` token ids, ``IGNORED`` after the end of shorter ones.
    """
    _, count, length = answers.shape
    cache = read_question(model, batch, count)
    rows = {name: values.repeat_interleave(count, 0) for name, values in batch.items()}
    expected = answers.flatten(0, 1)
    ids = torch.cat([rows["input_ids"], expected.clamp_min(0)], 1)
    known = 0 if cache is None else cache.get_seq_length()
    mask = functional.pad(rows["attention_mask"], (0, length), value=1)
    with torch.no_grad():
        logits = model(
            **rows | {"input_ids": ids[:, known:], "attention_mask": mask},
            past_key_values=cache,
            logits_to_keep=length + 1,
        ).logits[:, :-1]
    size = max(1, positions_at_once(logits.shape[-1]) // max(1, length))
    parts = zip(torch.split(logits, size), torch.split(expected, size), strict=True)
    summed = torch.cat([_summed(part, tokens) for part, tokens in parts])
    likely: NDArray[np.float32] = summed.view(-1, count).cpu().numpy()
    return likely


def _summed(logits: torch.Tensor, expected: torch.Tensor) -> torch.Tensor:
    """Return the log-probability of each row's tokens together, ``(R,)``."""
    lost = functional.cross_entropy(
        logits.flatten(0, 1).float(), expected.flatten(), reduction="none", ignore_index=IGNORED
    )
    return -lost.view(expected.shape).sum(1)
