"""A recommender's scores as answers: its list, its order, and its decision by place."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.evaluation import ScoringSubject
from recexplainer.records import Example, HistorySlot, ItemSlot, Text, ask

HOW = {"kind": "item", "constrained": False}


class ByNumber:
    """Scores an item by its number, or the other way round after a history that begins with i5."""

    def scores(self, histories):
        rows = [np.arange(20) * (-1.0 if history[0] == "i5" else 1.0) for history in histories]
        return np.array(rows, np.float32)


@pytest.fixture
def subject(catalogue):
    return ScoringSubject("distilled", ByNumber(), catalogue, lambda context: context.history)


def titles(*numbers):
    return tuple(f"Title {number}" for number in numbers)


def test_the_first_unseen_items_are_answered(subject, example, contexts):
    asked = [example("t", 0, ("i1",)), example("t", 2, ("i1",))]
    found = subject.answer(asked, contexts, **HOW)
    # User 0 has had i0 and i19, user 2 i5, after which the order turns.
    assert found == [titles(18, 17, 16, 15, 14), titles(0, 1, 2, 3, 4)]


def test_what_came_before_the_history_is_not_answered_either(catalogue, example, contexts):
    earlier = ScoringSubject("x", ByNumber(), catalogue, lambda _: ("i18", "i16"))
    (found,) = earlier.answer([example("t", 0, ("i1",))], contexts, **HOW)
    assert found == titles(19, 17, 15, 14, 13)


def test_offered_items_come_in_the_order_of_their_scores(subject, example, contexts):
    offered = ("i4", "i9", "i2")
    asked = [example("t", row, offered, options=offered) for row in (0, 2)]
    found = subject.answer(asked, contexts, kind="order", constrained=False)
    assert found == [("Title 9; Title 4; Title 2",), ("Title 2; Title 4; Title 9",)]
    assert found == subject.answer(asked, contexts, kind="order", constrained=True)


def test_yes_is_said_of_the_upper_35_percent_of_unseen_items(subject, example, contexts):
    """Of 18 that are 6: above the 3.6 that a target likes, below the 9 that it does not reject."""
    asked = [
        example("t", 0, ("Yes",), item=f"i{number}", options=("Yes", "No"))
        for number in range(1, 19)
    ]
    found = subject.answer(asked, contexts, kind="label", constrained=False)
    assert found == [("No",)] * 11 + [("Yes",)] * 7  # before the seventh there are 6 of 6.3


def test_only_what_scores_can_say_is_answered(subject, example, catalogue):
    def able(one):
        return subject.can_answer(one, constrained=False)

    assert able(example("t", 0, ("i1",)))
    assert able(example("t", 0, ("i1", "i2"), options=("i2", "i1")))
    assert able(example("t", 0, ("Yes",), item="i3", options=("Yes", "No")))
    assert not able(example("t", 0, ("i1", "i2")))  # a list of any length
    assert not able(example("t", 0, ("red",), item="i3", options=("red", "blue")))
    assert not able(example("t", 0, ("Yes",), options=("Yes", "No")))  # of which item?
    hidden = ask([Text("What is behind "), HistorySlot(0, vector_only=True)], "x")
    assert not able(Example("h", "t", hidden, ("i1",)))
    assert not able(Example("i", "t", ask([ItemSlot("i1")], "x"), ("i1",)))
