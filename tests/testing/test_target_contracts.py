"""The target contracts accept what is right; see ``mutants`` for what they catch."""

from __future__ import annotations

import pytest
from mutants.latent_targets import Biased
from mutants.targets import CrashesInFit, DropsUnknown, SameForAll, ScoresOnly, Succession

from recexplainer.testing import (
    LatentTargetContract,
    LinearTarget,
    TargetContract,
    check_part,
    run_contract,
    toy_log,
)


class TestLinearTarget(LatentTargetContract):
    """The contract, used as a plugin author would."""

    reads_order = False

    @pytest.fixture
    def make_target(self):
        return LinearTarget


def test_a_target_without_vectors_passes_the_contract_of_its_kind():
    assert check_part("target", ScoresOnly).broken == ()


def test_a_target_of_the_last_item_passes_the_rules_on_layouts():
    report = check_part("target", Succession)
    assert report.broken == ()
    assert {one.rule for one in report.of("passed")} > {
        "scores stand in the columns of their items",
        "no column is that of padding",
        "no item passes for padding",
        "short histories are read to their end",
        "the end of a history is its latest item",
    }


def test_a_weak_target_is_not_said_to_keep_its_layout():
    report = check_part("target", SameForAll)
    skipped = {one.rule for one in report.of("skipped")}
    assert skipped >= {
        "scores stand in the columns of their items",
        "no column is that of padding",
        "no item passes for padding",
        "short histories are read to their end",
        "the end of a history is its latest item",
    }


def test_a_log_of_ones_own_is_read_as_far_as_is_said():
    class ReadsThree(ScoresOnly):
        def __init__(self, kit):
            assert kit.max_history == 3
            super().__init__(kit)

    report = check_part("target", ReadsThree, log=toy_log(), max_history=3)
    assert report.passed


def test_a_target_that_reads_no_history_need_not_refuse_unknown_items():
    assert check_part("target", SameForAll).broken == ()


def test_declared_differences_are_accepted():
    class Ignoring(TargetContract):
        unknown_items = "ignored"

        @pytest.fixture
        def make_target(self):
            return DropsUnknown

    class WithBias(LatentTargetContract):
        scores_are_dot_products = False

        @pytest.fixture
        def make_target(self):
            return Biased

    assert run_contract(Ignoring).broken == ()
    assert run_contract(WithBias).broken == ()


def test_a_missing_fixture_is_reported_not_passed():
    report = run_contract(TargetContract)
    assert not report.passed
    assert "make_target" in report.rules[0].message


def test_a_class_without_rules_does_not_hold():
    assert not run_contract(type("Empty", (), {})).passed


@pytest.mark.parametrize(
    ("part", "capabilities", "rule"),
    [
        (DropsUnknown, {"ignores_unknown"}, "an unknown item is refused or ignored as declared"),
        (LinearTarget, {"unordered"}, "the order of a history counts as declared"),
        (LinearTarget, {"vectors"}, "dot products rank as scores do"),
    ],
)
def test_what_a_capability_declares_is_held(part, capabilities, rule):
    report = check_part("target", part, capabilities=capabilities)
    assert report.broken == ()
    assert rule in {one.rule for one in report.of("passed")}


def test_a_target_may_score_by_more_than_its_vectors():
    report = check_part("target", Biased, capabilities={"vectors", "more_than_dot"})
    assert report.broken == ()
    assert "dot products rank as scores do" in {one.rule for one in report.of("skipped")}


def test_rules_that_rest_on_a_broken_one_say_so():
    report = check_part("target", CrashesInFit)
    assert len(report.broken) == 1
    assert {one.message for one in report.rules[1:]} == {
        "rests on the rule 'fit returns a report', which is broken"
    }
    assert not report.passed


def test_a_contract_of_which_nothing_was_tried_does_not_pass():
    def skipped(self):
        """Nothing is known."""
        pytest.skip("no such file")

    report = run_contract(type("Skipped", (), {"test_it": skipped}))
    assert [one.outcome for one in report.rules] == ["skipped"]
    assert report.rules[0].message == "no such file"
    assert not report.passed
