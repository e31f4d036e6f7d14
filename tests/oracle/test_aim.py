"""Where an item is wanted, and when it is there: by hand, equal scores and rounding included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recexplainer.errors import UserError
from recexplainer.explanation.cases import case_of_scores
from recexplainer.oracle import EditedHistories, Oracle, aim_of, standing_of
from recexplainer.records import Context

OTHERS = np.array([9, 8, 7, 6, 5, 4, 3, 2, 1], dtype=np.float32)


@pytest.mark.parametrize(
    ("words", "inside", "places_of_20"),
    [
        ("top 10", True, 10),
        ("Top-3", True, 3),
        ("out of top 5", False, 5),
        ("out of the top 5", False, 5),
        ("not top 5", False, 5),
        (" YES ", True, 4),  # the first fifth
        ("not yes", False, 4),
        ("no", False, 10),  # the last half
        ("not  no", True, 10),
    ],
)
def test_aims_are_read(words, inside, places_of_20):
    aim = aim_of(words)
    assert (aim.inside, aim.places(20)) == (inside, places_of_20)
    assert aim_of(aim.words) == aim


@pytest.mark.parametrize("words", ["", "top", "top 0", "top ten", "top -1", "maybe", "top 1.5"])
def test_what_is_no_aim_is_refused(words):
    with pytest.raises(UserError, match="give 'top 10'"):
        aim_of(words)


@pytest.mark.parametrize(
    ("words", "own", "past"),
    [
        ("top 3", 7.5, True),  # third
        ("top 3", 7.0, False),  # shares the third place
        ("top 3", 7.000001, False),  # no more than rounding above it
        ("top 3", 6.5, False),
        ("out of top 3", 6.5, True),
        ("out of top 3", 7.0, False),
        ("yes", 8.5, True),  # second of ten
        ("yes", 7.5, False),
        ("no", 4.5, True),  # sixth of ten
        ("no", 5.5, False),
    ],
)
def test_the_margin_is_above_nothing_where_the_aim_is_surely_met(words, own, past):
    aim = aim_of(words)
    assert (aim.margin(own, OTHERS, spread=2.5) > 0) == past


@given(
    scores=st.lists(st.integers(-5, 5), min_size=3, max_size=12),
    words=st.sampled_from(["top 1", "top 2", "out of top 1", "out of top 2", "yes", "no"]),
)
def test_margin_and_standing_agree_on_scores_that_are_apart(scores, words):
    row = np.array(scores, dtype=np.float32)
    aim = aim_of(words)
    margin = aim.margin(float(row[0]), row[1:], float(np.std(row)))
    assert (margin > 0) == aim.met(standing_of(row, 0, ()))


def test_nothing_is_asked_twice_or_beyond_the_budget(target, catalogue):
    history = ("i0", "i1", "i2")
    context = Context("u", 3, history, "held_out_users")
    (whole,) = target.scores([history])
    case = case_of_scores(context, 5, whole, catalogue, ())
    oracle = Oracle(target, catalogue)
    asker = EditedHistories(oracle, case, aim_of("top 3"), whole=whole, budget=4)
    assert (asker.asked, asker.left) == (1, 3)
    some = [("i0",), history, ("i0",), ("i1", "i9")]
    assert [one.history for one in asker.ask(some)] == some
    assert asker.left == 1
    cut = asker.ask([("i2",), ("i3",), ("i0",)])
    assert [one.history for one in cut] == [("i2",)]
    asked = [one for batch in target.batches for one in batch]
    assert asked == [history, ("i0",), ("i1", "i9"), ("i2",)]


def test_what_was_added_is_no_candidate_but_still_a_rival_for_the_aim(target, catalogue):
    target.row = lambda history: np.arange(40, 0, -1, dtype=np.float32)
    context = Context("u", 1, ("i0",), "held_out_users")
    whole = target.row(())
    case = case_of_scores(context, 3, whole, catalogue, ())
    asker = EditedHistories(Oracle(target, catalogue), case, aim_of("top 2"), whole=whole, budget=9)
    (answer,) = asker.ask([("i0", "i1")])
    assert (answer.standing.rank, answer.standing.candidates) == (2, 38)
    assert not answer.met  # third beside i1 and i2
