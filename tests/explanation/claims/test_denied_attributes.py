"""A denied attribute is real only if those lack it of whom the text denies it."""

from __future__ import annotations

from itertools import product

import pytest

from recexplainer.alignment import rationale_sentences as wording
from recexplainer.explanation.checks.account import account_of
from recexplainer.explanation.checks.omission import without_untrue
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.records import Case, Item, Written

ITEMS = ("fargo", "toy", "goodbad", "1984", "duck")
FREQUENT = {"Crime", "Drama", "Horror", "Comedy"}
"""Of the history by hand: in two items or more, three of which are the most of any genre."""


@pytest.fixture(scope="module")
def reader(films) -> ClaimReader:
    return ClaimReader(films)


def _about(case: Case, item: str) -> Case:
    return case.model_copy(update={"id": f"u@12/{item}", "item": item})


def _genres(films, *items: str) -> set[str]:
    return {genre for item in items for genre in films.item(item).attributes["genre"]}


def _real(reader: ClaimReader, text: str, case: Case) -> bool:
    claims = [one for one in reader.read(text, case).claims if one.kind == "attribute"]
    assert claims, text
    assert all(text[one.start : one.end] == one.text for one in claims)
    return all(one.real for one in claims)


def test_the_history_leans_as_counted_by_hand(films, film_case) -> None:
    counted = [
        genre for item in film_case.history for genre in films.item(item).attributes["genre"]
    ]
    assert {genre for genre in counted if counted.count(genre) >= 2} == FREQUENT | {
        "Sci-Fi",
        "Thriller",
    }


@pytest.mark.parametrize("pattern", wording.DIFFERS)
def test_a_contrast_holds_only_where_both_sides_differ(pattern, reader, films, film_case) -> None:
    """Every pair of genres: the item's own, and what the history is said to lean to."""
    genres = films.attribute_values["genre"]
    frequent = {*FREQUENT, "Sci-Fi", "Thriller"}
    outcomes = set()
    for item, own, leaning in product(ITEMS, genres, genres):
        has = _genres(films, item)
        holds = own in has - frequent and leaning in frequent - has
        text = pattern.format(attribute="genre", own=own, leaning=leaning)
        assert _real(reader, text, _about(film_case, item)) == holds, (item, text)
        outcomes.add(holds)
    assert outcomes == {True, False}


@pytest.mark.parametrize("pattern", wording.NOTHING_SHARED)
@pytest.mark.parametrize("causes", [("heat",), ("alien", "ulee"), ("burbs", "seven")])
def test_nothing_is_shared_only_where_the_titles_have_none_of_it(
    pattern, causes, reader, films, film_case
) -> None:
    titles = " and ".join(f"“{films.title(cause)}”" for cause in causes)
    for item, own in product(ITEMS, films.attribute_values["genre"]):
        has, theirs = _genres(films, item), _genres(films, *causes)
        none_at_all = "shares no" in pattern
        holds = own in has and not (has if none_at_all else {own}) & theirs
        said = pattern.format(attribute="genre", own=own, them="them")
        text = f"Its score owes most to {titles}. {said}"
        assert _real(reader, text, _about(film_case, item)) == holds, (item, text)


@pytest.mark.parametrize("pattern", wording.NO_LEANING[1:])
def test_no_value_repeats_only_in_a_history_without_repeats(
    pattern, reader, films, film_case
) -> None:
    text = pattern.format(attribute="genre", own="Crime")
    assert not _real(reader, text, film_case)
    short = film_case.model_copy(update={"history": ("heat", "burbs", "hamlet1")})
    assert _real(reader, text, short)
    twice = film_case.model_copy(update={"history": ("heat", "burbs", "hamlet1", "m")})
    assert not _real(reader, text, twice)


@pytest.mark.parametrize("pattern", wording.UNRECORDED)
def test_what_is_not_recorded_is_read_where_it_is(pattern, films, film_case) -> None:
    text = pattern.format(attribute="genre")
    assert not _real(ClaimReader(films), text, film_case)
    bare = type(films)([*films, Item(id="bare", title="Bare")])
    assert _real(ClaimReader(bare), text, _about(film_case, "bare"))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("It is not a Western.", True),
        ("It is not a Crime film.", False),
        ("It isn't a Western.", True),
        ("It has no Musical.", True),
        ("It is no Western, and no Musical.", True),
        ("It is no Western, and no Drama.", False),
        ("It is not only a Drama.", True),
        ("Its genre is not Western.", True),
        ("Its genre is not Crime.", False),
        ("“Alien” is not a Crime film.", True),
        ("“Heat” is not a Crime film.", False),
        ("“Alien” and “Heat” are not Crime films.", False),
        ("Neither it nor “Alien” is a Western.", True),
        ("Neither it nor “Heat” is a Crime film.", False),
        ("Unlike “Alien”, it is a Drama.", True),
        ("Unlike “Ulee's Gold”, it is a Drama.", False),
        ("It does not share the genre Crime with “Alien”.", True),
        ("It does not share the genre Crime with “Heat”.", False),
        ("Drama is not shared by “Heat”.", True),
        ("Drama does not fit the history.", False),
        ("Western does not fit the history.", True),
        ("The history does not lean to Western.", True),
        ("Western is not common in the history.", True),
        ("Crime is rare in the history.", False),
        ("The history has no Animation.", True),
        ("The history has no Western.", False),
        ("There is no Animation in the history.", True),
        ("It shares no genre with “Alien”.", True),
        ("It shares no genre with “Heat”.", False),
        ("It has no genre in common with the history.", False),
        ("It shares no genre with that title.", False),
        ("It shares no genre with “Metropolis”.", False),
    ],
)
def test_a_denial_is_true_of_those_that_lack_it(text, holds, reader, film_case) -> None:
    """Fargo is Crime and Drama; one film of the history is a Western, none Animation."""
    assert _real(reader, text, film_case) == holds


def test_a_false_contrast_is_left_out(reader, film_case) -> None:
    said = "Its genre, Crime, is inconsistent with a history that leans to Crime."
    written = Written(
        case=film_case.id, explainer="e", text=f"Yes, it suits. {said} It is a Drama."
    )
    kept = without_untrue(account_of(written, film_case, reader), film_case, reader)
    assert kept.text == "Yes, it suits. It is a Drama."
