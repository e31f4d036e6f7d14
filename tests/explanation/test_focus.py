from __future__ import annotations

import pytest

from recexplainer.errors import UserError
from recexplainer.explanation.instruction import resolve_focus
from recexplainer.records import Catalogue, Item


@pytest.fixture(scope="module")
def games() -> Catalogue:
    attributes = {
        "genre": ("Action",),
        "platform": ("Sony PSP",),
        "release_year": ("1995",),
        "Categories": ("Party Games",),
        "brand": ("Sega",),
        "app brand": ("Steam",),
    }
    return Catalogue([Item("1", "One", attributes)])


@pytest.mark.parametrize(
    ("instruction", "attribute"),
    [
        ("only genres", "genre"),
        ("Only the GENRE, please", "genre"),
        ("genre", "genre"),
        ("game platforms only", "platform"),
        ("talk about nothing but platforms", "platform"),
        ("only the release year", "release_year"),
        ("only release_year", "release_year"),
        ("just the year", "release_year"),
        ("only categories", "Categories"),
        ("only one category", "Categories"),
        ("only genrs", "genre"),
        ("only plattforms", "platform"),
        ("focus on the app brand", "app brand"),
        ("focus on brands", "brand"),
        (None, None),
        ("", None),
        ("  ", None),
    ],
)
def test_instructions_resolve(instruction, attribute, games: Catalogue) -> None:
    assert resolve_focus(instruction, games) == attribute


@pytest.mark.parametrize(
    ("instruction", "reason"),
    [
        ("be brief", "names no attribute"),
        ("only genres and platforms", "genre and platform; ask for one at a time"),
        ("no genres", "not what to leave out"),
        ("everything except the platform", "not what to leave out"),
        ("don't mention the genre", "not what to leave out"),
        ("only action", "'Action' is a value of 'genre'"),
        ("only the sony psp", "'Sony PSP' is a value of 'platform'"),
    ],
)
def test_what_cannot_be_followed_says_why_and_what_can(instruction, reason, games) -> None:
    with pytest.raises(UserError) as failure:
        resolve_focus(instruction, games)
    assert reason in str(failure.value)
    assert repr(instruction) in str(failure.value)
    assert "only genre, only platform, only release_year" in str(failure.value)


def test_without_attributes_nothing_can_be_asked_for() -> None:
    with pytest.raises(UserError, match="no attributes"):
        resolve_focus("only genres", Catalogue([Item("1", "One")]))
