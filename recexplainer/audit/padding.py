"""Padding: whether some item is taken for what fills short histories up."""

from __future__ import annotations

from recexplainer.audit.finding import Example, Finding
from recexplainer.audit.subject import Subject
from recexplainer.data.plural_words import counted
from recexplainer.metrics.read_items import is_unread

__all__ = ["padding_read"]

_ITEMS = 40
"""Items that are put in front of others, the first and the last known one among them."""
_KNOWN = 5
"""Interactions below which an item may have learned to say nothing."""


def padding_read(subject: Subject) -> Finding:
    """Return which items in front of a short history change nothing, where others do.

    A target that fills histories up with an item's id gives the same answer when that very item is
    put there. Where most items change nothing, the target does not read so far back, and nothing
    can be told.
    """
    ids = subject.catalogue.ids
    counts = subject.split.popularity
    known = [item for item, count in zip(ids, counts, strict=True) if count >= _KNOWN]
    step = max(1, len(known) // _ITEMS)
    between = known[::step]
    asked = [*dict.fromkeys((*between, *known[-1:]))]
    unread = [
        item
        for item in asked
        if is_unread(subject.oracle.target.scores, item, _others(between, item), ("front",))
    ]
    alarm = 1 <= len(unread) <= 2 and len(asked) >= 8
    examples: tuple[Example, ...] = ()
    if alarm:
        titles = " and ".join(repr(subject.catalogue.title(item)) for item in unread)
        sentence = (
            f"{titles} in front of a short history changes no score, and each of "
            f"{len(asked) - len(unread)} other items does: short histories seem to be filled up "
            "with it."
        )
        rows = subject.catalogue.rows(unread)
        examples = subject.item_examples(rows, dict.fromkeys(rows, "read as padding"))
    elif unread:
        sentence = (
            f"{len(unread)} of {len(asked)} items in front of a history of one item change no "
            "score, so that it cannot be told whether padding is read as an item."
        )
    else:
        sentence = (
            f"Each of {counted(len(asked), 'item')} that were put in front of a history of one "
            "item changes scores: none of them is taken for padding."
        )
    return Finding(
        probe="padding",
        chapter="bug",
        sentence=sentence,
        alarm=alarm,
        figure=float(len(unread)),
        unit="count",
        n=len(asked),
        others={"heard": float(len(asked) - len(unread))},
        named=tuple(subject.catalogue.title(item) for item in unread) if alarm else (),
        examples=examples,
        meaning="Short histories are filled up with an id that an item has, and nothing masks it.",
        look="Ask about a user with a short history, with and without that item in the history.",
    )


def _others(items: list[str], item: str) -> list[str]:
    """Return three items that stand apart."""
    third = max(1, len(items) // 3)
    return [one for one in items[::third] if one != item][:3]
