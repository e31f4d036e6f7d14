"""Leave-one-out against taking items out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.oracle import (
    CaseRemovals,
    Crowd,
    Oracle,
    Standing,
    case_rng,
    direction_of,
    leaning,
    longest_joint,
    pulls_of,
    question_only,
    question_without,
    standing_of,
    tie_order,
)
from recexplainer.records import Case


@pytest.fixture
def cases(target, histories):
    rng = np.random.default_rng(4)
    found = []
    for number, history in enumerate(histories):
        item = int(rng.integers(40))
        earlier = tuple(f"i{row}" for row in rng.choice(40, 3) if f"i{row}" not in history)
        seen = [int(one[1:]) for one in (*history, *earlier)]
        standing = standing_of(target.row(history), item, seen)
        found.append(
            Case(
                id=f"u{number}@1/i{item}",
                user=f"u{number}",
                history=(*history, *history[:1]),
                item=f"i{item}",
                split="leave_one_out",
                decision=standing.decision,
                score=0.0,
                rank=standing.rank,
                candidates=standing.candidates,
                earlier=earlier,
            )
        )
    return found


def test_a_removed_item_is_gone_everywhere_and_stays_seen(cases):
    for case in cases:
        for item in case.history:
            question = question_without(case, [item])
            assert question.history == tuple(one for one in case.history if one != item)
            assert question.seen == {*case.history, *case.earlier} - {case.item}
            assert item not in question_without(case, case.history).history
            only = question_only(case, [item])
            assert set(only.history) == {item}


def test_pulls_are_falls_of_the_score_in_the_direction_of_the_decision(target, catalogue, cases):
    for case, pulls in zip(cases, pulls_of(Oracle(target, catalogue), cases), strict=True):
        row = int(case.item[1:])
        whole = target.row(case.history)
        sign = {"Yes": 1, "No": -1}[case.decision or leaning(case)]
        assert sign == direction_of(case)
        by_hand = {
            item: sign * float(whole[row] - target.row([x for x in case.history if x != item])[row])
            for item in case.history
            if item != case.item
        }
        assert {item: pulls.of(item) for item in pulls.without} == by_hand
        assert {item: pulls.of(item, "Yes") for item in by_hand} == {
            item: sign * pull for item, pull in by_hand.items()
        }
        pulling = [item for item in by_hand if by_hand[item] > 0]
        assert sorted(pulls.strongest()) == sorted(pulling)
        assert [by_hand[x] for x in pulls.strongest()] == sorted(
            map(by_hand.get, pulling), reverse=True
        )
        most = max(by_hand.values(), default=0)
        mean = sum(by_hand.values()) / max(1, len(by_hand))
        near = pulls.noise
        assert set(pulls.causes()) == {
            x for x in pulling if 2 * by_hand[x] >= most and by_hand[x] >= mean - near
        }


def test_an_item_in_question_is_no_reason_for_itself(target, catalogue, cases):
    case = next(case for case in cases if len(set(case.history)) > 1)
    own = case.model_copy(update={"item": case.history[0]})
    (pulls,) = pulls_of(Oracle(target, catalogue), [own])
    assert set(pulls.without) == set(case.history) - {case.history[0]}


def test_the_longest_beginning_that_acts_alike_together_is_found(target, catalogue, cases):
    oracle = Oracle(target, catalogue)
    asked = pulls_of(oracle, cases)
    named = [pulls.strongest()[:4] for pulls in asked]
    for pulls, items, found in zip(asked, named, longest_joint(oracle, asked, named), strict=True):
        row = int(pulls.case.item[1:])
        sign = direction_of(pulls.case)
        whole = target.row(pulls.case.history)[row]
        joint = [
            count
            for count in range(2, len(items) + 1)
            if sign
            * (whole - target.row([x for x in pulls.case.history if x not in items[:count]])[row])
            > pulls.noise
        ]
        assert found == items[: max(joint, default=1)]
    assert any(len(items) > 1 for items in named)


def test_a_crowd_counts_who_gets_the_same_decision(target, catalogue, cases):
    histories = {f"u{n}": tuple(f"i{(n * k) % 40}" for k in range(1, 6)) for n in range(30)}
    crowd = Crowd(Oracle(target, catalogue), histories, seed=3)
    chosen = cases[:6]
    for case, (same, of) in zip(chosen, crowd.alike(chosen), strict=True):
        counted = []
        for user, history in histories.items():
            if user == case.user or case.item in history:
                continue
            scores = target.row(history)
            seen = {int(item[1:]) for item in history}
            row = int(case.item[1:])
            others = [k for k in range(len(catalogue)) if k not in seen and k != row]
            ahead = sum(scores[k] > scores[row] for k in others)
            ties = sum(scores[k] == scores[row] for k in others)
            decision = Standing(int(ahead), int(ties), len(others) + 1).decision
            counted.append(decision == case.decision)
        assert (same, of) == (sum(counted), len(counted))


def test_many_removals_of_one_case_are_what_single_questions_say(target, catalogue, cases):
    oracle = Oracle(target, catalogue)
    for case in cases[:20]:
        removals = [(), *((item,) for item in case.history), case.history]
        answers = CaseRemovals(oracle, case).ask(removals)
        single = oracle.ask([question_without(case, removal) for removal in removals])
        assert answers.scores.tolist() == [answer.score for answer in single]
        standings = [answers.standing(place) for place in range(len(removals))]
        assert standings == [answer.standing for answer in single]


def test_draws_depend_on_seed_and_name_alone():
    assert case_rng(3, "a").integers(2**60) == case_rng(3, "a").integers(2**60)
    drawn = {int(case_rng(seed, name).integers(2**60)) for seed in (1, 2) for name in "abc"}
    assert len(drawn) == 6


def test_equals_are_put_in_an_order_of_the_seed():
    assert sorted(tie_order(50, 1)) == list(range(50))
    assert tie_order(50, 1).tolist() == tie_order(50, 1).tolist()
    assert tie_order(50, 1).tolist() != tie_order(50, 2).tolist()
    assert tie_order(50, 1).tolist() != list(range(50))
