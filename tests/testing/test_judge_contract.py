"""The judge contract accepts a judge that looks; see ``mutants`` for what it catches."""

from __future__ import annotations

import pytest
from mutants.judges import Looks, Random

from recexplainer.testing import JudgeContract, check_part, run_contract


class TestLooks(JudgeContract):
    @pytest.fixture
    def make_judge(self):
        return Looks


def test_a_judge_that_abstains_with_a_reason_passes():
    class Abstains(Looks):
        def one(self, case, explanation):
            return self.verdict(case, explanation, None, "no rubric for stones")

    assert check_part("judge", Abstains).broken == ()


def test_remote_judges_may_vary():
    class Remote(JudgeContract):
        deterministic = False

        @pytest.fixture
        def make_judge(self):
            return Random

    assert run_contract(Remote).broken == ()


def test_judges_that_vary_may_say_so_by_a_capability():
    assert check_part("judge", Random, capabilities=("samples",)).broken == ()
