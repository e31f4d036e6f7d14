"""One spelling for each attribute value."""

from __future__ import annotations

from recexplainer.data.preparation import prepare
from recexplainer.data.value_spellings import with_one_spelling
from recexplainer.records import Catalogue, InteractionLog, Item


def item(key: str, **attributes: tuple[str, ...]) -> Item:
    return Item(key, f"Title {key}", attributes)


def test_values_take_the_spelling_of_most_items() -> None:
    items = [
        item("1", price=("Free To Play",), studio=("CAPCOM", "Valve")),
        item("2", price=("Free to Play",), studio=("Capcom",)),
        item("3", price=("Free to Play",), studio=("Capcom",)),
        item("4", year=("1999",)),
    ]
    spelled, replaced = with_one_spelling(items)
    assert spelled == [
        item("1", price=("Free to Play",), studio=("Capcom", "Valve")),
        *items[1:],
    ]
    assert replaced == {"Free To Play": "Free to Play", "CAPCOM": "Capcom"}


def test_a_last_full_stop_is_no_difference_and_the_first_of_equals_stands() -> None:
    items = [item("1", studio=("Nival Inc.",)), item("2", studio=("Nival Inc", "Nival Inc."))]
    spelled, replaced = with_one_spelling(items)
    assert [one.attributes["studio"] for one in spelled] == [("Nival Inc.",), ("Nival Inc.",)]
    assert replaced == {"Nival Inc": "Nival Inc."}


def test_each_attribute_has_spellings_of_its_own() -> None:
    items = [item("1", studio=("SEGA",)), item("2", publisher=("Sega",)), item("3", dots=("...",))]
    assert with_one_spelling(items) == (items, {})


def test_prepared_logs_say_what_was_spelled_anew() -> None:
    items = [item(str(row), price=("Free" if row else "FREE",)) for row in range(3)]
    histories = {f"u{user}": ("0", "1", "2") for user in range(3)}
    prepared = prepare(InteractionLog("log", Catalogue(items), histories, ()), min_interactions=3)
    assert {one.attributes["price"] for one in prepared.catalogue} == {("Free",)}
    assert (
        "1 attribute value written in several ways was spelled as most items have it, "
        "such as 'FREE', now 'Free'"
    ) in prepared.notes
