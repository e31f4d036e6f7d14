"""Explainers, each right but for one rule."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from mutants.table import Mutant

from recexplainer.explanation.claims.reader import ClaimReader, Reading
from recexplainer.plugins.interfaces import Explainer
from recexplainer.records import Written


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
        text = f"Yes, because of “{title}”." if cited else "Nothing is known of this user."
        return Written(case=case.id, explainer="last", text=text, meant=cited)


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
        return {"text": "", "meant": ()} if case.history else {}


class ManyNames(Changed):
    def update(self, case, right):
        return {"explainer": f"last-{case.id}"}


class MeansTheItem(Changed):
    def update(self, case, right):
        return {"meant": (case.item,) if case.history else ()}


class MeansTwice(Changed):
    def update(self, case, right):
        return {"meant": right.meant * 2}


class MeansWhatItDoesNotSay(Changed):
    def update(self, case, right):
        return {"text": "Yes, for a reason."} if case.history else {}


class VouchesForItself(LastItem):
    """Has every text read as true, whatever it says."""

    def __init__(self, kit) -> None:
        super().__init__(kit)
        ClaimReader.read = lambda _, text, case: Reading(case.decision, case.history[-1:], ())


class CountsCases(LastItem):
    def explain(self, cases, instruction=None):
        for place, case in enumerate(cases):
            text = f"Case {place} is clear."
            yield self.one(case).model_copy(update={"text": text, "meant": ()})


class Random(Changed):
    def update(self, case, right):
        return {"text": f"{right.text} {np.random.default_rng().random()}"}


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


class Crashes(LastItem):
    def explain(self, cases, instruction=None):
        raise ConnectionError("no route to host")


class TakesTheFirst(LastItem):
    """Asks for the first case before it looks whether there is one."""

    def explain(self, cases, instruction=None):
        assert cases[0].id
        return super().explain(cases)


class CrashesOnEmpty(LastItem):
    def one(self, case):
        assert case.history[-1]
        return super().one(case)


class KeepsLists(LastItem):
    def one(self, case):
        right = super().one(case)
        return Written.model_construct(**{**dict(right), "meant": list(right.meant)})


class SortsPopularity(LastItem):
    def one(self, case):
        self.kit.popularity.sort()
        return super().one(case)


_ORDER = "one explanation per case in order"
_EMPTY = "an empty history is explained too"
_NAME = "it says something under one name"
_MEANT = "what is meant is said"
_ALONE = "a case alone is explained as among others"
_WISH = "an instruction is followed or refused"
_TRACES = "explaining leaves no traces"
_explainer = partial(Mutant, "explainer")

MUTANTS = (
    _explainer(_ORDER, Reversed, "in their order"),
    _explainer(_ORDER, Crashes, "no route to host"),
    _explainer("no cases have no explanations", TakesTheFirst, "yield nothing"),
    _explainer(_EMPTY, GivesUpOnEmpty, "nothing is known"),
    _explainer(_EMPTY, CrashesOnEmpty, "IndexError"),
    _explainer("explanations survive being kept", KeepsLists, "not the same"),
    _explainer(_NAME, Silent, "nothing can be said"),
    _explainer(_NAME, ManyNames, "registered under"),
    _explainer(_MEANT, MeansTheItem, "case.history"),
    _explainer(_MEANT, MeansTwice, "each once"),
    _explainer(_MEANT, MeansWhatItDoesNotSay, "the text names"),
    _explainer("the words alone count", VouchesForItself, "passed"),
    _explainer(_ALONE, CountsCases, "case.id"),
    _explainer(_ALONE, Random, "kit.seed"),
    _explainer(_WISH, CrashesOnInstruction, "UserError"),
    _explainer(_WISH, DropsInstructedCases, "one explanation per case"),
    _explainer(_TRACES, LogsToFile, "files in the working directory"),
    _explainer(_TRACES, SortsPopularity, "kit.popularity"),
)
