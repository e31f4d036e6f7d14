"""The task contract accepts plain tasks; see ``mutants`` for what it catches."""

from __future__ import annotations

import pytest
from mutants.tasks import Better, Empty, Explains, LearnsFromUsers, NextItem, Recalls

from recexplainer.testing import AlignmentTaskContract, check_part, run_contract


class TestNextItem(AlignmentTaskContract):
    @pytest.fixture
    def make_task(self):
        return NextItem


class TestBetter(AlignmentTaskContract):
    @pytest.fixture
    def make_task(self):
        return Better


class TestExplains(AlignmentTaskContract):
    @pytest.fixture
    def make_task(self):
        return Explains


def test_the_users_own_history_is_known_without_the_target():
    assert check_part("task", Recalls).broken == ()


def test_a_task_whose_answers_are_known_may_say_so_by_a_capability():
    report = check_part("task", LearnsFromUsers, capabilities=("known_answers",))
    assert report.broken == ()


def test_a_task_that_is_not_about_f_may_say_so():
    class Declared(AlignmentTaskContract):
        labels_from_target = False

        @pytest.fixture
        def make_task(self):
            return LearnsFromUsers

    assert run_contract(Declared).broken == ()


def test_a_skipped_task_passes():
    class Skipped(Empty):
        answer_kind = None

        def skipped(self):
            return "no instruction file was given"

    assert check_part("task", Skipped).broken == ()
