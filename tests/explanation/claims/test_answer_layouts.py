"""Labels that are offered and the marks of lists are no part of an answer."""

from __future__ import annotations

import pytest

from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.records import Case, Catalogue, Item

TITLES = ("Amber Road", "Copper Lane", "Quiet Axis", "Harbor by the Sea", "The Long Rain", "Heat")


@pytest.fixture(scope="module")
def reader():
    return ClaimReader(Catalogue([Item(title, title, {}) for title in (*TITLES, "Target One")]))


@pytest.fixture
def case():
    return Case(
        id="c",
        user="u",
        split="held_out_users",
        history=TITLES,
        item="Target One",
        decision="Yes",
        score=1.0,
        rank=1,
        candidates=9,
    )


@pytest.mark.parametrize("word", ["Yes", "No"])
@pytest.mark.parametrize(
    "form",
    [
        "Yes/No: {}. Nothing is alike.",
        "Answer (Yes/No): {}.",
        "**Yes/No:** {}\n**Reason:** nothing is alike.",
        "Prediction [Yes/No]: {}",
        "Decision (Yes or No): {}",
        "Yes or No? {}",
        "No/Yes: {}",
        "1) {}. Nothing is alike.",
        "- {}, nothing is alike.",
        "It is so, so {}.",
    ],
)
def test_the_answer_is_what_is_said_after_the_offered_labels(form, word, reader, case) -> None:
    assert reader.read(form.format(word), case).decision == word


@pytest.mark.parametrize(
    "form",
    ["- {}", "* {}", "• {}", "({n}) {}", "{n}. **{}**", "{n}. {}", "{n}) {}", "{n}. {} - the mood"],
)
def test_all_titles_of_a_list_are_read_as_what_introduces_it_says(form, reader, case) -> None:
    lines = "\n".join(form.format(title, n=n) for n, title in enumerate(TITLES, 1))
    reading = reader.read(f"Yes. It is because of these:\n{lines}", case)
    assert reading.cited == TITLES
    reasons = [claim.items for claim in reading.claims if claim.kind == "reason"]
    assert reasons == [(title,) for title in TITLES]
    listed = reader.read(f"Yes. Recently watched:\n{lines}", case)
    assert listed.cited == TITLES
    assert {claim.kind for claim in listed.claims} == {"decision", "cause"}
