"""A value is real only if those have it whom the text says it of; what is false is left out."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from recexplainer.alignment import rationale_sentences as wording
from recexplainer.explanation.checks.account import account_of
from recexplainer.explanation.checks.omission import without_values
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.records import Catalogue, Written, one_full_stop

TAUGHT = [
    *wording.LEANING,
    *wording.SHARED,
    *wording.FITS_LEANING,
    *wording.FITS_BUT_REJECTED,
    wording.NO_LEANING[0],
]
"""What denies nothing; ``test_denied_attributes`` has the others."""
HOLDERS = ["“Heat”", "“Heat” and “Seven”", "all of them"]
CAUSES = "Its score owes most to “Heat” and “Seven”. "


def _values(films, case, pattern, **slots):
    words = {"attribute": "genre", "them": "them", "holders": "all of them"} | slots
    text = CAUSES + pattern.format(**words)
    return [claim for claim in ClaimReader(films).read(text, case).claims if _is_value(claim)]


def _is_value(claim):
    return claim.kind == "attribute"


def _slots(pattern):
    return set(re.findall(r"\{(own|shared|leaning)\}", pattern))


@pytest.mark.parametrize("holders", HOLDERS)
@pytest.mark.parametrize("pattern", TAUGHT)
def test_every_sentence_that_is_taught_is_true_of_whom_it_names(
    pattern, holders, films, film_case
) -> None:
    """Crime is the item's, both causes' and frequent in the history."""
    crime = dict.fromkeys(("own", "shared", "leaning"), "Crime")
    values = _values(films, film_case, pattern, holders=holders, **crime)
    assert len(values) == len(_slots(pattern))
    assert all(value.real and not value.detail for value in values)


@pytest.mark.parametrize("holders", HOLDERS)
@pytest.mark.parametrize("pattern", TAUGHT)
def test_a_value_of_another_item_of_the_history_is_not_real(
    pattern, holders, films, film_case
) -> None:
    """One film of the history is a Western; the item is none, nor are the causes."""
    assert sum("Western" in films.item(i).attributes["genre"] for i in film_case.history) == 1
    for slot in _slots(pattern):
        words = dict.fromkeys(("own", "shared", "leaning"), "Crime") | {slot: "Western"}
        values = _values(films, film_case, pattern, holders=holders, **words)
        assert [value.text for value in values if not value.real] == ["Western"]


@pytest.mark.parametrize("pattern", wording.SHARED)
def test_all_that_are_named_must_have_it(pattern, films, film_case) -> None:
    """Drama is the item's and frequent, but neither Heat nor Seven is one."""
    (value,) = _values(films, film_case, pattern, shared="Drama", holders="“Heat”")
    assert (value.real, value.items, value.detail) == (False, ("fargo", "heat"), "not of Heat")
    (value,) = _values(films, film_case, pattern, shared="Drama")
    assert value.detail == "not of Heat, Seven (Se7en)"
    (value,) = _values(films, film_case, pattern, shared="Drama", holders="“Ulee's Gold”")
    assert (value.real, value.items) == (True, ("fargo", "ulee"))


def test_values_of_one_list_are_each_held_to_it(films, film_case) -> None:
    values = _values(films, film_case, "It shares the genre Crime and Drama with “Heat”.")
    assert [(value.text, value.real) for value in values] == [("Crime", True), ("Drama", False)]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Yes. It is a Western. It is a drama.", "Yes. It is a drama."),
        ("Yes. It is a Western. It is a Musical.", "Yes."),
        ("Yes. Its genre is Western and Musical. It suits.", "Yes. It suits."),
        ("It is a Western. Yes, “Fargo” suits. It is a Western.", "Yes, “Fargo” suits."),
        ("Yes, this Western suits. It is a drama.", "Yes, this Western suits. It is a drama."),
        ("It is a Western, so yes, the user will like it.", None),
        ("Yes. Like “Heat”, it is a Western. “It” counts.", "Yes. “It” counts."),
    ],
)
def test_sentences_with_false_values_are_left_out_but_for_the_decision(
    text, left, films, film_case
) -> None:
    reader = ClaimReader(films)
    written = Written(case=film_case.id, explainer="e", text=text)
    explanation = account_of(written, film_case, reader)
    kept = without_values(explanation, film_case, reader, lambda claim: not claim.real)
    assert kept.text == (left or text)
    again = reader.read(kept.text, film_case)
    assert (kept.decision, kept.cited, kept.claims) == again
    assert kept.decision == explanation.decision == "Yes"


STOPPED = [*TAUGHT, *wording.NOTHING_SHARED, *wording.DIFFERS, *wording.NO_LEANING[1:]]


@pytest.mark.parametrize("value", ["Crime", "Western"])
@pytest.mark.parametrize("written", ["Acme, Inc.", "Acme, Inc", "acme, inc."])
@pytest.mark.parametrize("pattern", STOPPED)
def test_a_value_with_a_full_stop_is_read_like_one_without(
    pattern, written, value, films, film_case
) -> None:
    """Of "Crime" nearly all of these are true, of "Western" none."""
    told = ClaimReader(films).read(_told(pattern, value), film_case)
    again = ClaimReader(_renamed(films, value)).read(_told(pattern, written), film_case)
    assert [_essence(claim) for claim in again.claims] == [_essence(one) for one in told.claims]
    assert len(_slots(pattern)) <= sum(map(_is_value, again.claims))


def test_a_false_sentence_is_left_out_whole_where_a_value_holds_a_full_stop(
    films, film_case
) -> None:
    text = "Yes. Its genre Acme, Inc. fits the history. “Heat” counts. Its genre is Acme, Inc."
    reader = ClaimReader(_renamed(films, "Western"))
    written = Written(case=film_case.id, explainer="e", text=text)
    explanation = account_of(written, film_case, reader)
    kept = without_values(explanation, film_case, reader, lambda claim: not claim.real)
    assert kept.text == "Yes. “Heat” counts."


def _renamed(films, value):
    """Return the same films, one genre under the name of a company."""

    def renamed(film):
        genres = ["Acme, Inc." if one == value else one for one in film.attributes["genre"]]
        return replace(film, attributes={**film.attributes, "genre": tuple(genres)})

    return Catalogue([renamed(film) for film in films])


def _told(pattern, value):
    slots = dict.fromkeys(("own", "shared", "leaning"), value)
    words = {"attribute": "genre", "them": "them", "holders": "“Heat”"} | slots
    sentence = one_full_stop(pattern.format(**words))
    return f"{CAUSES}{sentence} Its score is raised by “Ulee's Gold” as well. “Seven” counts too."


def _essence(claim):
    return claim.kind, claim.real, claim.items, claim.outcome, claim.toward
