"""The check that shares nothing with the product reads what our sentences say, and counts right."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import true_as_read
from true_as_read import Sentence, measure, read

from recexplainer.alignment import rationale_sentences as wording
from recexplainer.records import Catalogue, Item

WORTH = {"a": 3.0, "b": 1.0, "c": -2.0, "d": 0.0, "x": 0.0}
"""What each item of a history adds to the score of x."""


def said(pattern: str) -> str:
    return pattern.format(item="“Film X”", causes="“Film A” and “Mr. B.”", first="“Film A”")


@pytest.mark.parametrize(("decision", "way"), [("Yes", 1), ("No", -1)])
def test_the_sentences_that_the_surrogate_learns_are_read(decision, way) -> None:
    for pattern in wording.CAUSES[decision]:
        for opening in wording.DECISION[decision]:
            found = read(said(f"{opening} {pattern}"), "Film X")
            assert found == [Sentence(way, ("Film A", "Mr. B."), superlative=True)], pattern
    for pattern in wording.NO_CAUSE[decision]:
        found = read(said(f"{wording.DECISION[decision][0]} {pattern}"), "Film X")
        assert found == [Sentence(way, (), superlative=False)]


def test_what_names_no_cause_is_passed_over() -> None:
    words = {"attribute": "genre", "own": "Drama", "leaning": "Crime", "shared": "Drama"}
    others = (wording.LEANING, wording.SHARED, wording.FITS_LEANING, wording.NOTHING_SHARED)
    others += (wording.DIFFERS, wording.FITS_BUT_REJECTED, wording.NO_LEANING)
    for pattern in (one for patterns in others for one in patterns):
        text = pattern.format(**words, holders="“Film A”", them="them")
        assert read(f"Yes. {text}", "Film X") == [], text


COSTS = (
    "Yes: f ranks “Film X” 3rd of 9 unseen items. Removing “Film A” (rank 3 to 5) costs it the "
    "most, then “Mr. B.” (rank stays 3). Without “Film A” it would not be recommended (rank 3 to "
    "5, score 1.5 to -0.2)."
)
HELPS = (
    "No: f ranks “Film X” 8th of 9 unseen items. Removing “Film A” (rank 8 to 5) helps it the most."
)
NEVER = "Yes: ... Removing any single item of the history never lowers its score."
ALIKE = "Yes: the user will like “Film X”; of the history, the item is most similar to “Film A”."


@pytest.mark.parametrize(
    ("text", "way", "titles", "superlative"),
    [
        (COSTS, 1, ("Film A", "Mr. B."), True),
        (HELPS, -1, ("Film A",), True),
        (NEVER, 1, (), False),
        (ALIKE, 1, ("Film A",), False),
        ("Yes: ... By SHAP, its score owes to “Film A” (+0.5).", 1, ("Film A",), False),
        ("No: ... By LIME, its score loses by “Film A” (-0.5).", -1, ("Film A",), False),
        ("No: the user will not like “Film X” because of “Film A”.", -1, ("Film A",), False),
    ],
)
def test_the_sentences_of_other_explainers_are_read(text, way, titles, superlative) -> None:
    assert read(text, "Film X") == [Sentence(way, titles, superlative)]


def run_of(*texts: str, history: str = "abcd"):
    """Return a loaded run with texts about x; the target adds up the history items' worths."""
    catalogue = Catalogue([Item(name, f"Film {name.upper()}") for name in WORTH])
    case = SimpleNamespace(id="1", history=tuple(history), item="x")
    told = [SimpleNamespace(case="1", explainer=f"e{n}", text=text) for n, text in enumerate(texts)]

    def scores(histories):
        rows = np.zeros((len(histories), len(WORTH)))
        rows[:, list(WORTH).index("x")] = [sum(WORTH[i] for i in one) for one in histories]
        return rows

    return SimpleNamespace(
        target=SimpleNamespace(scores=scores),
        catalogue=catalogue,
        cases=[case],
        explanations=told,
        given=told,
    )


def figures(text: str, **kinds) -> dict[str, float | None]:
    of_all = measure(run_of(text, **kinds))["e0"]["of_all"]
    return {name: found["share"] for name, found in of_all.items() if found["share"] is not None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Yes. Its score owes most to “Film A” and “Film B”.",
            {"cited": 1, "together": 1, "strongest": 1, "all_strongest": 1},
        ),
        (
            "Yes. Its score owes most to “Film B” and “Film A”.",
            {"cited": 1, "together": 1, "strongest": 0, "all_strongest": 1},
        ),
        (  # 3 - 2 is still a fall when both are removed, though one of the two pulls down
            "Yes. Its score owes most to “Film A” and “Film C”.",
            {"cited": 0.5, "together": 1, "strongest": 1, "all_strongest": 0},
        ),
        (
            "No. Its score is lowered most by “Film A”.",
            {"cited": 0, "together": 0, "strongest": 0, "all_strongest": 0},
        ),
        (
            "No. What speaks against it most is “Film C”.",
            {"cited": 1, "together": 1, "strongest": 1, "all_strongest": 1},
        ),
        (  # an item that moves nothing, and a title that nobody had
            "Yes: the user will like “Film X” because of “Film D” and “The Moth”.",
            {"cited": 0, "together": 0},
        ),
    ],
)
def test_each_cited_item_is_removed_by_itself_and_all_together(text, expected) -> None:
    true = all(expected[name] == 1 for name in expected if name != "all_strongest")
    assert figures(text) == {**expected, "nothing_pulls": 0, "true_as_read": float(true)}


def test_a_text_that_names_a_cause_where_nothing_pulls_that_way_is_counted() -> None:
    text = "No. Its score is lowered most by “Film A”."
    assert figures(text, history="abd")["nothing_pulls"] == 1
    denied = "No. No one title in the history lowers its score by itself."
    assert figures(denied, history="abd") == {"no_cause": 1, "true_as_read": 1}
    assert figures(denied, history="abc") == {"no_cause": 0, "true_as_read": 0}


def test_given_texts_are_counted_apart() -> None:
    run = run_of("Yes. It is lifted most by “Film A”.", "No. It is held back most by “Film A”.")
    run.given = run.explanations[:1]
    found = measure(run)
    assert (found["e0"]["given"], found["e1"]["given"]) == (1, 0)
    assert found["e0"]["of_given"]["cited"] == {"share": 1.0, "n": 1}
    assert found["e1"]["of_given"]["cited"] == {"share": None, "n": 0}
    assert "e1, all" in true_as_read.table(found)


def test_the_target_is_asked_in_bounded_batches(monkeypatch) -> None:
    run, sizes = run_of("Yes. Its score owes most to “Film A”."), []
    scores = run.target.scores
    run.target.scores = lambda histories: sizes.append(len(histories)) or scores(histories)
    whole = measure(run)
    monkeypatch.setattr(true_as_read, "_SCORES_AT_ONCE", 2 * len(WORTH))
    again = measure(run)
    assert again == whole
    assert max(sizes[1:]) == 2
    assert sum(sizes[1:]) == sizes[0] == 5  # the whole history, and without each of four
