"""Users and items that an example asks about, read off the slots of its question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recexplainer.records import Context, Example, HistorySlot, ItemSlot, Segment

__all__ = [
    "YES_NO",
    "context_of",
    "item_of",
    "labels_of",
    "shows_history",
    "shows_vector_only",
]

YES_NO = ("Yes", "No")


def context_of(example: Example, contexts: Sequence[Context]) -> Context | None:
    """Return the context whose history the question shows first; None when it shows none."""
    rows = (part.context for part in _segments(example) if isinstance(part, HistorySlot))
    row = next(rows, None)
    return None if row is None else contexts[row]


def item_of(example: Example) -> str | None:
    """Return the id of the item that the question shows first; None when it shows none."""
    items = (part.item for part in _segments(example) if isinstance(part, ItemSlot))
    return next(items, None)


def labels_of(example: Example) -> tuple[str, ...]:
    """Return the labels that the question offers: its options, or Yes and No."""
    return example.options or YES_NO


def shows_history(example: Example) -> bool:
    """Return whether the question is about some history."""
    return any(isinstance(part, HistorySlot) for part in _segments(example))


def shows_vector_only(example: Example) -> bool:
    """Return whether the question rests on a vector, so that it cannot be put in words."""
    return any(
        part.vector_only for part in _segments(example) if isinstance(part, HistorySlot | ItemSlot)
    )


def _segments(example: Example) -> Iterator[Segment]:
    return (part for turn in example.question for part in turn.content)
