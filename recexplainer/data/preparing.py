"""What every log goes through before anything learns from it, whichever data set it came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from recexplainer.data.notes import counted, were
from recexplainer.data.pairs import Pairs
from recexplainer.data.titles import clean_item, with_distinct_titles
from recexplainer.errors import ConfigError, DataError
from recexplainer.records import Catalogue, InteractionLog, Item

__all__ = ["FEWEST_INTERACTIONS", "prepare"]

FEWEST_INTERACTIONS = 3
"""One to learn from, f's validation item and f's test item."""


def prepare(log: InteractionLog, *, min_interactions: int = 5) -> InteractionLog:
    """Clean titles, drop repeats, filter to the k-core, and make titles distinct.

    Of several interactions of one user with one item the first counts, since a recommender is
    never asked for what the user already had. Then users and items with fewer than
    ``min_interactions`` interactions are dropped, again and again until none is left (the k-core).

    Args:
        log: as a data set read it.
        min_interactions: k of the k-core, at least 3.

    Returns:
        A log in the order of ``log``'s catalogue and users. Every item has interactions and a
        title of its own; each step that changed something added a counted note.

    Raises:
        ConfigError: ``min_interactions`` is below 3.
        DataError: nothing is left, or a history holds an item that the catalogue lacks.
    """
    _check(min_interactions)
    items = [clean_item(item) for item in log.catalogue]
    named = np.array([bool(item.title) for item in items], dtype=np.bool_)
    every = Pairs.of(log)
    titled = every.where(named[every.items])
    single = titled.without_repeats()
    core = single.core(min_interactions)
    if not len(core):
        raise DataError(_nothing_left(log, min_interactions))
    survivors = [items[row] for row in np.unique(core.items)]
    distinct, by_attribute, by_id = with_distinct_titles(survivors)
    notes = [
        *_title_notes(log.catalogue, items, len(every) - len(titled)),
        *_repeat_notes(len(titled) - len(single)),
        *_core_notes(log, single, core, min_interactions),
        *_distinct_notes(by_attribute, by_id),
    ]
    return InteractionLog(log.name, Catalogue(distinct), core.histories(log), (*log.notes, *notes))


def _check(min_interactions: int) -> None:
    if min_interactions < FEWEST_INTERACTIONS:
        problem = (
            f"dataset.min_interactions: must be at least {FEWEST_INTERACTIONS} (one interaction to "
            f"learn from, one to validate on, one to test on), got {min_interactions}"
        )
        raise ConfigError([problem])


def _nothing_left(log: InteractionLog, k: int) -> str:
    return (
        f"no interactions of {log.name!r} are left: no group of its "
        f"{counted(len(log.histories), 'user')} and {counted(len(log.catalogue), 'item')} "
        f"({counted(log.interactions, 'interaction')}) has {k} for each user and each item. "
        f"Bring more data, or lower `min_interactions` (at least {FEWEST_INTERACTIONS})"
    )


def _title_notes(before: Sequence[Item], after: Sequence[Item], lost: int) -> Iterator[str]:
    changed = sum(
        1 for old, new in zip(before, after, strict=True) if new.title not in ("", old.title)
    )
    if changed:
        yield (
            f"{counted(changed, 'title')} {were(changed)} tidied (blanks, invisible characters, "
            "curly quotes, semicolons)"
        )
    empty = sum(1 for item in after if not item.title)
    if empty:
        yield (
            f"{counted(empty, 'item')} without a readable title {were(empty)} dropped, "
            f"with {counted(lost, 'interaction')}"
        )


def _repeat_notes(repeats: int) -> Iterator[str]:
    if repeats:
        yield (
            f"{counted(repeats, 'interaction')} with an item that the user already had "
            f"{were(repeats)} dropped"
        )


def _core_notes(log: InteractionLog, before: Pairs, core: Pairs, k: int) -> Iterator[str]:
    touched = len(np.unique(before.items))
    users = len(log.histories) - len(np.unique(core.users))
    items = touched - len(np.unique(core.items))
    groups = [counted(count, noun) for count, noun in ((users, "user"), (items, "item")) if count]
    if groups:
        yield (
            f"{' and '.join(groups)} with fewer than {k} interactions {were(users + items)} "
            f"dropped, with {counted(len(before) - len(core), 'interaction')}"
        )
    unused = len(log.catalogue) - touched
    if unused:
        yield f"{counted(unused, 'item')} without interactions {were(unused)} dropped"


def _distinct_notes(by_attribute: int, by_id: int) -> Iterator[str]:
    if by_attribute:
        yield (
            f"{counted(by_attribute, 'title')} shared by several items {were(by_attribute)} "
            "told apart by an attribute in parentheses"
        )
    if by_id:
        yield (
            f"{counted(by_id, 'title')} shared by several items {were(by_id)} "
            "told apart by the item's id in brackets"
        )
