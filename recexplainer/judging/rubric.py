"""The paper's four-level scale for explanations (section 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

__all__ = ["LEVELS", "Grade", "tag"]

Grade = Literal[1, 2, 3, 4]

LEVELS: Mapping[Grade, str] = MappingProxyType(
    {
        1: "The decision is wrong or missing.",
        2: (
            "The decision is right, but the explanation is insufficient: irrelevant, "
            "or with hallucinations."
        ),
        3: "The decision is right and the explanation acceptable, with minor imperfections.",
        4: "The decision is right and the explanation satisfying.",
    }
)
"""What each grade means, in short; 4 is the best."""


def tag(grade: Grade) -> str:
    """Return the grade as the paper writes it, such as ``RATING-3``."""
    return f"RATING-{grade}"
