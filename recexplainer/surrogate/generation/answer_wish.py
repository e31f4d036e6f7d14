"""Wishes: how answers are to be given, and what they may say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

__all__ = ["Allowed", "Wish"]

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
