"""Wishes: how answers are to be given, and what they may say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

__all__ = ["Allowed", "Wish", "decoding_of"]

Allowed = Callable[[int, torch.Tensor], list[int]]
"""What a row may say next, of its number, and its question with what it has said so far."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How answers are to be given; see ``Speaker.answer``."""

    max_new_tokens: int
    beams: int = 1
    constrained: bool = False
    distinct: bool = False
    temperature: float = 0.0
    top_p: float = 1.0


def decoding_of(
    wish: Wish,
    allowed: Allowed | None,
    *,
    pad: int,
    ends: Sequence[int],
    unsayable: Sequence[int],
) -> dict[str, Any]:
    """Return the arguments of ``generate``.

    Args:
        wish: how answers are to be given.
        allowed: all that may be said, or None.
        pad: the token that fills up shorter answers.
        ends: the tokens that end an answer.
        unsayable: tokens that no answer may hold.
    """
    beams = 1 if wish.temperature > 0 else wish.beams  # drawn answers have a row each
    decoding: dict[str, Any] = {
        "max_new_tokens": wish.max_new_tokens,
        "num_beams": beams,
        "num_return_sequences": beams,
        "do_sample": False,
        "pad_token_id": pad,
        "eos_token_id": list(ends),
    }
    if beams > 1:
        decoding["length_penalty"] = 0.0  # beams compete by probability, not by mean per token
    if allowed is not None:
        decoding["prefix_allowed_tokens_fn"] = allowed
    else:
        decoding["suppress_tokens"] = list(unsayable) or None
    return decoding
