"""What every explainer owes: one explanation per case, that says only what it knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from recexplainer.errors import UserError
from recexplainer.plugins.interfaces import Explainer, ExplainerKit, LatentTarget, TargetKit
from recexplainer.records import Case, Claim, Explanation, InteractionLog, SilentProgress
from recexplainer.testing.rules import broken, require
from recexplainer.testing.sharing import once_per_class
from recexplainer.testing.side_effects import LeavesNoTraces, State, no_side_effects
from recexplainer.testing.speaker import EchoSpeaker
from recexplainer.testing.toy import LinearTarget, toy_cases, toy_log, toy_training

__all__ = ["ExplainerContract"]

MakeExplainer = Callable[[ExplainerKit], Explainer]


class ExplainerContract(LeavesNoTraces):
    """Subclass, and supply ``make_explainer``: builds one from a kit."""

    deterministic: ClassVar[bool] = True
    """Whether the same case gets the same words again. False for sampled or remote models."""

    @pytest.fixture
    def log(self) -> InteractionLog:
        """The log that cases are drawn from."""
        return toy_log()

    @pytest.fixture
    def target(self, log: InteractionLog) -> LatentTarget:
        """The f that is explained."""
        target = LinearTarget(TargetKit(catalogue=log.catalogue, max_history=10))
        target.fit(toy_training(log), SilentProgress())
        return target

    @pytest.fixture
    def kit(self, log: InteractionLog, target: LatentTarget) -> ExplainerKit:
        """What the explainer is built with; the surrogate only echoes."""
        popularity = np.zeros(len(log.catalogue), dtype=np.int64)
        for history in toy_training(log).histories.values():
            np.add.at(popularity, log.catalogue.rows(history), 1)
        speaker = EchoSpeaker(log.catalogue)
        return ExplainerKit(log.catalogue, target, popularity, speaker, seed=5)

    @pytest.fixture
    def cases(self, log: InteractionLog, target: LatentTarget) -> list[Case]:
        """Cases that f is sure of, one with a single item as history, and one with none."""
        cases = toy_cases(log, target)
        return [*cases, cases[-1].model_copy(update={"id": "nothing-known", "history": ()})]

    @pytest.fixture
    def explanations(
        self,
        request: pytest.FixtureRequest,
        at_start: State,
        make_explainer: MakeExplainer,
        kit: ExplainerKit,
        cases: list[Case],
    ) -> list[Explanation]:
        """The explanations of all cases, asked for once."""
        return once_per_class(request, lambda: list(make_explainer(kit).explain(cases)))

    def test_one_explanation_per_case_in_order(
        self,
        make_explainer: MakeExplainer,
        kit: ExplainerKit,
        cases: list[Case],
        explanations: list[Explanation],
    ) -> None:
        """Also for a case whose history is empty; and none for no cases."""
        require(
            [explanation.case for explanation in explanations] == [case.id for case in cases],
            "the explanations are not those of the cases, in their order",
            "yield Explanation(case=case.id, ...) once per case, saying so where nothing is known",
        )
        require(
            not list(make_explainer(kit).explain([])), "no cases were explained", "yield nothing"
        )

    def test_it_says_something_under_one_name(self, explanations: list[Explanation]) -> None:
        """Each text is words, and all are signed alike."""
        names = {explanation.explainer for explanation in explanations}
        require(
            len(names) == 1 and all(name.strip() for name in names),
            f"the explanations are signed {sorted(names)}",
            "set explainer to the name the provider is registered under",
        )
        silent = [explanation.case for explanation in explanations if not explanation.text.strip()]
        require(
            not silent, f"no text for cases {silent[:3]}", "say that nothing can be said, and why"
        )

    def test_causes_are_items_of_the_history(
        self, cases: list[Case], explanations: list[Explanation]
    ) -> None:
        """``cited`` is put to f by removing it, so it has to be there, once."""
        for case, explanation in zip(cases, explanations, strict=True):
            absent = [item for item in explanation.cited if item not in case.history]
            require(
                not absent and len(set(explanation.cited)) == len(explanation.cited),
                f"case {case.id!r} cites {explanation.cited}; its history is {case.history}",
                "cite item ids of case.history, each once; what the text names beyond that is a "
                "Claim with real=False",
            )

    def test_claims_stand_where_they_say(
        self, cases: list[Case], explanations: list[Explanation]
    ) -> None:
        """A claim's span lies in the text, and an item that is not there is not called real."""
        for case, explanation in zip(cases, explanations, strict=True):
            for claim in explanation.claims:
                _check_claim(claim, case, explanation)

    def test_checks_are_left_to_the_pipeline(self, explanations: list[Explanation]) -> None:
        """Whoever writes an explanation does not grade it."""
        graded = [explanation.case for explanation in explanations if explanation.checks]
        require(not graded, f"checks were filled in for {graded[:3]}", "leave checks empty")

    def test_a_case_alone_is_explained_as_among_others(
        self,
        make_explainer: MakeExplainer,
        kit: ExplainerKit,
        cases: list[Case],
        explanations: list[Explanation],
    ) -> None:
        """Resumed runs ask for the rest only; they must come to the same texts."""
        if not self.deterministic:
            return
        explainer = make_explainer(kit)
        alone = [next(iter(explainer.explain([case])), None) for case in cases]
        require(
            alone == explanations,
            "a case asked alone, by a new explainer with the same seed, got another explanation",
            "derive randomness from kit.seed and case.id, not from the case's place; or declare "
            "deterministic = False",
        )

    def test_an_instruction_is_followed_or_refused(
        self, make_explainer: MakeExplainer, kit: ExplainerKit, cases: list[Case]
    ) -> None:
        """A wish is either met with an explanation or answered by a UserError."""
        try:
            told = list(make_explainer(kit).explain(cases[:1], instruction="only color"))
        except UserError as error:
            require(
                str(error).strip(), "the refusal is empty", "say which instructions are accepted"
            )
            return
        except Exception as error:  # noqa: BLE001  # the rule is about which error it is
            broken(
                f"an instruction ended in {type(error).__name__}: {error}",
                "raise recexplainer.errors.UserError for one that cannot be followed",
            )
        require(
            [one.case for one in told] == [cases[0].id],
            f"an instruction changed the number of explanations to {len(told)}",
            "yield one explanation per case",
        )

    def test_explaining_leaves_no_traces(
        self,
        make_explainer: MakeExplainer,
        kit: ExplainerKit,
        cases: list[Case],
        explanations: list[Explanation],
        at_start: State,
        empty_cwd: Path,
    ) -> None:
        """Nothing in the process or the folder changes."""
        with no_side_effects("explain()", since=at_start):
            list(make_explainer(kit).explain(cases))


def _check_claim(claim: Claim, case: Case, explanation: Explanation) -> None:
    require(
        0 <= claim.start < claim.end <= len(explanation.text),
        f"claim {claim.text!r} spans {claim.start} to {claim.end} of a text of "
        f"{len(explanation.text)} characters",
        "count characters of explanation.text, the end not included",
    )
    if claim.item is None or claim.kind not in {"cause", "item"} or not claim.real:
        return
    require(
        claim.item in (*case.history, case.item),
        f"claim {claim.text!r} is called real, but {claim.item!r} is not in the case",
        "compare with case.history and case.item",
    )
