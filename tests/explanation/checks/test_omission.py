"""Fragments of sentences go; whole sentences and quotations stay as they are."""

from __future__ import annotations

import pytest

from recexplainer.explanation.checks.account import account_of
from recexplainer.explanation.checks.omission import without_fragments
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.records import Written

WHOLE = (
    "Yes, “Fargo”. No one title in the history raises its score by itself. Its genre, Crime, fits "
    "“Heat” (1995), and no more is known."
)


@pytest.fixture
def left(films, film_case):
    reader = ClaimReader(films)

    def read(text: str):
        written = Written(case=film_case.id, explainer="one", text=text, left_out=2)
        return without_fragments(account_of(written, film_case, reader), film_case, reader)

    return read


def test_whole_sentences_stay(left):
    assert left(WHOLE).text == WHOLE


@pytest.mark.parametrize(
    "fragment",
    [
        "” high for this user.",
        ": .",
        ": Impossible”.",
        " Brown)”.",
        ": Fargo”, .",
    ],
)
def test_what_is_no_sentence_goes_and_is_not_counted(fragment, left):
    begin, end = WHOLE.split(" Its genre")
    found = left(f"{begin}{fragment} Its genre{end}")
    assert found.text == WHOLE
    assert found.left_out == 2


@pytest.mark.parametrize(
    "sentence",
    [
        "It shares no director with that title; its own is Coen.",
        "Its year, 1996, is not shared by them.",
        "It shares no year with them; its own is 1996.",
    ],
)
def test_what_points_at_a_title_stays_behind_one_alone(sentence, left):
    named = f"Yes, “Fargo”. What speaks for it most is “Heat”. {sentence}"
    assert left(named).text == named
    assert left(f"Yes, “Fargo”. {sentence} It is new.").text == "Yes, “Fargo”. It is new."
    after = f"Yes, “Fargo”. {sentence} What speaks for it most is “Heat”."
    assert left(after).text == "Yes, “Fargo”. What speaks for it most is “Heat”."


def test_the_decision_stays_even_in_a_fragment(left):
    assert left("Yes, “Fargo.").text == "Yes, “Fargo."
