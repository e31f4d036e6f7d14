"""Preparation of a log: filters, titles and k-core, the same for every data set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from recexplainer.data.pairs import Pairs
from recexplainer.data.plural_words import counted, were
from recexplainer.data.prompt_titles import clean_item, clean_text, with_distinct_titles
from recexplainer.data.value_spellings import with_one_spelling
from recexplainer.errors import ConfigError, DataError
from recexplainer.records import Catalogue, InteractionLog, Item

__all__ = ["FEWEST_INTERACTIONS", "prepare"]

FEWEST_INTERACTIONS = 3
"""One to learn from, the target's validation item and the target's test item."""
_LONGEST_EXAMPLE = 60


def prepare(
    log: InteractionLog,
    *,
    min_interactions: int = 5,
    top_items: int | None = None,
    sample_users: int | None = None,
    seed: int = 0,
) -> InteractionLog:
    """Clean titles and attributes, drop repeats, filter to the k-core, make titles distinct.

    Of several interactions of one user with one item the first counts, since a recommender is
    never asked for what the user already had. Where it is asked for, only the most popular items
    and a sample of the users are kept, in the order of the paper's own scripts. Then users and
    items with fewer than ``min_interactions`` interactions are dropped, again and again until none
    is left (the k-core).

    Args:
        log: as a data set read it.
        min_interactions: k of the k-core, at least 3.
        top_items: how many items to keep, those with most interactions; None for all.
        sample_users: how many users to sample from those with enough interactions; None for all.
        seed: of that sample.

    Returns:
        A log in the order of ``log``'s catalogue and users. Every item has interactions and a
        title of its own; each step that changed something added a counted note.

    Raises:
        ConfigError: a number is too low.
        DataError: nothing is left, or a history holds an item that the catalogue lacks.
    """
    chosen = {"top_items": top_items, "sample_users": sample_users}
    _check(min_interactions, chosen)
    items = [clean_item(item) for item in log.catalogue]
    named = np.array([bool(item.title) for item in items], dtype=np.bool_)
    every = Pairs.of(log)
    titled = every.where(named[every.items])
    single = titled.without_repeats()
    popular = single if top_items is None else single.of_most_popular(top_items)
    sample, unsampled = popular, 0
    if sample_users is not None:
        rng = np.random.default_rng(seed)
        sample, unsampled = popular.without_some(sample_users, min_interactions, rng)
    core = sample.core(min_interactions)
    if not len(core):
        raise DataError(_nothing_left(log, min_interactions, chosen))
    survivors, spellings = with_one_spelling([items[row] for row in core.item_rows])
    distinct, by_attribute, by_id = with_distinct_titles(survivors)
    notes = [
        *_title_notes(log.catalogue, items, len(every) - len(titled)),
        *_repeat_notes(len(titled) - len(single)),
        *_unpopular_notes(single, popular, top_items),
        *_unsampled_notes(unsampled, len(popular) - len(sample), sample_users),
        *_core_notes(len(log.histories) - unsampled, sample, core, min_interactions),
        *_unused_notes(len(log.catalogue) - len(single.item_rows)),
        *_spelling_notes(spellings),
        *_distinct_notes(by_attribute, by_id),
    ]
    histories = core.histories(log)
    users = {user: log.users[user] for user in histories if user in log.users}
    told = (*log.notes, *notes)
    return InteractionLog(log.name, Catalogue(distinct), histories, told, users=users)


def _check(min_interactions: int, chosen: Mapping[str, int | None]) -> None:
    problems = []
    if min_interactions < FEWEST_INTERACTIONS:
        problems.append(
            f"dataset.min_interactions: must be at least {FEWEST_INTERACTIONS} (one interaction to "
            f"learn from, one to validate on, one to test on), got {min_interactions}"
        )
    for name, value in chosen.items():
        if value is not None and value < 1:
            problems.append(f"dataset.{name}: must be at least 1, got {value}")
    if problems:
        raise ConfigError(problems)


def _nothing_left(log: InteractionLog, k: int, chosen: Mapping[str, int | None]) -> str:
    raised = "".join(f", or raise `{name}`" for name, count in chosen.items() if count)
    return (
        f"no interactions of {log.name!r} are left: no group of its "
        f"{counted(len(log.histories), 'user')} and {counted(len(log.catalogue), 'item')} "
        f"({counted(log.interactions, 'interaction')}) has {k} for each user and each item. "
        f"Bring more data, or lower `min_interactions` (at least {FEWEST_INTERACTIONS})"
        f"{raised}"
    )


def _title_notes(before: Sequence[Item], after: Sequence[Item], lost: int) -> Iterator[str]:
    pairs = list(zip(before, after, strict=True))
    titles = [(old.title, new.title) for old, new in pairs if new.title not in ("", old.title)]
    if titles:
        yield (
            f"{counted(len(titles), 'title')} {were(len(titles))} tidied (markup, blanks, "
            f"invisible characters, curly quotes, semicolons), such as {_change(*titles[0])}"
        )
    values = [change for old, new in pairs if (change := _changed_values(old, new))]
    if values:
        yield (
            f"attribute values of {counted(len(values), 'item')} were tidied "
            f"(markup, blanks, lists in one cell), such as {_change(*values[0])}"
        )
    empty = sum(1 for item in after if not item.title)
    if empty:
        yield (
            f"{counted(empty, 'item')} without a readable title {were(empty)} dropped, "
            f"with {counted(lost, 'interaction')}"
        )


def _changed_values(old: Item, new: Item) -> tuple[str, str] | None:
    """Return the first values of ``old`` that differ from those of ``new``, and these."""
    if old.attributes == new.attributes:
        return None
    for name, values in old.attributes.items():
        kept = new.attributes.get(clean_text(name), ())
        if kept != values:
            return ", ".join(values), ", ".join(kept)
    return None


def _change(before: str, after: str) -> str:
    return f"{_shortened(before)!r}, now {_shortened(after)!r}"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_EXAMPLE else f"{text[: _LONGEST_EXAMPLE - 1]}…"


def _repeat_notes(repeats: int) -> Iterator[str]:
    if repeats:
        yield (
            f"{counted(repeats, 'interaction')} with an item that the user already had "
            f"{were(repeats)} dropped"
        )


def _unpopular_notes(before: Pairs, popular: Pairs, top_items: int | None) -> Iterator[str]:
    lost = len(before.item_rows) - len(popular.item_rows)
    if lost:
        yield (
            f"{counted(lost, 'item')} beyond the {top_items:,} with most interactions "
            f"{were(lost)} left out, with {counted(len(before) - len(popular), 'interaction')}"
        )


def _unsampled_notes(users: int, interactions: int, sample_users: int | None) -> Iterator[str]:
    if users:
        yield (
            f"{counted(users, 'user')} beyond a sample of {sample_users:,} {were(users)} left out, "
            f"with {counted(interactions, 'interaction')}"
        )


def _core_notes(users_before: int, before: Pairs, core: Pairs, k: int) -> Iterator[str]:
    users = users_before - len(core.user_rows)
    items = len(before.item_rows) - len(core.item_rows)
    groups = [counted(count, noun) for count, noun in ((users, "user"), (items, "item")) if count]
    if groups:
        yield (
            f"{' and '.join(groups)} with fewer than {k} interactions {were(users + items)} "
            f"dropped, with {counted(len(before) - len(core), 'interaction')}"
        )


def _unused_notes(items: int) -> Iterator[str]:
    if items:
        yield f"{counted(items, 'item')} without interactions {were(items)} dropped"


def _spelling_notes(replaced: Mapping[str, str]) -> Iterator[str]:
    if replaced:
        yield (
            f"{counted(len(replaced), 'attribute value')} written in several ways "
            f"{were(len(replaced))} spelled as most items have it, "
            f"such as {_change(*next(iter(replaced.items())))}"
        )


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
