"""Table of probes: each is a name, the chapter it belongs to, and a pure function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from recexplainer.audit.columns import shifted_columns
from recexplainer.audit.duplicates import duplicate_answers
from recexplainer.audit.equal_scores import equal_scores
from recexplainer.audit.exposure import for_everybody
from recexplainer.audit.finding import Finding
from recexplainer.audit.history_use import history_ignored, last_item_only
from recexplainer.audit.leakage import leaked_items
from recexplainer.audit.order import order_unread, reversed_order
from recexplainer.audit.own_like import own_like_pushed_away
from recexplainer.audit.padding import padding_read
from recexplainer.audit.reach import silent_attributes, unreachable_items
from recexplainer.audit.subject import Subject
from recexplainer.audit.taste import deaf_items
from recexplainer.audit.wrong_user import wrong_user

__all__ = ["BUGS", "Probe", "bugs_of"]


class Probe(NamedTuple):
    """One question about a whole recommender.

    Attributes:
        name: as ``Finding.probe``.
        find: measures, and returns the sentence with its figures.
    """

    name: str
    find: Callable[[Subject], Finding]


BUGS: tuple[Probe, ...] = (
    Probe("shifted columns", shifted_columns),
    Probe("padding", padding_read),
    Probe("leakage", leaked_items),
    Probe("history ignored", history_ignored),
    Probe("last item only", last_item_only),
    Probe("equal scores", equal_scores),
    Probe("wrong user", wrong_user),
    Probe("reversed order", reversed_order),
    Probe("order unread", order_unread),
    Probe("duplicates", duplicate_answers),
    Probe("recommended to all", for_everybody),
    Probe("silent attribute", silent_attributes),
    Probe("unreachable items", unreachable_items),
    Probe("deaf items", deaf_items),
    Probe("own like", own_like_pushed_away),
)
"""What looks like a bug. What explains others comes first: of several alarms the first is the one
to look at, since ids that are shifted, say, also make items deaf and answers fit nobody."""


def bugs_of(subject: Subject, probes: Sequence[Probe] = BUGS) -> list[Finding]:
    """Return what each probe found, alarms first; each part keeps the order of the table."""
    found = [probe.find(subject) for probe in probes]
    return sorted(found, key=lambda one: not one.alarm)
