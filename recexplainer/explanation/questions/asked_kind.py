"""What a question in free words asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["KINDS", "AskedKind", "Understood", "in_words", "what_can_be_asked"]

AskedKind = Literal["liking", "why", "order", "next", "taste", "relevance", "removal", "free"]

KINDS: Mapping[AskedKind, str] = {
    "liking": "would the user like TITLE?",
    "why": "why TITLE? or: why not TITLE?",
    "order": "which of TITLE, TITLE and TITLE would come first?",
    "next": "what does it recommend next?",
    "taste": "what is the user's taste?",
    "relevance": "did VALUE matter for TITLE? VALUE being, say, a genre",
    "removal": "what if TITLE were removed? or: would TITLE be recommended without TITLE?",
}
"""What can be asked, in the words of one who asks. What fits none of them is ``free``: a published
language model is asked it all the same."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it was understood.

    Attributes:
        kind: what is asked for.
        items: ids of the items in question, in the order in which they were named: those to be
            ordered, or one; none where the question names none.
        removed: ids of the items that are supposed to be missing from the history.
        value: the attribute value in question, as it was written; empty where there is none.
        attribute: the attribute in question; empty where there is none.
        spans: where titles stand in the question, as ``(start, end, item id)``, in order.
    """

    kind: AskedKind
    items: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    value: str = ""
    attribute: str = ""
    spans: tuple[tuple[int, int, str], ...] = ()

    @property
    def item(self) -> str | None:
        """The first item in question, if any."""
        return next(iter(self.items), None)


def in_words(understood: Understood, item: str, title: Callable[[str], str]) -> str:
    """Return a question as it was understood.

    Args:
        understood: the question.
        item: the item in question; the target's first choice, where the question names none.
        title: the title of an item.
    """
    about, named = f"“{title(item)}”", understood.item is not None
    about += "" if named else ", the recommender's first choice"
    gone = " and ".join(f"“{title(one)}”" for one in understood.removed)
    words: dict[AskedKind, str] = {
        "liking": f"would the user like {about}?",
        "why": f"why, or why not, {about}?",
        "order": f"which would come first: {'; '.join(map(title, understood.items))}?",
        "next": "what does the recommender recommend first?",
        "taste": f"what {understood.attribute} does the user like?",
        "relevance": f"did {understood.value or understood.attribute} matter for {about}?",
        "removal": f"without {gone}, would the user like {about}?",
        "free": "a question of no known kind, in its own words",
    }
    return words[understood.kind]


def what_can_be_asked() -> str:
    """Return the kinds of questions, in one sentence."""
    return f"What can be asked: {'; '.join(KINDS.values())}"
