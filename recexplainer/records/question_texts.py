"""Questions of explainers, in the taught wording: whether (3.2.3), and why (3.4)."""

from __future__ import annotations

from recexplainer.records.prompts import HistorySlot, ItemSlot, Prompt, Text

__all__ = ["decision_prompt", "explanation_prompt", "focus_sentence"]

_QUESTION = "The user has the following history: "
_ASPECTS = (
    " ? Please give your answer and explain why you make this decision from the perspective of a "
    "recommendation model. Your explanation should include the following aspects: summary of "
    "patterns and traits from the user history, the consistency or inconsistency between user "
    "preferences and the item."
)


def focus_sentence(attribute: str) -> str:
    """Return the sentence that asks for one attribute only (controllable explanations, 3.5.2)."""
    return f" Your explanation should focus on the {attribute}."


def decision_prompt(context: int, item: str) -> Prompt:
    """Return the question whether the target would recommend ``item``, as in classification.

    Args:
        context: row of the context whose history is shown.
        item: id of the item in question.
    """
    return (
        Text(_QUESTION),
        HistorySlot(context),
        Text(" . Will they like the item: "),
        ItemSlot(item),
        Text(" ?"),
    )


def explanation_prompt(context: int, item: str, focus: str | None = None) -> Prompt:
    """Return the question whether the target would recommend ``item``, and why.

    Args:
        context: row of the context whose history is shown.
        item: id of the item in question.
        focus: an attribute name of the data set to keep to, or None for all.
    """
    return (
        Text(_QUESTION),
        HistorySlot(context),
        Text(" . Will the user like the item: "),
        ItemSlot(item),
        Text(_ASPECTS + (focus_sentence(focus) if focus else "")),
    )
