"""The explainer contract accepts an honest explainer, and names what is wrong with others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recexplainer.errors import UserError
from recexplainer.plugins.interfaces import Explainer
from recexplainer.records import Check, Claim, Explanation
from recexplainer.testing import ExplainerContract, check_part, run_contract


class LastItem(Explainer):
    """Names the last item of the history as the cause, and says so when there is none."""

    def __init__(self, kit) -> None:
        self.kit = kit

    def explain(self, cases, instruction=None):
        for case in cases:
            yield self.one(case)

    def one(self, case):
        cited = case.history[-1:]
        title = self.kit.catalogue.title(cited[0]) if cited else ""
        text = f"Yes, because of {title}" if cited else "Nothing is known of this user."
        start = text.find(title) if cited else 0
        claims = tuple(
            Claim(
                kind="cause", text=title, start=start, end=start + len(title), item=item, real=True
            )
            for item in cited
        )
        return Explanation(
            case=case.id, explainer="last", text=text, decision="Yes", cited=cited, claims=claims
        )


class TestLastItem(ExplainerContract):
    @pytest.fixture
    def make_explainer(self):
        return LastItem


class Changed(LastItem):
    """Updates each explanation with what ``update`` returns."""

    def one(self, case):
        right = super().one(case)
        return right.model_copy(update=self.update(case, right))


class Reversed(LastItem):
    def explain(self, cases, instruction=None):
        return [self.one(case) for case in reversed(cases)]


class GivesUpOnEmpty(LastItem):
    def explain(self, cases, instruction=None):
        return [self.one(case) for case in cases if case.history]


class Silent(Changed):
    def update(self, case, right):
        return {"text": ""}


class ManyNames(Changed):
    def update(self, case, right):
        return {"explainer": f"last-{case.id}"}


class CitesTheItem(Changed):
    def update(self, case, right):
        return {"cited": (case.item,)}


class CitesTwice(Changed):
    def update(self, case, right):
        return {"cited": right.cited * 2}


class SpanBeyondText(Changed):
    def update(self, case, right):
        claims = [c.model_copy(update={"end": len(right.text) + 5}) for c in right.claims]
        return {"claims": tuple(claims)}


class CallsInventionReal(Changed):
    def update(self, case, right):
        other = next(i for i in self.kit.catalogue.ids if i not in (*case.history, case.item))
        claims = [c.model_copy(update={"item": other}) for c in right.claims]
        return {"claims": tuple(claims)}


class GradesItself(Changed):
    def update(self, case, right):
        return {"checks": (Check(name="grounding", value=1.0),)}


class CountsCases(LastItem):
    def explain(self, cases, instruction=None):
        for place, case in enumerate(cases):
            yield self.one(case).model_copy(update={"text": f"Case {place} is clear."})


class Random(Changed):
    def update(self, case, right):
        return {"text": f"{right.text} {np.random.default_rng().random()}", "claims": ()}


class CrashesOnInstruction(LastItem):
    def explain(self, cases, instruction=None):
        if instruction:
            raise KeyError(instruction)
        return super().explain(cases)


class DropsInstructedCases(LastItem):
    def explain(self, cases, instruction=None):
        return iter(()) if instruction else super().explain(cases)


class LogsToFile(LastItem):
    def one(self, case):
        Path("prompts.log").write_text(case.id)
        return super().one(case)


@pytest.mark.parametrize(
    ("mutant", "rule", "says"),
    [
        (Reversed, "in order", "in their order"),
        (GivesUpOnEmpty, "in order", "nothing is known"),
        (Silent, "one name", "nothing can be said"),
        (ManyNames, "one name", "registered under"),
        (CitesTheItem, "causes", "case.history"),
        (CitesTwice, "causes", "each once"),
        (SpanBeyondText, "claims", "count characters"),
        (CallsInventionReal, "claims", "called real"),
        (GradesItself, "pipeline", "leave checks empty"),
        (CountsCases, "alone", "case.id"),
        (Random, "alone", "kit.seed"),
        (CrashesOnInstruction, "instruction", "UserError"),
        (DropsInstructedCases, "instruction", "one explanation per case"),
        (LogsToFile, "no traces", "files in the working directory"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_wrong_explainers_are_caught(mutant, rule, says):
    report = check_part("explainer", mutant)
    caught = [one for one in report.broken if rule in one.rule]
    assert caught, f"broken: {report.broken}"
    assert any(says in one.message for one in caught), caught


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
