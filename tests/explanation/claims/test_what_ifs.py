"""What-ifs whose words are near those of a true one, and say something else."""

from __future__ import annotations

import pytest

from recexplainer.explanation.claims.reader import ClaimReader


@pytest.fixture
def what_if(films, film_case):
    """Return the one counterfactual that a sentence states about Fargo, if any."""
    reader = ClaimReader(films)

    def read(sentence):
        claims = reader.read(f"Yes. {sentence}", film_case).claims
        found = [claim for claim in claims if claim.kind == "counterfactual"]
        return found[0] if found else None

    return read


@pytest.mark.parametrize(
    "words",
    [
        "Without “Heat” it would still be recommended.",
        "Without “Heat” it would nevertheless be recommended.",
        "Without “Heat” it would remain recommended.",
        "It would still be recommended without “Heat”.",
        "If “Heat” were removed, it would continue to be recommended.",
    ],
)
def test_what_stays_recommended_is_no_reason(what_if, words):
    found = what_if(words)
    assert (found.outcome, found.items, found.real) == ("recommended", ("heat",), True)


@pytest.mark.parametrize(
    "words",
    [
        "Without “Heat” it would still not be recommended.",
        "Without “Heat” it will not be recommended.",
    ],
)
def test_still_changes_no_denial(what_if, words):
    assert what_if(words).outcome == "not recommended"


@pytest.mark.parametrize(
    ("words", "real"),
    [
        ("“Heat” would not be recommended without it.", False),
        ("Without “Alien”, “Heat” would not be recommended.", False),
        ("Without “Heat”, “Fargo” would not be recommended.", True),
        ("“Fargo” would not be recommended without “Heat”.", True),
    ],
)
def test_it_is_the_item_in_question_that_would_not_be_recommended(what_if, words, real):
    assert what_if(words).real is real
