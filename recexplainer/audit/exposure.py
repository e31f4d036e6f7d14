"""Exposure: whether some item is recommended to nearly everybody."""

from __future__ import annotations

import numpy as np

from recexplainer.audit.estimate import percent
from recexplainer.audit.finding import Finding
from recexplainer.audit.subject import PLACES, Subject
from recexplainer.data.plural_words import counted

__all__ = ["for_everybody", "list_shares"]

_NEARLY_ALL = 0.8
_FEWEST_USERS = 30
"""Users who have not had an item, for its share of their lists to say something."""


def list_shares(subject: Subject) -> np.ndarray:
    """Return the share of lists that each item is in, among users who have not had it, ``(I,)``.

    nan where too few users have not had it.
    """
    items = len(subject.catalogue)
    listed = subject.answers.lists
    counts = np.bincount(listed[listed >= 0], minlength=items)
    had = np.bincount(np.concatenate(subject.seen), minlength=items)
    free = len(subject.contexts) - had
    return np.where(free >= _FEWEST_USERS, counts / np.maximum(free, 1), np.nan)


def for_everybody(subject: Subject) -> Finding:
    """Return how many items are in the first ten of nearly all users who have not had them."""
    shares = list_shares(subject)
    order = np.argsort(-np.nan_to_num(shares, nan=-1.0), kind="stable")
    most = order[: int((shares >= _NEARLY_ALL).sum())].tolist()
    alarm = bool(most) and len(subject.catalogue) > 5 * PLACES
    top = int(order[0])
    title = subject.catalogue[top].title
    if most:
        verb, them = ("is", "it") if len(most) == 1 else ("are", "them")
        sentence = (
            f"{counted(len(most), 'item')} {verb} in the first ten of at least "
            f"{percent(_NEARLY_ALL)} of the users who have not had {them}; {title!r} of "
            f"{percent(float(shares[top]))}."
        )
    elif np.isfinite(shares[top]):
        sentence = (
            f"No item is in nearly everybody's list: the most frequent one, {title!r}, is in the "
            f"first ten of {percent(float(shares[top]))} of the users who have not had it."
        )
    else:
        sentence = "Too few users have not had an item to say in how many lists it is."
    words = {row: f"in the first ten of {percent(float(shares[row]))} of users" for row in most}
    return Finding(
        probe="recommended to all",
        chapter="bug",
        sentence=sentence,
        alarm=alarm,
        figure=float(shares[top]) if np.isfinite(shares[top]) else None,
        control=PLACES / len(subject.catalogue),
        control_words="lists drawn at random",
        n=len(subject.contexts),
        others={"most": float(len(most)), "floor": _NEARLY_ALL},
        named=(title,),
        examples=subject.item_examples(most, words) if alarm else (),
        meaning="A popularity term or one item's bias outweighs what users did.",
        look="Ask about such an item for users of different tastes: is it explained by anything?",
    )
