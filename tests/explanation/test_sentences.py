"""What is said of an attribute where a language model says nothing true of it."""

from __future__ import annotations

import pytest

from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.sentences import attribute_sentence


@pytest.mark.parametrize(
    ("item", "attribute", "sentence"),
    [
        ("fargo", "genre", "Its genre, Crime and Drama, is frequent in the history."),
        ("go", "genre", "Its genre, Comedy, is frequent in the history."),
        ("duck", "genre", "Its genre is Film-Noir."),
        ("fargo", "release_year", "Its release year is 1996."),
        ("fargo", "lead_actor", "No lead actor is recorded for it."),
    ],
)
def test_it_is_what_the_data_say(item, attribute, sentence, films, film_case):
    """Of the history's twelve films three are crime stories, three dramas and two comedies."""
    case = film_case.model_copy(update={"item": item})
    said = attribute_sentence(case, attribute, films)
    assert said == sentence
    reading = ClaimReader(films).read(f"Yes. {said}", case)
    assert all(claim.real for claim in reading.claims if claim.kind == "attribute")
