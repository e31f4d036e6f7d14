"""The paper's four-level rubric for explanations (section 4.3), word for word."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

__all__ = ["FAIRNESS", "LEVELS", "RUBRIC_VERSION", "TASK", "Grade", "tag"]

Grade = Literal[1, 2, 3, 4]

RUBRIC_VERSION = "1"
"""Raised with every change to what a judge reads: answers to other words are not comparable."""

TASK = (
    "Please act as an impartial judge and evaluate the AI assistant's recommendation decision as "
    "well as decision explanation based on the user's purchase history, target item, and ground "
    "truth label. Assign a score according to the following four levels:"
)
"""What the paper asks of its judges."""

LEVELS: Mapping[Grade, str] = MappingProxyType(
    {
        1: (
            "Incorrect classification - The assistant failed to generate a correct recommendation "
            "decision."
        ),
        2: (
            "Correct classification, insufficient explanation - The assistant correctly classified "
            "the recommendation but provided no, few, or irrelevant explanations, or provided "
            "explanations with hallucination, some of which do not conform to the actual situation."
        ),
        3: (
            "Correct classification, acceptable explanation - The assistant correctly classified "
            "the recommendation and provided an explanation that is logically consistent and "
            "aligns with the user's history and target item, but has minor imperfections such as "
            "lack of persuasiveness or informativeness."
        ),
        4: (
            "Correct classification, satisfying explanation - The assistant correctly classified "
            "the recommendation and provided a satisfactory explanation, including a summary of "
            "the user's historical behavior patterns and characteristics, as well as a thorough "
            "analysis of the consistency or inconsistency between user preferences and the target "
            "item."
        ),
    }
)
"""What each grade means; 4 is the best."""

FAIRNESS = (
    "Do not allow the length of the explanation to influence your evaluation. Be as objective as "
    "possible."
)
"""How the paper's judges are to grade."""


def tag(grade: Grade) -> str:
    """Return the grade as the paper writes it, such as ``RATING-3``."""
    return f"RATING-{grade}"
