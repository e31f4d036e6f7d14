"""Questions of a corpus of a wanted size: shares of the tasks, and users that come alike."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from recexplainer.alignment.drawn_schedule import drawn_schedule, users_in_turn
from recexplainer.alignment.interest_classification import InterestClassification
from recexplainer.alignment.item_ranking import ItemRanking
from recexplainer.records import Context


def contexts_of(counts):
    """Return contexts of users with so many each."""
    return [
        Context(user, end, ("a",), "train")
        for user, count in counts.items()
        for end in range(count)
    ]


@pytest.mark.parametrize(("wanted", "expected"), [(2, [0, 1, 1]), (3, [1, 1, 1]), (7, [1, 3, 3])])
def test_users_take_turns_as_long_as_they_have_contexts(wanted, expected):
    contexts = contexts_of({"one": 1, "many": 40, "more": 90})
    times = users_in_turn(contexts, wanted, 5, "task")
    assert times.sum() == wanted
    assert times.max() == 1
    seen = Counter(contexts[row].user for row in np.flatnonzero(times))
    assert sorted(seen[user] for user in ("one", "many", "more")) == expected


def test_when_all_have_been_asked_about_they_are_asked_again():
    contexts = contexts_of({"one": 1, "two": 2})
    assert users_in_turn(contexts, 6, 0, "task").tolist() == [2, 2, 2]
    assert users_in_turn(contexts, 0, 0, "task").tolist() == [0, 0, 0]
    assert users_in_turn([], 0, 0, "task").tolist() == []


def test_draws_depend_on_seed_and_task():
    contexts = contexts_of({f"u{user}": 9 for user in range(30)})
    drawn = [users_in_turn(contexts, 40, *given).tolist() for given in ((1, "a"), (1, "b"))]
    assert drawn[0] != drawn[1]
    assert users_in_turn(contexts, 40, 2, "a").tolist() != drawn[0]
    assert users_in_turn(contexts, 40, 1, "a").tolist() == drawn[0]


def test_weights_are_shares_of_the_conversations():
    """10 contexts: a ranking makes 3 conversations of each, a classification 6."""
    contexts = contexts_of({f"u{user}": 2 for user in range(5)})
    tasks = [(ItemRanking(), 3.0), (InterestClassification(), 1.0)]
    at_once = {"item_ranking": 30.0, "interest_classification": 60.0}
    found = drawn_schedule(tasks, 24, at_once, contexts, 0).times
    assert found["item_ranking"].sum() * 3 == 18
    assert found["interest_classification"].sum() * 6 == 6
    most = drawn_schedule(tasks, 10**6, at_once, contexts, 0).times
    asked = sum(int(most[name].sum()) * of_each for name, of_each in zip(most, (3, 6), strict=True))
    assert asked == pytest.approx(90, rel=0.1)


def test_a_task_without_examples_leaves_its_share_to_others():
    contexts = contexts_of({"u": 10})
    tasks = [(ItemRanking(), 1.0), (InterestClassification(), 1.0)]
    found = drawn_schedule(tasks, 6, {"item_ranking": 30.0}, contexts, 0)
    assert [task.name for task, _ in found.tasks] == ["item_ranking"]
    assert found.times["item_ranking"].sum() == 2
