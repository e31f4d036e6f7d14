"""``prepare`` against a brute-force k-core, and on logs small enough to count."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from recexplainer.data.preparation import prepare
from recexplainer.errors import ConfigError, DataError
from recexplainer.records import USER_MARK, Catalogue, InteractionLog, Item

Histories = Mapping[str, tuple[str, ...]]


def log_of(histories: Histories, items: list[Item] | None = None, *notes: str) -> InteractionLog:
    ids = sorted({item for history in histories.values() for item in history})
    catalogue = Catalogue(items or [Item(item, f"Title {item}") for item in ids])
    return InteractionLog("small", catalogue, dict(histories), notes)


def full(users: str = "abc", items: str = "123") -> dict[str, tuple[str, ...]]:
    """Return every user with every item: a k-core for k up to the smaller count."""
    return {user: tuple(items) for user in users}


def brute_force_core(histories: Histories, k: int) -> dict[str, tuple[str, ...]]:
    """Remove one user or item at a time, in no clever order."""
    kept = {user: list(history) for user, history in histories.items()}
    while True:
        counts: dict[str, int] = {}
        for history in kept.values():
            for item in history:
                counts[item] = counts.get(item, 0) + 1
        poor_user = next((user for user, history in kept.items() if len(history) < k), None)
        poor_item = next((item for item, count in counts.items() if count < k), None)
        if poor_user is not None:
            del kept[poor_user]
        elif poor_item is not None:
            kept = {user: [i for i in history if i != poor_item] for user, history in kept.items()}
        else:
            return {user: tuple(history) for user, history in kept.items()}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("k", [3, 4])
def test_core_is_the_brute_force_core_in_the_same_order(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    histories = {
        f"u{user}": tuple(f"i{item}" for item in rng.permutation(25)[: rng.integers(1, 9)])
        for user in rng.permutation(40)
    }
    expected = brute_force_core(histories, k)
    assert 0 < len(expected) < len(histories)  # else this seed would test nothing
    log = prepare(log_of(histories), min_interactions=k)
    assert list(log.histories.items()) == list(expected.items())
    survivors = {item for history in expected.values() for item in history}
    original = log_of(histories).catalogue.ids
    assert log.catalogue.ids == tuple(item for item in original if item in survivors)


def test_a_log_that_needs_nothing_stays_as_it_is() -> None:
    log = log_of(full(), None, "a note from the reader")
    prepared = prepare(log, min_interactions=3)
    assert prepared.histories == log.histories
    assert list(prepared.catalogue) == list(log.catalogue)
    assert prepared.notes == ("a note from the reader",)


def test_one_user_with_one_item_takes_nothing_else_along() -> None:
    prepared = prepare(log_of({**full(), "lone": ("1",)}), min_interactions=3)
    assert prepared.histories == full()
    assert prepared.notes == (
        "1 user with fewer than 3 interactions was dropped, with 1 interaction",
    )


def test_users_and_items_are_counted_in_one_note_and_unused_items_in_another() -> None:
    items = [Item(item, f"Title {item}") for item in "1239870"]
    # Item 9 is had by two users, who then fall below three; 8 by one; 7 and 0 by nobody.
    histories = {**full(), "d": ("1", "2", "9"), "e": ("1", "9", "8")}
    prepared = prepare(log_of(histories, items), min_interactions=3)
    assert prepared.histories == full()
    assert prepared.catalogue.ids == ("1", "2", "3")
    assert prepared.notes == (
        "2 users and 2 items with fewer than 3 interactions were dropped, with 6 interactions",
        "2 items without interactions were dropped",
    )


def test_only_the_first_interaction_with_an_item_counts() -> None:
    prepared = prepare(log_of({**full(), "a": ("2", "1", "2", "3", "1")}), min_interactions=3)
    assert prepared.histories["a"] == ("2", "1", "3")
    assert prepared.notes == ("2 interactions with an item that the user already had were dropped",)


def test_titles_and_attributes_are_cleaned_and_counted() -> None:
    items = [
        Item(
            "1", f"A\u00a0 {USER_MARK}b\n", {"genre": (" x\t y", "", "x y"), "none": (USER_MARK,)}
        ),
        Item("2", "Two"),
        Item("3", "\u201cThree\u201d; or 3;3"),
    ]
    prepared = prepare(log_of(full(), items), min_interactions=3)
    assert prepared.catalogue.titles == ("A b", "Two", '"Three", or 3;3')
    assert prepared.catalogue.item("1").attributes == {"genre": ("x y",)}
    assert prepared.notes == (
        (
            "2 titles were tidied (markup, blanks, invisible characters, curly quotes, "
            "semicolons), such as 'A\\xa0 \\ue000b\\n', now 'A b'"
        ),
        (
            "attribute values of 1 item were tidied (markup, blanks, lists in one cell), "
            "such as ' x\\t y, , x y', now 'x y'"
        ),
    )


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("Gintora&#039; Movie", "Gintora' Movie"),
        ("&quot;Frog&quot; no Hanashi", '"Frog" no Hanashi'),
        ("Rock &amp;amp; Role; Part 2", "Rock & Role, Part 2"),
        ("<b>Bold</b><br/>Move", "Bold Move"),
        ("I <heart> You <3", "I <heart> You <3"),
        ("Romance &regency, AT&T", "Romance &regency, AT&T"),
        ("&lt;i&gt;Slanted&lt;/i&gt;", "Slanted"),
    ],
)
def test_markup_of_any_source_becomes_plain_text(title: str, clean: str) -> None:
    items = [Item("1", title), Item("2", "Two"), Item("3", "Three")]
    assert prepare(log_of(full(), items), min_interactions=3).catalogue.title("1") == clean


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("['Drama', 'War']", ("Drama", "War")),
        ('["Drama", "R&amp;B"]', ("Drama", "R&B")),
        ('[{"id": 16, "name": "Animation"}]', ("Animation",)),
        ("[REC]", ("[REC]",)),
        ("(live", ("(live",)),
    ],
)
def test_lists_in_one_cell_become_values(value: str, kept: tuple[str, ...]) -> None:
    items = [Item("1", "One", {"genre": (value,)}), Item("2", "Two"), Item("3", "Three")]
    prepared = prepare(log_of(full(), items), min_interactions=3)
    assert prepared.catalogue.item("1").attributes == {"genre": kept}


def test_items_whose_title_is_empty_once_clean_are_dropped() -> None:
    items = [*(Item(item, f"Title {item}") for item in "123"), Item("4", f" {USER_MARK}\u200b")]
    prepared = prepare(log_of(full(items="1423"), items), min_interactions=3)
    assert prepared.histories == full()
    assert prepared.notes == (
        "1 item without a readable title was dropped, with 3 interactions",
        "1 item without interactions was dropped",
    )


def test_shared_titles_become_distinct_and_are_counted() -> None:
    items = [
        Item("1", "Doom", {"year": ("1993",)}),
        Item("2", "Doom", {"year": ("2016",)}),
        Item("3", "Quake"),
        Item("4", "Quake"),
    ]
    prepared = prepare(log_of(full("abcd", "1234"), items), min_interactions=3)
    assert prepared.catalogue.titles == ("Doom (1993)", "Doom (2016)", "Quake [3]", "Quake [4]")
    assert prepared.notes == (
        "2 titles shared by several items were told apart by an attribute in parentheses",
        "2 titles shared by several items were told apart by the item's id in brackets",
    )


def test_titles_of_dropped_items_do_not_count_as_shared() -> None:
    items = [*(Item(item, f"Title {item}") for item in "123"), Item("4", "Title 1")]
    prepared = prepare(log_of({**full(), "a": ("1", "2", "3", "4")}, items), min_interactions=3)
    assert prepared.catalogue.titles == ("Title 1", "Title 2", "Title 3")


@pytest.mark.parametrize("given", [2, 0, -1])
def test_fewer_than_three_interactions_cannot_be_split(given: int) -> None:
    with pytest.raises(ConfigError, match=f"min_interactions: must be at least 3 .*, got {given}"):
        prepare(log_of(full()), min_interactions=given)


def test_nothing_left_says_how_much_there_was() -> None:
    with pytest.raises(DataError) as caught:
        prepare(log_of(full()), min_interactions=5)
    assert str(caught.value) == (
        "no interactions of 'small' are left: no group of its 3 users and 3 items "
        "(9 interactions) has 5 for each user and each item. "
        "Bring more data, or lower `min_interactions` (at least 3)"
    )


def test_an_empty_log_is_the_same_error() -> None:
    with pytest.raises(DataError, match="no interactions of 'small' are left"):
        prepare(log_of({}))


def test_a_history_with_an_item_of_no_catalogue_is_an_error() -> None:
    with pytest.raises(DataError, match="a history of 'small' holds item '9', which its catalogue"):
        prepare(log_of({"a": ("9",)}, [Item("1", "One")]))
