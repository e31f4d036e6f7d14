"""The judge contract accepts a judge that looks, and names what is wrong with others."""

from __future__ import annotations

import os

import numpy as np
import pytest

from recexplainer.plugins.interfaces import Judge
from recexplainer.records import Verdict
from recexplainer.testing import JudgeContract, check_part, run_contract


class Looks(Judge):
    """One point for the decision, one for citing, one for naming the item."""

    def __init__(self, kit) -> None:
        self.kit = kit

    def grade(self, pairs):
        for case, explanation in pairs:
            yield self.one(case, explanation)

    def one(self, case, explanation):
        title = self.kit.catalogue.title(case.item)
        points = (
            explanation.decision == case.decision,
            bool(explanation.cited),
            title in explanation.text,
        )
        return self.verdict(case, explanation, 1 + sum(points))

    def verdict(self, case, explanation, grade, reason=""):
        return Verdict(
            case=case.id,
            explainer=explanation.explainer,
            judge="looks",
            grade=grade,
            reason=reason,
        )


class TestLooks(JudgeContract):
    @pytest.fixture
    def make_judge(self):
        return Looks


class Reversed(Looks):
    def grade(self, pairs):
        return reversed(list(super().grade(pairs)))


class SkipsSome(Looks):
    def grade(self, pairs):
        return super().grade(pairs[1:])


class SignsForOthers(Looks):
    def one(self, case, explanation):
        return super().one(case, explanation).model_copy(update={"explainer": "me"})


class ManyNames(Looks):
    def one(self, case, explanation):
        return super().one(case, explanation).model_copy(update={"judge": case.id})


class OutOfTen(Looks):
    def one(self, case, explanation):
        return self.verdict(case, explanation, 2 * super().one(case, explanation).grade)


class SilentAbstainer(Looks):
    def one(self, case, explanation):
        return self.verdict(case, explanation, None)


class PraisesAll(Looks):
    def one(self, case, explanation):
        return self.verdict(case, explanation, 4)


class PrefersShort(Looks):
    def one(self, case, explanation):
        return self.verdict(case, explanation, 1 if len(explanation.text) != 20 else 4)


class Random(Looks):
    def one(self, case, explanation):
        jump = int(np.random.default_rng().integers(0, 10**9))
        return super().one(case, explanation).model_copy(update={"reason": f"draw {jump}"})


class CurvesGrades(Looks):
    """Grades by place: the first explanation of a batch is the best."""

    def grade(self, pairs):
        for place, (case, explanation) in enumerate(pairs):
            yield self.verdict(case, explanation, max(1, 4 - place))


class KeepsKeyInEnvironment(Looks):
    def grade(self, pairs):
        os.environ["JUDGE_KEY"] = "none"
        return super().grade(pairs)


@pytest.mark.parametrize(
    ("mutant", "rule", "says"),
    [
        (Reversed, "in order", "in their order"),
        (SkipsSome, "in order", "once per pair"),
        (SignsForOthers, "in order", "explanation.explainer"),
        (ManyNames, "one name", "registered under"),
        (OutOfTen, "one to four", "grade 1 to 4"),
        (SilentAbstainer, "one to four", "say why"),
        (PraisesAll, "empty text", "grade it 1"),
        (PraisesAll, "hollow", "case.decision"),
        (PrefersShort, "hollow", "hollow ones 4.00"),
        (Random, "alone", "kit.seed"),
        (CurvesGrades, "alone", "another verdict"),
        (KeepsKeyInEnvironment, "no traces", "environment variables"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_wrong_judges_are_caught(mutant, rule, says, monkeypatch):
    monkeypatch.setenv("JUDGE_KEY", "as before")
    report = check_part("judge", mutant)
    caught = [one for one in report.broken if rule in one.rule]
    assert caught, f"broken: {report.broken}"
    assert any(says in one.message for one in caught), caught


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
