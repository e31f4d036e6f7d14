"""Every sentence that the product writes is read as what it was written to say."""

from __future__ import annotations

import pytest

from recexplainer.alignment import rationale_sentences as wording
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.explainers.minimal_edits import MinimalEdit, counterfactual_sentence

KINDS = ("direction", "reason", "together", "strongest", "order", "relevance", "no_cause")
ONE, TWO, THREE = "“Heat”", "“Heat” and “Alien”", "“Heat”, “Alien” and “Seven”"
TITLES = {ONE: ("heat",), TWO: ("heat", "alien"), THREE: ("heat", "alien", "seven")}
CAUSAL = ("owes", "comes from", "rests")
ABOUT_VALUES = (
    *wording.LEANING,
    *wording.SHARED,
    *wording.FITS_LEANING,
    *wording.NOTHING_SHARED,
    *wording.DIFFERS,
    *wording.FITS_BUT_REJECTED,
    *wording.NO_LEANING,
    *wording.UNRECORDED,
)


@pytest.fixture
def read(films, film_case):
    """Return what a text says pulls the recommender: kind, items and way, in order."""
    reader = ClaimReader(films)

    def told(text):
        claims = reader.read(text, film_case).claims
        return [(claim.kind, claim.items, claim.toward) for claim in claims if claim.kind in KINDS]

    return told


def _pulling(kind, items, toward):
    """Return what a list of titles claims: of each, and of all together."""
    each = [(kind, (item,), toward) for item in items]
    return each + ([("together", items, toward)] if len(items) > 1 else [])


def _decided(decision):
    return "Yes, the user will like “Fargo”." if decision == "Yes" else "No. It is no match."


@pytest.mark.parametrize("titles", TITLES)
@pytest.mark.parametrize(
    ("decision", "pattern"),
    [(decision, pattern) for decision in wording.CAUSES for pattern in wording.CAUSES[decision]],
)
def test_causes_are_named_with_their_way_and_as_the_strongest(
    decision, pattern, titles, read
) -> None:
    items = TITLES[titles]
    kind = "reason" if any(word in pattern for word in CAUSAL) else "direction"
    expected = [*_pulling(kind, items, decision), ("strongest", items, decision)]
    found = read(f"{_decided(decision)} {pattern.format(causes=titles)}")
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("decision", "pattern"),
    [
        (decision, pattern)
        for decision in wording.NO_CAUSE
        for pattern in wording.NO_CAUSE[decision]
    ],
)
def test_no_cause_is_read_with_its_way(decision, pattern, read) -> None:
    assert read(f"{_decided(decision)} {pattern}") == [("no_cause", (), decision)]


@pytest.mark.parametrize("decision", wording.DECISION)
def test_decisions_name_nothing_that_pulls(decision, read) -> None:
    for pattern in wording.DECISION[decision]:
        assert read(pattern.format(item="“Fargo”")) == []


@pytest.mark.parametrize("holders", [*TITLES, "all of them"])
@pytest.mark.parametrize("pattern", ABOUT_VALUES)
def test_what_an_item_has_is_no_reason(pattern, holders, read) -> None:
    values = {
        "attribute": "genre",
        "own": "Crime and Drama",
        "leaning": "Western",
        "shared": "Crime",
        "them": "them",
    }
    assert read(f"Yes. {pattern.format(holders=holders, **values)}") == []


@pytest.mark.parametrize("decision", wording.WHAT_IF)
def test_what_would_be_without_a_title_is_only_that(decision, read) -> None:
    for pattern in wording.WHAT_IF[decision]:
        assert read(f"{_decided(decision)} {pattern.format(first=ONE)}") == []


@pytest.mark.parametrize("removed", [("heat",), ("heat", "alien"), ("heat", "alien", "seven")])
def test_minimal_edits_are_only_what_ifs(removed, films, film_case, read) -> None:
    edit = MinimalEdit(removed, -0.25, 9, exact=True)
    assert read(counterfactual_sentence(film_case, edit, films)) == []


YES = "Yes: f ranks “Fargo” 3rd of 1,600 unseen items."
NO = "No: f ranks “Fargo” 1,003rd of 1,600 unseen items."
LIKED, DISLIKED = "Yes: the user will like “Fargo”", "No: the user will not like “Fargo”"
BOTH, ALL = ("heat", "alien"), ("heat", "alien", "seven")
RANKS = "“Heat” (rank 3 to 1,040)", "“Alien” (rank stays 3) and “Seven” (rank 3 to 9)"
SHARES = "“Heat” (+0.3)", "“Alien” (+0.1) and “Seven” (-1.2e+03)"


def _ranked(items, toward):
    """Return what ``most is A, then B and C`` claims."""
    one = [*_pulling("direction", items, toward), ("strongest", items[:1], toward)]
    return one + ([("order", items, toward)] if len(items) > 1 else [])


WRITTEN = {
    f"{YES} Removing {RANKS[0]} costs it the most.": _ranked(ALL[:1], "Yes"),
    f"{YES} Removing {RANKS[0]} costs it the most, then {RANKS[1]}.": _ranked(ALL, "Yes"),
    f"{NO} Removing {RANKS[0]} helps it the most, then {RANKS[1]}.": _ranked(ALL, "No"),
    f"{YES} Removing any single item of the history never lowers its score.": [
        ("no_cause", (), "Yes")
    ],
    f"{NO} Removing any single item of the history never raises its score.": [
        ("no_cause", (), "No")
    ],
    f"{YES} By LIME, its score owes to {', '.join(SHARES)}.": _pulling("reason", ALL, "Yes"),
    f"{NO} By SHAP, its score loses by {', '.join(SHARES)}.": _pulling("direction", ALL, "No"),
    f"{YES} By LIME, its score owes to no item of the history.": [("no_cause", (), "Yes")],
    f"{NO} By SHAP, its score loses by no item of the history.": [("no_cause", (), "No")],
    f"{YES} By LIME, what raises its score most is {SHARES[0]}, then {SHARES[1]}.": _ranked(
        ALL, "Yes"
    ),
    f"{NO} By SHAP, what lowers its score most is {SHARES[0]}.": _ranked(ALL[:1], "No"),
    f"{LIKED} because of {THREE}.": _pulling("reason", ALL, "Yes"),
    f"{DISLIKED} because of {ONE}.": _pulling("reason", ALL[:1], "No"),
    f"{LIKED}; of the history, the item is most similar to {TWO}.": [],
    f"{DISLIKED}; the most popular items of the history are “Heat”, “Alien”.": [],
    f"{LIKED}; the most popular items of the history are {THREE}.": [],
    f"{LIKED}; nothing is known of the user.": [],
    f"Yes. Together, {TWO} raise its score; neither does so alone.": [("together", BOTH, "Yes")],
    f"No. Together, {TWO} lower its score; neither does so alone.": [("together", BOTH, "No")],
    f"Yes. Together, {THREE} raise its score; none does so alone.": [("together", ALL, "Yes")],
    "Yes. For 78 of 100 users drawn at random the recommender decides the same.": [],
    "No. After an empty history the recommender ranks it 12th of 1,600.": [],
}


@pytest.mark.parametrize("text", WRITTEN)
def test_what_explainers_write_from_answers_of_the_target(text, read) -> None:
    assert sorted(read(text)) == sorted(WRITTEN[text])


def test_spans_are_titles_values_or_sentences(films, film_case) -> None:
    text = (
        "Yes. By LIME, what raises its score most is “Heat” (+0.3), then “Alien” (+0.1). "
        "It is recommended because of the genre Crime."
    )
    claims = ClaimReader(films).read(text, film_case).claims
    stretches = {claim.kind: claim.text for claim in claims if claim.kind in KINDS}
    sentence = "By LIME, what raises its score most is “Heat” (+0.3), then “Alien” (+0.1)."
    assert stretches == {
        "direction": "Alien",
        "together": sentence,
        "strongest": sentence,
        "order": sentence,
        "relevance": "Crime",
    }
    assert all(text[claim.start : claim.end] == claim.text for claim in claims)


@pytest.mark.parametrize(
    ("title", "items", "detail"),
    [
        ("Fargo", ("fargo",), "the item in question itself"),
        ("Toy Story", ("toy",), "not in the history"),
        ("Space Ducks", (), "no item of the catalogue"),
    ],
)
def test_what_is_not_of_the_history_is_no_real_reason(
    title, items, detail, films, film_case
) -> None:
    for words, kind in (
        (f"It is because of “{title}”.", "reason"),
        (f"“{title}” lifts it.", "direction"),
    ):
        claims = ClaimReader(films).read(f"Yes. {words}", film_case).claims
        (claim,) = [claim for claim in claims if claim.kind in KINDS]
        assert (claim.kind, claim.items, claim.real, claim.detail) == (kind, items, False, detail)


def test_where_no_decision_is_stated_a_cause_is_one_of_what_the_target_leans_to(
    films, film_case
) -> None:
    leaning_no = film_case.model_copy(update={"decision": None, "rank": 11})
    for case, toward in ((film_case, "Yes"), (leaning_no, "No")):
        claims = ClaimReader(films).read("It is because of “Heat”.", case).claims
        assert [claim.toward for claim in claims if claim.kind == "reason"] == [toward]


LONG = 20_000
HARD = {
    "titles": "“Heat” ",
    "marks": "_",
    "spaces": " ",
    "quotes": "“",
    "conclusions": "so, ",
    "removals": "without “Heat” ",
    "values": "Drama and Comedy for it ",
    "influence": "“Heat” which is most of the reason ",
    "markers": "1. ",
    "lines": "1. “Heat”\n",
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", HARD)
def test_no_text_takes_for_ever(name, films, film_case) -> None:
    """Backtracking that grows with the square of a text would take minutes here."""
    text = (f"Yes. “Alien” lifts it. {HARD[name] * LONG}")[:LONG]
    assert ClaimReader(films).read(text, film_case).decision == "Yes"
