"""Reasons in words, against what a target of known scores does without each group of items."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from recexplainer.explanation.cases import make_case
from recexplainer.explanation.explainers.reasons import Surroundings, causes_sentences
from recexplainer.oracle import Crowd, Oracle, Standing, leaning, pulls_of
from recexplainer.records import Context


@pytest.fixture
def saturated(linear):
    """An item scores what the second of its history's weights is: one of two equals is spare."""

    def scores(histories):
        rows = []
        for history in histories:
            parts = np.sort(linear.weights[linear.catalogue.rows(history)], axis=0)[::-1]
            rows.append(parts[1] if len(parts) > 1 else np.zeros(len(linear.catalogue)))
        return np.asarray(rows, dtype=np.float32)

    linear.weights = np.round(linear.weights)  # many equals: without one of three nothing changes
    linear.scores = scores
    return linear


@pytest.fixture
def oracle(saturated, plain_catalogue):
    return Oracle(saturated, plain_catalogue)


@pytest.fixture
def bare(oracle, plain_catalogue):
    """Cases with no single item that pulls toward the decision."""
    contexts = [
        Context(f"u{user}", 8, tuple(f"i{row}" for row in range(user, user + 8)), "leave_one_out")
        for user in range(12)
    ]
    cases = [
        make_case(oracle, context, item)
        for context in contexts
        for item in plain_catalogue.ids
        if item not in context.history
    ]
    found = [pulls for pulls in pulls_of(oracle, cases) if not pulls.strongest()]
    assert len(found) > 50
    return found


def _pair_pulls(target, catalogue, case):
    """How far each two items of the history pull toward the decision, by removing both."""
    sign, row = {"Yes": 1, "No": -1}[leaning(case)], catalogue.row(case.item)
    whole = target.scores([case.history])[0, row]
    pairs = list(combinations(case.history, 2))
    left = [[item for item in case.history if item not in pair] for pair in pairs]
    return dict(zip(pairs, sign * (whole - target.scores(left)[:, row]), strict=True))


def test_the_two_that_are_told_pull_furthest_of_all_two(
    saturated, plain_catalogue, oracle, bare
) -> None:
    told = Surroundings(oracle, None).sentences(bare)
    kinds = Counter()
    for pulls, sentence in zip(bare, told, strict=True):
        found = _pair_pulls(saturated, plain_catalogue, pulls.case)
        named = re.match(r"Together, “(.+)” and “(.+)” (raise|lower) its score; ", sentence)
        kinds[named and named[3]] += 1
        if named is None:
            assert max(found.values()) <= 0
            assert sentence.startswith("After an empty history ")
            continue
        ids = {plain_catalogue.title(item): item for item in pulls.case.history}
        assert found[ids[named[1]], ids[named[2]]] == max(found.values()) > 0
        assert named[3] == {"Yes": "raise", "No": "lower"}[leaning(pulls.case)]
    assert min(kinds["raise"], kinds[None]) > 5


def test_of_several_two_that_pull_those_that_pull_furthest_are_told(
    linear, plain_catalogue
) -> None:
    """i0 and i1 stand in for each other, and so do i2 and i3, and so on; each two count anew."""

    def scores(histories):
        two = [sorted({int(item[1:]) // 2 for item in history}) for history in histories]
        return np.asarray([linear.weights[found].sum(axis=0) for found in two], dtype=np.float32)

    linear.scores = scores
    oracle = Oracle(linear, plain_catalogue)
    context = Context("u", 8, tuple(f"i{row}" for row in range(8)), "leave_one_out")
    bare = pulls_of(oracle, [make_case(oracle, context, item) for item in plain_catalogue.ids[8:]])
    verbs = Counter()
    for pulls, sentence in zip(bare, Surroundings(oracle, None).sentences(bare), strict=True):
        sign = {"Yes": 1, "No": -1}[leaning(pulls.case)]
        weights = sign * linear.weights[:4, plain_catalogue.row(pulls.case.item)]
        best = int(weights.argmax())
        assert not pulls.strongest()
        verb = {"Yes": "raise", "No": "lower"}[leaning(pulls.case)] if weights[best] > 0 else None
        named = f"“Title {2 * best:02d}” and “Title {2 * best + 1:02d}” {verb} its score; "
        assert sentence.startswith("Together, ") == (verb is not None)
        assert verb is None or sentence.startswith(f"Together, {named}")
        verbs[verb] += 1
    assert min(verbs["raise"], verbs["lower"]) > 5


@pytest.mark.parametrize(("more", "told"), [(12, True), (13, False)])
def test_of_a_long_history_not_all_pairs_are_asked_about(
    more, told, saturated, plain_catalogue, oracle, bare
) -> None:
    """20 items make 190 pairs, 21 make 210."""
    sentences = Surroundings(oracle, None).sentences(bare)
    case = next(
        pulls.case
        for pulls, sentence in zip(bare, sentences, strict=True)
        if sentence.startswith("Together")
    )
    spare = [x for x in plain_catalogue.ids if x not in (*case.history, case.item)][:more]
    saturated.weights[plain_catalogue.rows(spare), plain_catalogue.row(case.item)] = -50.0
    longer = case.model_copy(update={"history": (*case.history, *spare)})
    after = Oracle(saturated, plain_catalogue)
    (sentence,) = Surroundings(after, None).sentences(pulls_of(after, [longer]))
    assert sentence.startswith("Together") == told


def _decision_for(target, catalogue, history, item):
    scores = target.scores([history])[0]
    own = scores[catalogue.row(item)]
    others = [scores[catalogue.row(x)] for x in catalogue.ids if x not in (*history, item)]
    ahead, ties = sum(score > own for score in others), sum(score == own for score in others)
    return Standing(int(ahead), int(ties), len(others) + 1).decision


@pytest.mark.parametrize("users", [19, 20, 40])
def test_a_crowd_is_counted_where_it_is_large_enough(
    users, saturated, plain_catalogue, oracle, bare
) -> None:
    """Nobody had one of the items and nobody is the cases' own user, so that all are counted."""
    histories = {f"v{n}": tuple(f"i{(n * k) % 8}" for k in (1, 3, 5)) for n in range(users)}
    chosen = [one for one in bare if int(one.case.item[1:]) >= 8][:10]
    crowd = Crowd(oracle, histories, seed=0)
    told = Surroundings(oracle, crowd).sentences(chosen)
    for pulls, sentence in zip(chosen, told, strict=True):
        case = pulls.case
        alike = sum(
            _decision_for(saturated, plain_catalogue, history, case.item) == case.decision
            for history in histories.values()
        )
        counted = f"For {alike} of {users} users drawn at random the recommender decides the same."
        assert sentence.endswith(counted) == (users >= 20)
        assert ("After an empty history" in sentence) == (users < 20)


def test_the_rank_after_an_empty_history_is_the_targets(linear, plain_catalogue) -> None:
    """A target that begins with a score of its own for each item, and loses by every item."""
    begins = 100 * np.arange(40, dtype=np.float32)
    linear.weights = -np.ones((40, 40), dtype=np.float32) * np.linspace(1, 2, 40)
    sums = linear.scores
    linear.scores = lambda histories: (sums(histories) + begins).astype(np.float32)
    oracle = Oracle(linear, plain_catalogue)
    context = Context("u", 4, ("i0", "i10", "i20", "i39"), "leave_one_out")
    cases = [make_case(oracle, context, f"i{row}") for row in (38, 37, 36)]
    pulls = pulls_of(oracle, cases)
    assert {case.decision for case in cases} == {"Yes"}
    assert not any(one.strongest() for one in pulls)
    assert Surroundings(oracle, None).sentences(pulls) == [
        f"After an empty history the recommender ranks it {rank} of 36."
        for rank in ("1st", "2nd", "3rd")
    ]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_causes_are_those_by_hand_strongest_first(
    count, linear, plain_catalogue, linear_cases
) -> None:
    oracle = Oracle(linear, plain_catalogue)
    told = causes_sentences(pulls_of(oracle, linear_cases), oracle, count)
    sizes = Counter()
    for case, sentence in zip(linear_cases, told, strict=True):
        sign = {"Yes": 1, "No": -1}[leaning(case)]
        column = linear.weights[:, plain_catalogue.row(case.item)]
        pulls = {x: sign * float(column[plain_catalogue.row(x)]) for x in case.history}
        least = max(max(pulls.values()) / 2, sum(pulls.values()) / len(pulls))
        causes = sorted((x for x in pulls if pulls[x] >= max(least, 1e-9)), key=lambda x: -pulls[x])
        source = {"Yes": "support", "No": "objection"}[leaning(case)]
        assert re.findall("“(.+?)”", sentence) == [
            plain_catalogue.title(item) for item in causes[:count]
        ]
        assert not causes or sentence.startswith(f"The strongest {source} comes from “")
        sizes[len(causes[:count])] += 1
    assert set(range(1, count + 1)) <= set(sizes)
    assert sum(sizes.values()) == len(linear_cases)
