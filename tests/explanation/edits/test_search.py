"""Edits that are found do what is said of them, and none smaller does where that is said."""

from __future__ import annotations

from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from recexplainer.errors import UnknownNameError, UserError
from recexplainer.explanation.edits.question import Wish


def _rank(world, history, item, barred):
    """The places above the item, by a loop over what is no candidate: an account of its own."""
    scores = np.asarray(world.target.row(history), dtype=np.float32)
    own = scores[world.catalogue.row(item)]
    rivals = [one for one in world.catalogue.ids if one not in barred and one != item]
    return 1 + sum(scores[world.catalogue.row(one)] >= own for one in rivals)


def _inside(world, old, new, item, places):
    """Whether the item is among the first, whether or not what was added counts as a rival."""
    return _rank(world, new, item, set(old)) <= places


def _outside(world, old, new, item, places):
    return _rank(world, new, item, {*old, *new}) > places


def _edited_histories(history, fresh, size, kinds):
    """All histories that so many changes make, written without any of the product's code."""
    for counts in product(range(size + 1), repeat=3):
        if sum(counts) != size:
            continue
        gone, swapped, added = counts
        wanted = {"remove": gone, "replace": swapped, "add": added}
        if any(count and kind not in kinds for kind, count in wanted.items()):
            continue
        for out in combinations(history, gone):
            rest = [one for one in history if one not in out]
            for olds in combinations(rest, swapped):
                for come in permutations(fresh, swapped + added):
                    put = dict(zip(olds, come, strict=False))
                    new = (*(put.get(one, one) for one in rest), *come[swapped:])
                    if new:
                        yield new


def _smallest(world, history, item, met, kinds, most):
    fresh = [one for one in world.catalogue.ids if one not in {*history, item}]
    for size in range(1, most + 1):
        if any(met(new) for new in _edited_histories(history, fresh, size, kinds)):
            return size
    return None


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 10_000),
    length=st.integers(1, 8),
    kinds=st.sets(st.sampled_from(["remove", "replace", "add"]), min_size=1),
    aim=st.sampled_from(["top 1", "top 2", "out of top 3"]),
)
@example(seed=785, length=1, kinds={"remove", "add"}, aim="top 2")
def test_the_smallest_edit_is_as_small_as_exhaustive_search_says(
    seed, length, kinds, aim, world, shelf, rugged
):
    one = world(shelf(11), rugged(shelf(11), seed))
    history = tuple(f"i{row}" for row in range(length))
    if kinds == {"remove"} and length == 1:
        return
    places = int(aim[-1])
    best_first = np.argsort(-np.asarray(one.target.row(history)))
    ranked = [one.catalogue.ids[row] for row in best_first]
    ranked = [item for item in ranked if item not in history]
    if aim.startswith("out") and len(ranked) < places + 1:
        return
    item = ranked[0] if aim.startswith("out") else ranked[-1]
    if not aim.startswith("out") and len(ranked) <= places:
        return
    holds = _outside if aim.startswith("out") else _inside

    def met(new):
        return holds(one, history, new, item, places)

    kinds = [kind for kind in ("remove", "replace", "add") if kind in kinds]
    told = one.ask(history, item, aim, kinds, budget=4_000, longest=2)
    assert len(one.target.asked) == told.questions == len(set(one.target.asked)) <= 4_000
    true_size = _smallest(one, history, item, met, kinds, 2)
    if told.found is None:
        assert told.complete == 2
        assert true_size is None
    else:
        assert met(told.found.history)
        assert told.minimal
        assert len(told.found.edit) == true_size


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000), budget=st.integers(2, 120), by=st.sampled_from("ia"))
def test_what_is_told_was_answered_within_the_budget(seed, budget, by, world, shelf, rugged):
    one = world(shelf(60), rugged(shelf(60), seed))
    history = tuple(f"i{row}" for row in range(9))
    unit = {"i": "item", "a": "attribute"}[by]
    told = one.ask(history, "i59", "top 3", by=unit, budget=budget)
    asked = list(one.target.asked)
    assert told.questions == len(asked) == len(set(asked)) <= budget
    for answer in (told.found, told.nearest):
        if answer is None:
            continue
        assert answer.history in asked
        (scores,) = one.target.scores([answer.history])
        barred = {*history, *answer.history}
        assert answer.score == pytest.approx(scores[one.catalogue.row("i59")])
        assert answer.rank == _rank(one, answer.history, "i59", barred)
        assert answer.candidates == len(one.catalogue) - len(barred)
    if told.found is not None:
        assert told.found.rank <= 3
        assert _inside(one, history, told.found.history, "i59", 3)
        if told.irreducible:
            for place in range(len(told.found.edit)):
                fewer = (*told.found.edit[:place], *told.found.edit[place + 1 :])
                assert not fewer or not _inside(one, history, _made(history, fewer), "i59", 3)


def _made(history, edit):
    """The history after an edit, read from its fields alone."""
    items, end = list(history), []
    for change in edit:
        for place, old in enumerate(change.old):
            at = items.index(old)
            items[at : at + 1] = change.new[place : place + 1] if change.kind == "replace" else []
        end += change.new if change.kind == "add" else []
    return (*items, *end)


def _needs_both(catalogue, wanted, item):
    """The item comes first once all the wanted ones are in the history, and not before."""

    def row(history):
        scores = np.arange(len(catalogue), 0, -1, dtype=float)
        scores[catalogue.row(item)] = 100.0 if set(wanted) <= set(history) else -1.0
        return scores

    return row


def test_two_items_that_only_help_together_are_found_where_everything_is_asked(world, shelf):
    shelf = shelf(12)
    one = world(shelf, _needs_both(shelf, ("i9", "i10"), "i11"))
    told = one.ask(("i0", "i1", "i2"), "i11", kinds=["add"])
    assert told.minimal
    assert {new for change in told.found.edit for new in change.new} == {"i9", "i10"}
    assert "No single change does." in told.text
    assert "“Title 11” would be ranked 1st instead of 9th" in told.text


@pytest.mark.parametrize("end", [("i9", "i10"), ("i10", "i9")])
def test_what_is_added_is_tried_in_every_order(end, world, shelf):
    shelf = shelf(12)

    def row(history):
        scores = np.arange(len(shelf), 0, -1, dtype=float)
        scores[11] = 100.0 if history[-2:] == end else -1.0
        return scores

    told = world(shelf, row).ask(("i0", "i1", "i2"), "i11", kinds=["add"])
    assert told.found.history == ("i0", "i1", "i2", *end)


def test_superfluous_parts_of_what_a_guided_search_found_are_left_out(world, shelf):
    """Each of four removals helps a little, and a fifth item is enough with two of them."""
    shelf = shelf(80)

    def row(history):
        scores = np.zeros(len(shelf))
        scores[:78] = np.linspace(1, 2, 78)
        gone = {f"i{place}" for place in range(20)} - set(history)
        scores[79] = 0.3 * len(gone & {"i1", "i2", "i3"}) + 0.8 * ("i4" not in history)
        scores[79] += 2.0 if {"i3", "i4"} <= gone else 0.0
        return scores

    one = world(shelf, row)
    told = one.ask(tuple(f"i{place}" for place in range(20)), "i79", "top 1", budget=200)
    assert {change.old for change in told.found.edit} == {("i3",), ("i4",)}
    assert {change.kind for change in told.found.edit} == {"remove"}
    assert told.irreducible
    assert not told.minimal  # not all replacements by all items fit 200 questions
    assert "fewer changes may do; none of these can be left out." in told.text


def test_an_item_that_is_out_of_reach_is_told_with_the_nearest_miss(world, shelf):
    shelf = shelf(12)

    def row(history):
        scores = np.arange(len(shelf), 0, -1, dtype=float)
        scores[11] = 8.5 if "i2" not in history else 0.0
        return scores

    told = world(shelf, row).ask(("i0", "i1", "i2"), "i11", kinds=["remove"])
    assert told.found is None
    assert [change.old for change in told.nearest.edit] == [("i2",)]
    assert told.nearest.rank == 2  # behind i3, of the nine that are no history
    assert told.complete == 5
    assert told.questions == 7  # the history, three without one, three without two
    assert "The nearest: without “Title 02”, it would be ranked 2nd instead of 9th" in told.text


def test_taking_a_rival_out_of_the_list_is_no_merit(world, shelf):
    """Scores that no history moves: had the favourite been seen, the next would only move up."""
    shelf = shelf(12)
    one = world(shelf, lambda history: np.arange(12, 0, -1, dtype=float))
    told = one.ask(("i0", "i1"), "i3", "top 1", longest=2)  # second to i2
    assert told.found is None
    out = one.ask(("i0", "i1"), "i2", "out of top 1", longest=2)
    assert out.found is None


def test_what_is_met_already_is_said_and_not_searched(world, shelf):
    one = world(shelf(12), lambda history: np.arange(12, 0, -1, dtype=float))
    told = one.ask(("i0", "i1"), "i2", "top 3")
    assert told.met
    assert told.questions == len(one.target.asked) == 1
    assert "is ranked 1st of 10 as it is, so the aim (top 3) is met already." in told.text


def test_all_of_a_genre_are_removed_together(world, shelf):
    shelf = shelf(30)
    comedies = ("i0", "i3", "i6")

    def row(history):
        scores = np.arange(len(shelf), 0, -1, dtype=float)
        scores[29] = 100.0 if not set(comedies) & set(history) else -len(history)
        return scores

    told = world(shelf, row).ask([f"i{place}" for place in range(8)], "i29", by="attribute")
    (change,) = told.found.edit
    assert (change.kind, change.attribute, change.old_value) == ("remove", "genre", "comedy")
    assert set(change.old) == set(comedies)
    assert told.found.history == ("i1", "i2", "i4", "i5", "i7")
    assert told.text.startswith("Without all 3 items of genre comedy (")


def test_two_items_of_a_genre_are_added(world, shelf):
    shelf = shelf(40)

    def row(history):
        scores = np.arange(len(shelf), 0, -1, dtype=float)
        crimes = sum(shelf.row(item) % 3 == 2 for item in history)
        scores[38] = 100.0 if crimes >= 2 else -1.0
        return scores

    told = world(shelf, row).ask(("i0", "i1"), "i38", kinds=["add"], by="attribute")
    (change,) = told.found.edit
    assert change.new_value == "crime"
    assert len(change.new) == 2
    assert "with 2 items of genre crime added at the end" in told.text.replace("With", "with")


def test_the_comedies_are_replaced(world, shelf):
    shelf = shelf(40)

    def row(history):
        kinds = [shelf.row(item) % 3 for item in history]
        scores = np.arange(len(shelf), 0, -1, dtype=float)
        scores[38] = 100.0 if kinds[:2] == [1, 1] and 0 not in kinds else -1.0
        return scores

    told = world(shelf, row).ask(("i0", "i3", "i2"), "i38", by="attribute", kinds=["replace"])
    (change,) = told.found.edit
    assert (change.old_value, change.new_value) == ("comedy", "drama")
    assert told.found.history[-1] == "i2"
    assert "in place of all 2 items of genre comedy" in told.text


def test_a_decision_is_flipped(world, shelf):
    shelf = shelf(20)

    def row(history):
        scores = np.arange(len(shelf), 0, -1, dtype=float)
        scores[19] = 100.0 if "i1" not in history else 0.0
        return scores

    told = world(shelf, row).ask(("i0", "i1"), "i19", "yes")
    assert told.case.decision == "No"
    assert told.found.decision == "Yes"
    assert "ranked 1st instead of 18th (Yes, not No)." in told.text


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"aim": "tpo 10"}, UserError, "'top 10' or 'out of top 10'"),
        ({"aim": "top 0"}, UserError, "any number from 1 on"),
        ({"edits": ["removal"]}, UnknownNameError, "Did you mean 'remove'"),
        ({"edits": []}, UserError, "is no list of edits"),
        ({"edits": "remove"}, UserError, "is no list of edits"),
        ({"by": "genre"}, UnknownNameError, "Available: attribute, item"),
        ({"budget": 0}, UserError, "a budget of 0 questions is too small"),
    ],
)
def test_wishes_that_are_none_are_refused(given, error, words):
    wish = {"aim": "top 10", "edits": ["remove"], "by": "item", "budget": 200} | given
    with pytest.raises(error, match=words):
        Wish.read(**wish)


def test_questions_that_make_no_sense_are_refused(world, shelf):
    plain = world(shelf(12), lambda history: np.arange(12, 0, -1, dtype=float))
    with pytest.raises(UserError, match="the user already had 'Title 01', so it is not"):
        plain.ask(("i0", "i1"), "i1")
    with pytest.raises(UserError, match="needs a longer list: there are 10 candidates"):
        plain.ask(("i0", "i1"), "i5", "top 10")
    with pytest.raises(UserError, match="would be left empty"):
        plain.ask(("i0",), "i5", kinds=["remove"])
