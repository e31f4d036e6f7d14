"""Refits of recommenders whose dependence on their data is known."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.audit.reading.verification import Verifier
from recexplainer.audit.refit_changes import refit_findings
from recexplainer.audit.refit_plan import Block, Refit, planned_refits, training_without
from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import SilentProgress, TrainingHistories
from recexplainer.targets.popularity import Popularity


def refitted(subject, refits):
    """Yield popularity, trained as each refit says; seeds change nothing of it."""
    for refit in refits:
        target = Popularity(TargetKit(subject.catalogue, subject.max_history))
        training = subject.split.training
        if refit.block is not None:
            training = training_without(training, refit.block)
        target.fit(training, SilentProgress())
        yield refit, target


def first_ten(subject, target, place):
    """Return the first ten of one user by a full sort."""
    (scores,) = target.scores([subject.contexts[place].history])
    order = np.lexsort((np.argsort(subject.ties), -scores)).tolist()
    return set([row for row in order if row not in subject.seen[place]][:10])


def test_a_block_is_left_out_of_histories_and_of_validation():
    training = TrainingHistories(
        {"a": ("1", "2"), "b": ("2", "3"), "c": ("3",), "d": ("1", "4")},
        {"a": "3", "b": "1", "c": "2", "d": "4"},
    )
    items = training_without(training, Block("x", frozenset(), frozenset({"3"})))
    assert items.histories == {"a": ("1", "2"), "b": ("2",), "d": ("1", "4")}
    assert items.validation == {"b": "1", "d": "4"}
    users = training_without(training, Block("x", frozenset({"a", "d"}), frozenset()))
    assert users.histories == {"b": ("2", "3"), "c": ("3",)}
    assert users.validation == {"b": "1", "c": "2"}


@pytest.mark.parametrize("count", range(3, 16))
def test_a_larger_plan_holds_the_smaller_one_and_two_seeds(sound, count):
    smaller, larger = planned_refits(sound, count), planned_refits(sound, count + 1)
    assert len(smaller) == count
    assert set(smaller) <= set(larger)
    assert sum(one.block is None for one in smaller) >= 2
    names = [one.name for one in smaller]
    assert len(set(names)) == count


def test_blocks_are_fifths_that_part_all_users_and_all_items(sound):
    blocks = [one.block for one in planned_refits(sound, 15) if one.block]
    users = [user for one in blocks for user in one.users]
    items = [item for one in blocks for item in one.items]
    assert sorted(users) == sorted(sound.log.histories)
    assert sorted(items) == sorted(sound.catalogue.ids)
    most = next(one for one in blocks if one.words == "the most popular fifth of the items")
    counts = dict(zip(sound.catalogue.ids, sound.split.popularity.tolist(), strict=True))
    rest = [counts[item] for item in sound.catalogue.ids if item not in most.items]
    assert min(counts[item] for item in most.items) >= max(rest)


def test_popularity_depends_on_users_and_on_no_other_item(popular):
    refits = planned_refits(popular, 15)
    findings = {
        one.probe: one for one in refit_findings(popular, refits, refitted(popular, refits))
    }
    assert len(findings) == 10
    for name, one in findings.items():
        assert one.control == 0  # a seed changes nothing
        if "items" in name:
            assert one.figure == 0
            assert "not measurably more or less than another seed alone" in one.sentence
    active = findings["without the most active fifth of the users"]
    assert active.figure > 0
    assert "more than another seed alone" in active.sentence
    block = next(one.block for one in refits if one.name == active.probe)
    kept = [k for k, one in enumerate(popular.contexts) if one.user not in block.users]
    (_, target), *_ = refitted(popular, [Refit("x", 0, block)])
    whole, less = (
        [first_ten(popular, asked, k) for k in kept] for asked in (popular.oracle.target, target)
    )
    by_hand = np.mean([1 - len(a & b) / 10 for a, b in zip(whole, less, strict=True)])
    assert active.figure == pytest.approx(by_hand)
    held = Verifier(popular).verified(list(findings.values()))
    assert [one.withheld for one in held if one.withheld] == []
    lie = active.sentence.replace("more than", "less than")
    bent = [
        active.model_copy(update={"sentence": lie}),
        active.model_copy(update={"sentence": active.sentence.replace("most active", "middle")}),
    ]
    assert all(one.withheld for one in Verifier(popular).verified(bent))


def test_what_is_not_trained_is_told_so(popular):
    refits = planned_refits(popular, 3)
    same = ((one, popular.oracle.target) for one in refits)
    (found,) = refit_findings(popular, refits, same)
    assert found.sentence.startswith("None of 3 trainings changed any list")
    assert Verifier(popular).verified([found])[0].withheld == ""
