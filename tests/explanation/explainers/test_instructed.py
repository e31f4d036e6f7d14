"""What instructions change, on texts whose answer is plain to see."""

from __future__ import annotations

import pytest

from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.explainers.instructed import AttributeTalk, instruction_metrics
from recexplainer.records import Catalogue, Explanation, Item


@pytest.fixture
def written(films, film_case):
    reader = ClaimReader(films)

    def write(text, case=film_case):
        reading = reader.read(text, case)
        return Explanation(
            case=case.id,
            explainer="hybrid",
            text=text,
            decision=reading.decision,
            cited=reading.cited,
            claims=reading.claims,
        )

    return write


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("Yes, it suits this user.", []),
        ("Yes. It shares the genre Crime with “Heat”.", ["genre", "genre"]),
        ("Yes. The user likes comedies.", ["genre"]),
        ("Yes. Its release years fit.", ["release_year"]),
        ("No, it was made in 1996.", ["release_year"]),
        ("No genre is recorded for it, which is of 1996.", ["genre", "release_year"]),
        ("Yes, as they saw “No Escape” and “Hamlet (1990)”.", []),
    ],
)
def test_an_attribute_is_mentioned_by_name_or_value_outside_titles(
    films, written, text, attributes
):
    talk = AttributeTalk(films)
    assert sorted(talk.mentions(written(text))) == [frozenset({name}) for name in attributes]


def test_a_value_of_two_attributes_may_mean_either(film_case, films):
    both = {"genre": ("Crime",), "mood": ("Crime", "Grim")}
    catalogue = Catalogue([Item(item.id, item.title, both) for item in films])
    text = "Yes, for its Crime."
    reading = ClaimReader(catalogue).read(text, film_case)
    written = Explanation(case="c", explainer="e", text=text, claims=reading.claims)
    assert AttributeTalk(catalogue).mentions(written) == [frozenset({"genre", "mood"})]


def test_a_name_within_a_longer_name_that_is_meant_does_not_count(film_case, films):
    values = {"year": ("old",), "release year": ("late",)}
    catalogue = Catalogue([Item(item.id, item.title, values) for item in films])
    written = Explanation(case="c", explainer="e", text="Its release year fits.")
    assert AttributeTalk(catalogue).mentions(written) == [frozenset({"release year"})]


def test_figures_are_those_counted_by_hand(films, film_case, written):
    cases = [
        film_case.model_copy(update={"id": f"c{number}", "user": f"u{number}"})
        for number in range(4)
    ]
    plain = [
        "Yes. Its genre is Crime.",
        "No, this is of 1996.",
        "Perhaps.",
        "Yes, it suits this user.",
    ]
    told = [
        "Yes. Its genre is Crime.",  # unchanged, and all as asked
        "Yes, this is Drama.",  # decides otherwise
        "Yes. Drama of 1996.",  # talks of the year as well
        "Yes, it suits  this user.",  # unchanged but for a space, and talks of nothing
    ]
    metrics = instruction_metrics(
        [written(text, case) for text, case in zip(told, cases, strict=True)],
        # in another order, and with one that was not asked again
        [
            written("Yes."),
            *(written(*pair) for pair in reversed([*zip(plain, cases, strict=True)])),
        ],
        [*cases, film_case],
        attribute="genre",
        talk=AttributeTalk(films),
        seed=0,
    )
    found = {metric.metric: (metric.value, metric.n, metric.unscored) for metric in metrics}
    assert found == {
        "instruction_changed": (2 / 4, 4, 0),
        "instruction_decision_kept": (2 / 3, 3, 1),
        "instruction_followed": (3 / 4, 4, 0),
        "instruction_followed_unasked": (1 / 4, 4, 0),
        "instruction_kept_to": (2 / 4, 4, 0),
    }
    assert {(m.subject, m.task, m.split) for m in metrics} == {
        ("hybrid", "instruction", "only genre")
    }
