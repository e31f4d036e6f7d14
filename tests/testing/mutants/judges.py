"""Judges, each right but for one rule."""

from __future__ import annotations

import os
from functools import partial

import numpy as np
from mutants.table import Mutant

from recexplainer.plugins.interfaces import Judge
from recexplainer.records import Verdict


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
        grade = super().one(case, explanation).grade
        return self.verdict(case, explanation, 10 if grade == 4 else grade)


class SilentAbstainer(Looks):
    def one(self, case, explanation):
        return self.verdict(case, explanation, None)


class PraisesSilence(Looks):
    def one(self, case, explanation):
        right = super().one(case, explanation)
        return right if explanation.text else self.verdict(case, explanation, 3)


class CrashesOnSilence(Looks):
    def one(self, case, explanation):
        assert explanation.text.split()[0]
        return super().one(case, explanation)


class GradesAllAlike(Looks):
    def one(self, case, explanation):
        return self.verdict(case, explanation, 1)


class PrefersShort(Looks):
    def one(self, case, explanation):
        return self.verdict(case, explanation, 4 if 0 < len(explanation.text) < 20 else 1)


class CrashesOnUndecided(Looks):
    def one(self, case, explanation):
        assert {"Yes": 1, "No": 0}[case.decision] in {0, 1}
        return super().one(case, explanation)


class Crashes(Looks):
    def grade(self, pairs):
        raise TimeoutError("no answer")


class TakesTheFirst(Looks):
    """Asks for the first pair before it looks whether there is one."""

    def grade(self, pairs):
        assert pairs[0]
        return super().grade(pairs)


class GradesInWords(Looks):
    def one(self, case, explanation):
        right = super().one(case, explanation)
        return Verdict.model_construct(**{**dict(right), "reason": ("right", "grounded")})


class Random(Looks):
    def one(self, case, explanation):
        jump = int(np.random.default_rng().integers(0, 10**9))
        return super().one(case, explanation).model_copy(update={"reason": f"draw {jump}"})


class CurvesGrades(Looks):
    """The first explanation of a batch is never the best."""

    def grade(self, pairs):
        for place, (case, explanation) in enumerate(pairs):
            right = self.one(case, explanation)
            yield right if place or right.grade == 1 else self.verdict(case, explanation, 3)


class KeepsKeyInEnvironment(Looks):
    def grade(self, pairs):
        os.environ["MUTANT"] = "none"
        return super().grade(pairs)


_ORDER = "one verdict per pair in order"
_GRADES = "grades are one to four or have a reason"
_SILENCE = "an empty text gets no praise"
_SOUND = "sound explanations are graded above hollow ones"
_ALONE = "a pair alone is graded as among others"
_judge = partial(Mutant, "judge")

MUTANTS = (
    _judge(_ORDER, Reversed, "in their order"),
    _judge(_ORDER, SkipsSome, "once per pair"),
    _judge(_ORDER, SignsForOthers, "explanation.explainer"),
    _judge(_ORDER, Crashes, "no answer"),
    _judge("no pairs get no verdicts", TakesTheFirst, "yield nothing"),
    _judge("verdicts survive being kept", GradesInWords, "cannot be read again"),
    _judge("it signs with one name", ManyNames, "registered under"),
    _judge(_GRADES, OutOfTen, "grade 1 to 4"),
    _judge(_GRADES, SilentAbstainer, "say why"),
    _judge(_SILENCE, PraisesSilence, "grade it 1"),
    _judge(_SILENCE, CrashesOnSilence, "IndexError"),
    _judge("what the target leaves open breaks nothing", CrashesOnUndecided, "is undecided"),
    _judge(_SOUND, GradesAllAlike, "case.decision"),
    _judge(_SOUND, PrefersShort, "hollow ones 4.00"),
    _judge(_ALONE, Random, "kit.seed"),
    _judge(_ALONE, CurvesGrades, "another verdict"),
    _judge("grading leaves no traces", KeepsKeyInEnvironment, "environment variables"),
)
