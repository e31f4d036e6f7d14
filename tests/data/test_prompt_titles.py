"""Cleaning and distinguishing titles."""

from __future__ import annotations

from itertools import product

import pytest

from recexplainer.data.prompt_titles import clean_text, clean_title, with_distinct_titles
from recexplainer.records import ITEM_MARK, USER_MARK, Item


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("plain", "plain"),
        ("  two\t\n words ", "two words"),
        ("non\u00a0breaking\u2003blanks", "non breaking blanks"),
        (f"a{USER_MARK}b{ITEM_MARK}c\uf8ff", "abc"),
        ("bell\x07 \x00nul \x85next", "bell nul next"),
        ("zero\u200bwidth\ufeff and \u202eright-to-left", "zerowidth and right-to-left"),
        (f"blank {USER_MARK} blank", "blank blank"),
        ("line\u2028separator", "line separator"),
        ("cafe\u0301", "caf\u00e9"),
        ("family \U0001f469\u200d\U0001f467", "family \U0001f469\u200d\U0001f467"),
        ("\ud800 lone surrogate", "lone surrogate"),
        ("Amélie 東京", "Amélie 東京"),
        ("", ""),
    ],
)
def test_text_is_one_clean_line(given: str, cleaned: str) -> None:
    assert clean_text(given) == cleaned
    assert clean_text(cleaned) == cleaned


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("\u201cHigh\u201d Noon", '"High" Noon'),
        ("Black;\tWhite ;  Red", "Black, White , Red"),
        ("STEINS;GATE", "STEINS;GATE"),
        (f"a;{USER_MARK} b", "a, b"),
    ],
)
def test_titles_can_be_quoted_and_listed(given: str, cleaned: str) -> None:
    assert clean_title(given) == cleaned


def titles_of(*items: Item) -> list[str]:
    return [item.title for item in with_distinct_titles(items)[0]]


def test_the_first_attribute_that_tells_all_apart_is_added() -> None:
    one = Item("1", "Ys", {"genre": ("RPG",), "platform": ("PC",), "year": ("1987",)})
    two = Item("2", "Ys", {"genre": ("RPG",), "platform": ("NES",), "year": ("1990",)})
    assert titles_of(one, two) == ["Ys (PC)", "Ys (NES)"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"maker": ("A", "B")}, {"maker": ("C",)}),  # several values
        ({"maker": ("A",)}, {}),  # unknown for one of them
        ({"maker": ("A",)}, {"maker": ("A",)}),  # the same
        ({"maker": ("A" * 21,)}, {"maker": ("B",)}),  # too long for a title
        ({"maker": ("a; b",)}, {"maker": ("a, b",)}),  # the same in a title
        ({"maker": ("a",)}, {"maker": ("A",)}),  # the same but for case
    ],
)
def test_the_id_is_added_where_no_attribute_tells_apart(
    first: dict[str, tuple[str, ...]], second: dict[str, tuple[str, ...]]
) -> None:
    assert titles_of(Item("7", "X", first), Item("8", "X", second)) == ["X [7]", "X [8]"]


def test_an_extended_title_that_is_taken_is_extended_again() -> None:
    items = [Item("5", "X"), Item("6", "X"), Item("9", "X [5]")]
    distinct, by_attribute, by_id = with_distinct_titles(items)
    assert [item.title for item in distinct] == ["X [5] [5]", "X [6]", "X [5] [9]"]
    assert (by_attribute, by_id) == (0, 3)


def test_titles_that_differ_only_in_case_count_as_shared() -> None:
    assert titles_of(Item("1", "LIMBO"), Item("2", "Limbo")) == ["LIMBO [1]", "Limbo [2]"]
    assert titles_of(Item("a", "X"), Item("A", "x")) == ["X [1]", "x [2]"]


def test_ids_that_look_the_same_are_numbered() -> None:
    assert titles_of(Item("a", "X"), Item(f"a{USER_MARK}", "X")) == ["X [1]", "X [2]"]


def test_every_mixture_of_awkward_titles_becomes_distinct() -> None:
    names = ["X", "x [1]", "X [1] [1]", "X (b)"]
    for titles in product(names, repeat=4):
        items = [
            Item(str(row), title, {"kind": ("a" if row % 2 else "b",)})
            for row, title in enumerate(titles)
        ]
        distinct, *_ = with_distinct_titles(items)
        assert len({item.title.casefold() for item in distinct}) == 4
        assert [item.id for item in distinct] == ["0", "1", "2", "3"]
        assert all(
            item.title.startswith(title) for item, title in zip(distinct, titles, strict=True)
        )
