"""Flips are counted as a loop over users and items counts them, and planted ones are all found."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from recexplainer.audit.versions.decision_flips import (
    NO,
    SEEN,
    YES,
    Decisions,
    decision_changes,
    flip_examples,
)
from recexplainer.audit.versions.item_thirds import item_third_changes
from recexplainer.oracle import standing_of

CODES = {"Yes": 0, None: 1, "No": 2}
LIFTED, SUNK = "green-5", "white-2"


@pytest.fixture(scope="module")
def pair(world, make_pair):
    rows = world.catalogue.rows([LIFTED, SUNK])

    def spoil(scores, _):
        scores[:, rows[0]] += 1000
        scores[:, rows[1]] -= 1000
        return scores

    return make_pair(spoil=spoil)


@pytest.fixture(scope="module")
def decisions(pair):
    return Decisions.of(pair)


def by_hand(version, pair, place):
    """What one version decides about each item after all that a user had, one by one."""
    user = pair.users[place]
    history = version.log.histories[user]
    (scores,) = version.oracle.target.scores([history])
    seen = version.catalogue.rows(history)
    return {
        item: standing_of(scores, version.catalogue.row(item), seen).decision
        for item in version.catalogue.ids
        if item not in history
    }


def test_every_decision_is_that_of_the_rule_asked_one_by_one(pair, decisions):
    counts = Counter()
    for place in range(0, len(pair.users), 3):
        first, second = by_hand(pair.first, pair, place), by_hand(pair.second, pair, place)
        for row, item in enumerate(pair.catalogue.ids):
            codes = (decisions.first[place, row], decisions.second[place, row])
            if item not in first:
                assert codes == (SEEN, SEEN)
            else:
                assert codes == (CODES[first[item]], CODES[second[item]])
                counts[codes] += 1
    assert len(counts) >= 5  # the comparison was no empty one


def test_the_table_of_counts_holds_each_decision_once(pair, decisions):
    free = sum(len(pair.catalogue) - len(set(pair.histories[user])) for user in pair.users)
    assert decisions.counts.sum() == free
    assert decisions.counts[YES, NO] == decisions.turns(YES, NO).sum()


def test_planted_flips_are_found_for_whom_they_happen(pair, decisions):
    named = {one.name: one for one in decision_changes(pair, decisions)}
    won, lost = named["items-won"], named["items-lost"]
    lifted, sunk = pair.catalogue.rows([LIFTED, SUNK])
    expected_won = sum(
        by_hand(pair.first, pair, place).get(LIFTED) == "No" for place in range(len(pair.users))
    )
    expected_lost = sum(
        by_hand(pair.first, pair, place).get(SUNK) == "Yes" for place in range(len(pair.users))
    )
    assert expected_won and expected_lost  # noqa: PT018  # both are planted
    assert (won.change, lost.change) == (expected_won, expected_lost)
    assert repr(pair.catalogue[lifted].title) in won.sentence
    assert repr(pair.catalogue[sunk].title) in lost.sentence
    turned = np.zeros_like(decisions.first, dtype=bool)
    turned[:, [lifted, sunk]] = True
    flips = decisions.turns(YES, NO) | decisions.turns(NO, YES)
    assert not (flips & ~turned).any()  # one place up or down turns nothing round


def test_examples_are_what_explain_says_of_both(pair, decisions):
    shown = flip_examples(pair, decisions, NO, YES)
    assert len(shown) == 3
    for one in shown:
        command = one.commands[0].split()
        user, item = command[command.index("--user") + 1], command[command.index("--item") + 1]
        assert command[2] == "runs/sound"
        assert one.commands[1].split()[2] == "runs/spoiled"
        place = pair.users.index(user)
        assert by_hand(pair.first, pair, place)[item] == "No"
        assert by_hand(pair.second, pair, place)[item] == "Yes"


def test_the_same_recommender_changes_nothing(make_pair):
    pair = make_pair(users=30)
    decisions = Decisions.of(pair)
    assert not decisions.changed.any()
    named = {one.name: one for one in decision_changes(pair, decisions)}
    assert set(named) == {"decisions-changed", "flips", "kept-yes"}
    assert not any(one.sure for one in named.values())
    assert named["kept-yes"].change == 1


def test_chance_is_that_of_decisions_in_any_order(decisions):
    """Shuffling the second version's decisions of a user gives what is called unrelated."""
    rng = np.random.default_rng(0)
    place = 4
    free = decisions.first[place] != SEEN
    first, second = decisions.first[place, free], decisions.second[place, free]
    drawn = [((first == YES) & (rng.permutation(second) == NO)).mean() for _ in range(2000)]
    assert decisions.by_chance(YES, NO)[place] == pytest.approx(np.mean(drawn), abs=0.005)


def test_popular_and_rare_items_are_told_apart(world, make_pair):
    """Scores of rare items alone are shuffled; shares are counted user by user."""
    counts = world.split.popularity
    order = sorted(range(len(counts)), key=lambda row: counts[row])
    rare, popular = order[:40], order[-40:]
    noise = np.random.default_rng(1).normal(scale=50, size=40)

    def spoil(scores, _):
        scores[:, rare] += noise
        return scores

    pair = make_pair(spoil=spoil)
    decisions = Decisions.of(pair)
    (found,) = item_third_changes(pair, decisions)
    gains = []
    for place in range(len(pair.users)):
        shares = []
        for rows in (popular, rare):
            free = [row for row in rows if decisions.first[place, row] != SEEN]
            other = [decisions.first[place, r] != decisions.second[place, r] for r in free]
            shares.append(np.mean(other))
        gains.append(shares[0] - shares[1])
    assert found.change == pytest.approx(np.mean(gains))
    assert found.sure
    assert found.change < 0
    assert "change less often than on the rarest third" in found.sentence
    assert not item_third_changes(make_pair(), Decisions.of(make_pair()))[0].sure
