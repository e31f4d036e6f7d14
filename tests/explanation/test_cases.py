from __future__ import annotations

from collections import Counter

import pytest

from recexplainer.errors import UnknownNameError
from recexplainer.explanation.cases import draw_cases, make_case
from recexplainer.oracle import Oracle, Standing, leaning
from recexplainer.records import Catalogue, Context


def _contexts(held_out: int, familiar: int) -> list[Context]:
    splits = ["held_out_users"] * held_out + ["leave_one_out"] * familiar + ["train"] * 20
    return [
        Context(f"u{number}", 4, tuple(f"i{(number + step) % 40}" for step in range(3)), split)
        for number, split in enumerate(splits)
    ]


def _excluded(context: Context) -> list[str]:
    """What the user had: an item before the window, and the window."""
    return ["i39", *context.history]


@pytest.mark.parametrize(
    ("held_out", "familiar", "users", "expected"),
    [
        (10, 10, 8, (4, 4)),
        (2, 10, 8, (2, 6)),
        (10, 3, 8, (5, 3)),
        (2, 3, 8, (2, 3)),
        (5, 5, 1, (0, 1)),
    ],
)
def test_half_of_the_users_are_held_out_where_there_are_enough(
    held_out, familiar, users, expected, linear, plain_catalogue
) -> None:
    contexts = _contexts(held_out, familiar)
    cases = draw_cases(Oracle(linear, plain_catalogue), contexts, _excluded, users=users, seed=1)
    owners = Counter(split for _, split in {(case.user, case.split) for case in cases})
    assert (owners["held_out_users"], owners["leave_one_out"]) == expected
    assert len(cases) == 2 * sum(expected)
    assert owners["train"] == 0


def test_one_positive_and_one_negative_by_the_targets_own_order(linear, plain_catalogue) -> None:
    contexts = _contexts(10, 10)
    for seed in range(5):
        cases = draw_cases(
            Oracle(linear, plain_catalogue), contexts, _excluded, users=20, seed=seed
        )
        for case in cases:
            scores = linear.scores([case.history])[0]
            seen = {"i39", *case.history}
            unseen = [item.id for item in plain_catalogue if item.id not in seen]
            unseen.sort(key=lambda item: -scores[plain_catalogue.row(item)])
            assert case.item in (
                unseen[: len(unseen) // 5] if case.decision == "Yes" else unseen[18:]
            )
            assert unseen[case.rank - 1] == case.item
            assert case.candidates == len(unseen)
            assert case.score == scores[plain_catalogue.row(case.item)]
        assert Counter(case.decision for case in cases) == {"Yes": 20, "No": 20}
        assert len({case.id for case in cases}) == 40


def test_every_item_of_the_pools_can_be_drawn(linear, plain_catalogue) -> None:
    context = Context("u", 3, ("i0", "i1", "i2"), "leave_one_out")
    drawn = {
        case.item
        for seed in range(300)
        for case in draw_cases(
            Oracle(linear, plain_catalogue),
            [context],
            lambda _: context.history,
            users=1,
            seed=seed,
        )
    }
    assert len(drawn) == 37 // 5 + 37 // 2


def test_drawing_repeats_for_a_seed_whatever_else_is_drawn(linear, plain_catalogue) -> None:
    contexts = _contexts(6, 6)

    def draw(users: int, seed: int = 7):
        return draw_cases(
            Oracle(linear, plain_catalogue), contexts, _excluded, users=users, seed=seed
        )

    assert draw(12) == draw(12)
    assert set(draw(4)) <= set(draw(12))
    assert draw(12) != draw(12, seed=8)


def test_the_target_is_asked_once_for_all_contexts(linear, plain_catalogue) -> None:
    contexts = _contexts(10, 10)
    draw_cases(Oracle(linear, plain_catalogue), contexts, _excluded, users=20, seed=0)
    assert len(linear.asked) == 20


@pytest.mark.parametrize(
    ("rank", "candidates", "decision"),
    [
        *[(1, 10, "Yes"), (2, 10, "Yes"), (3, 10, None), (5, 10, None), (6, 10, "No")],
        *[(10, 10, "No"), (1, 1, "Yes"), (1, 2, "Yes"), (2, 2, "No"), (2, 3, None), (3, 3, "No")],
    ],
)
def test_decision_bounds(rank: int, candidates: int, decision: str | None) -> None:
    assert Standing(rank - 1, 0, candidates).decision == decision


def test_make_case_of_any_item_also_a_seen_one(linear, plain_catalogue: Catalogue) -> None:
    context = Context("u", 5, ("i0", "i1", "i2"), "leave_one_out")
    excluded = ("i5", "i6", *context.history)
    case = make_case(Oracle(linear, plain_catalogue), context, "i1", excluded=excluded)
    scores = linear.scores([context.history])[0]
    others = [row for row in range(40) if f"i{row}" not in excluded]
    assert case.candidates == len(others) + 1
    assert case.rank == 1 + sum(scores[row] > scores[1] for row in others)
    assert case.earlier == ("i5", "i6")


def test_equal_scores_share_the_middle_and_are_undecided(linear, plain_catalogue) -> None:
    linear.weights[:] = 0.0
    context = Context("u", 1, ("i3",), "leave_one_out")
    oracle = Oracle(linear, plain_catalogue)
    cases = [make_case(oracle, context, f"i{row}") for row in (0, 1, 2, 4)]
    assert {(case.rank, case.decision) for case in cases} == {(20, None)}


def test_an_unknown_item_is_named(linear, plain_catalogue) -> None:
    context = Context("u", 1, ("i3",), "leave_one_out")
    with pytest.raises(UnknownNameError, match="unknown item 'i99'"):
        make_case(Oracle(linear, plain_catalogue), context, "i99")


def test_the_undecided_lean_to_the_half_they_are_in(linear_cases) -> None:
    undecided = [case for case in linear_cases if case.decision is None]
    assert undecided
    for case in linear_cases:
        upper = case.rank <= case.candidates / 2
        assert leaning(case) == (case.decision or ("Yes" if upper else "No"))
