"""Answers put to a linear target, whose own answers are sums that anybody can do."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.explanation.cases import make_case
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.questions.answer_check import AnswerCheck
from recexplainer.explanation.questions.asked_kind import Understood
from recexplainer.oracle import Oracle
from recexplainer.records import Catalogue, Context, Item

HISTORY = ("i0", "i1", "i2", "i3")


@pytest.fixture
def world(linear):
    """Forty items; i0 lifts the even ones (all Crime) and i1 lowers them, twice as weakly."""
    catalogue = Catalogue(
        [
            Item(f"i{row}", f"Title {row:02d}", {"genre": ("Western" if row % 2 else "Crime",)})
            for row in range(40)
        ]
    )
    weights = np.zeros((40, 40), dtype=np.float32)
    weights[0, ::2], weights[1, ::2] = 2.0, -1.0
    weights[2] = np.linspace(0.4, 0.0, 40)  # so that no two score alike
    target = type(linear)(catalogue, weights)
    oracle = Oracle(target, catalogue)
    context = Context("u", 4, HISTORY, "held_out_users")
    return oracle, lambda item: make_case(oracle, context, item), target


def found(world, text: str, understood: Understood, item: str = "i4"):
    oracle, case_of, _ = world
    check = AnswerCheck(ClaimReader(oracle.catalogue), oracle, seed=0)
    return check.sentences(text, understood, case_of(item))


def verdicts(sentences) -> list[list[bool | None]]:
    return [[one.holds for one in sentence.claims] for sentence in sentences]


def test_a_true_text_holds_and_a_lie_does_not(world) -> None:
    true = found(world, "Yes. It is lifted most by “Title 00”.", Understood("why"))
    assert [sentence.holds for sentence in true] == [True, True]
    lie = found(world, "No. It is lifted most by “Title 01”.", Understood("why"))
    assert [sentence.holds for sentence in lie] == [False, False]


def test_what_only_the_data_know_is_not_told_as_held(world) -> None:
    (sentence,) = found(world, "Its genre is Crime.", Understood("why"))
    assert sentence.holds is None
    (sentence,) = found(world, "Its genre is Western.", Understood("why"))
    assert sentence.holds is False


def test_an_undecided_target_neither_holds_nor_refutes(world) -> None:
    _, case_of, _ = world
    undecided = next(
        i for i in world[0].catalogue.ids if i not in HISTORY and not case_of(i).decision
    )
    (sentence,) = found(world, "Yes", Understood("liking"), undecided)
    assert [one.holds for one in sentence.claims] == [None]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("Title 04; Title 06; Title 05", [True, True]),
        ("Title 06; Title 04; Title 05", [False, True]),
        ("I would put “Title 05” before “Title 04”.", [False, None]),
        ("Title 05", [False, False, None]),
    ],
)
def test_an_order_is_that_of_the_scores(text, holds, world) -> None:
    understood = Understood("order", ("i5", "i4", "i6"))
    assert verdicts(found(world, text, understood)) == [holds]


def test_a_first_choice_is_the_highest_score_of_what_was_not_had(world) -> None:
    _, _, target = world
    (scores,) = target.scores([HISTORY])
    best = max((row for row in range(4, 40)), key=lambda row: scores[row])
    for row, holds in ((best, True), (best + 2, False), (0, False)):
        answered = found(world, f"Title {row:02d}", Understood("next"))
        assert verdicts(answered) == [[holds]], row


def test_a_taste_is_put_to_the_target_and_not_to_the_history(world) -> None:
    """Crime and Western fill the history alike; the target recommends Crime alone."""
    understood = Understood("taste", attribute="genre")
    (crime,) = found(world, "The user likes Crime.", understood)
    (western,) = found(world, "The user likes Western.", understood)
    assert crime.claims[0].holds is True
    assert western.claims[0].holds is False


@pytest.mark.parametrize("kind", ["liking", "why", "next", "order", "taste"])
def test_an_answer_without_anything_readable_is_none(kind, world) -> None:
    understood = Understood(kind, ("i4", "i5"), attribute="genre")
    assert found(world, "Well, who knows.", understood) == []


def test_the_targets_own_answers(world) -> None:
    oracle, case_of, _ = world
    check = AnswerCheck(ClaimReader(oracle.catalogue), oracle, seed=0)
    case = case_of("i4")
    order = check.recommender(Understood("order", ("i5", "i6", "i4")), case, case)
    assert order.index("Title 04") < order.index("Title 06") < order.index("Title 05")
    taste = check.recommender(Understood("taste", attribute="genre", value="western"), case, case)
    assert "most of “Crime”" in taste
    assert "On “western”: the recommender would recommend 0% of the items" in taste
