"""The explainer contract accepts an honest explainer; see ``mutants`` for what it catches."""

from __future__ import annotations

import pytest
from mutants.explainers import LastItem, Random

from recexplainer.errors import UserError
from recexplainer.testing import ExplainerContract, check_part, run_contract


class TestLastItem(ExplainerContract):
    @pytest.fixture
    def make_explainer(self):
        return LastItem


def test_refusing_an_instruction_in_words_is_fine():
    class Refuses(LastItem):
        def explain(self, cases, instruction=None):
            if instruction:
                message = "this explainer takes no instruction"
                raise UserError(message)
            return super().explain(cases)

    assert check_part("explainer", Refuses).broken == ()


def test_sampled_explainers_may_say_so():
    class Sampled(ExplainerContract):
        deterministic = False

        @pytest.fixture
        def make_explainer(self):
            return Random

    assert run_contract(Sampled).broken == ()


def test_sampled_explainers_may_say_so_by_a_capability():
    assert check_part("explainer", Random, capabilities=("samples",)).broken == ()
