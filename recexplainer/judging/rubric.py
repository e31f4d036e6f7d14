"""The paper's four-level rubric for explanations (section 4.3), word for word and reworded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = [
    "FAIRNESS",
    "LEVELS",
    "PAPER",
    "REWORDED",
    "RUBRIC_VERSION",
    "TASK",
    "Grade",
    "Wording",
    "tag",
]

Grade = Literal[1, 2, 3, 4]

RUBRIC_VERSION = "2"
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


@dataclass(frozen=True)
class Wording:
    """The rubric as a judge is told it: what is asked, what each grade means, how to be fair."""

    task: str
    levels: Mapping[Grade, str]
    fairness: str


PAPER = Wording(TASK, LEVELS, FAIRNESS)
REWORDED = Wording(
    task=(
        "A recommender has decided whether to recommend an item to a user. An assistant was asked "
        "to state that decision and to say why. Grade what the assistant wrote on this scale:"
    ),
    levels=MappingProxyType(
        {
            1: "The assistant states another decision than the recommender's.",
            2: (
                "The decision is right, but it is not explained: no reasons, too few, reasons that "
                "have nothing to do with it, or reasons that are not true of this user or item."
            ),
            3: (
                "The decision is right and the reasons make sense and fit the user's history and "
                "the item, but the text could convince more, or tell more."
            ),
            4: (
                "The decision is right and well explained: the text sums up what the user has "
                "liked so far, and shows in detail how the item does or does not match that."
            ),
        }
    ),
    fairness="A longer text is not a better one. Judge only what is said.",
)
"""The same four levels in words of our own: how far grades hang on the wording."""


def tag(grade: Grade) -> str:
    """Return the grade as the paper writes it, such as ``RATING-3``."""
    return f"RATING-{grade}"
