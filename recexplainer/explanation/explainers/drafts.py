"""Puts a speaker's drafts to f, which decides which of them is given."""

from __future__ import annotations

from collections.abc import Iterable

from recexplainer.records import Explanation

__all__ = ["choose_draft", "holds"]


def holds(checked: Explanation) -> bool:
    """Whether nothing in the text is made up, and f's score falls without what it cites."""
    return not _made_up(checked) and (checked.check("faithfulness_drop") or 0.0) > 0.0


def choose_draft(first: Explanation, others: Iterable[Explanation]) -> Explanation:
    """Return the draft that holds best, among those that state the first one's decision.

    The decision stays the speaker's own: f chooses among reasons, not among answers. Drafts that
    make nothing up come first, then those whose cited items weigh most; one that cites nothing
    counts as no drop. Of equals the earlier one is taken.

    Args:
        first: the speaker's likeliest text, checked.
        others: texts drawn at random about the same case, checked.
    """
    agreeing = [first, *(other for other in others if other.decision == first.decision)]
    return max(agreeing, key=lambda one: (not _made_up(one), _drop(one)))


def _drop(checked: Explanation) -> float:
    """Return the drop without the noise of single precision, which varies from batch to batch."""
    return round(checked.check("faithfulness_drop") or 0.0, 5)


def _made_up(checked: Explanation) -> bool:
    return (checked.check("hallucinated") or 0.0) > 0 or checked.check("grounding") not in (None, 1)
