"""Contract of explainers: one text per case, the same each time, nothing vouched for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from recexplainer.errors import UserError
from recexplainer.explanation.checks.account import account_of
from recexplainer.explanation.checks.checker import check_explanations
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.oracle import Oracle
from recexplainer.plugins.interfaces import Explainer, ExplainerKit, LatentTarget
from recexplainer.records import Case, InteractionLog, Written
from recexplainer.testing.contracts.rules import broken, check_kept, inapplicable, require, survives
from recexplainer.testing.contracts.shared_parts import once_per_class, resting_on
from recexplainer.testing.contracts.side_effects import LeavesNoTraces, State, no_side_effects
from recexplainer.testing.speaker import EchoSpeaker
from recexplainer.testing.toy import toy_cases, toy_log, toy_popularity, toy_target

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
        """The target that is explained."""
        return toy_target(log)

    @pytest.fixture
    def kit(self, log: InteractionLog, target: LatentTarget) -> ExplainerKit:
        """What the explainer is built with; both language models only echo."""
        speaker = EchoSpeaker(log.catalogue)
        return ExplainerKit(
            log.catalogue,
            target,
            toy_popularity(log),
            surrogate=speaker,
            seed=5,
            unaligned=speaker,
            histories=log.histories,
        )

    @pytest.fixture
    def cases(self, log: InteractionLog, target: LatentTarget) -> list[Case]:
        """Cases that the target is sure of, one of them with a single item as history."""
        return toy_cases(log, target)

    @pytest.fixture
    def stranger(self, cases: list[Case]) -> Case:
        """A case of a user of whom nothing is known."""
        return cases[-1].model_copy(update={"id": "nothing-known", "history": ()})

    @pytest.fixture
    def written(
        self,
        request: pytest.FixtureRequest,
        at_start: State,
        make_explainer: MakeExplainer,
        kit: ExplainerKit,
        cases: list[Case],
    ) -> list[Written]:
        """What came of all cases, asked for once."""
        own = replace(kit, popularity=kit.popularity.copy())
        return once_per_class(request, lambda: list(make_explainer(own).explain(cases)))

    @pytest.fixture
    def explanations(
        self,
        request: pytest.FixtureRequest,
        make_explainer: MakeExplainer,
        kit: ExplainerKit,
        cases: list[Case],
    ) -> list[Written]:
        """One explanation per case, for the rules that look into them."""
        rule = "one explanation per case in order"
        found: list[Written] = resting_on(request, "written", rule)
        if not _are_about(found, cases):
            inapplicable(f"rests on the rule {rule!r}, which is broken")
        return found

    def test_one_explanation_per_case_in_order(
        self, cases: list[Case], written: list[Written]
    ) -> None:
        """Each names the case that it is about."""
        require(
            _are_about(written, cases),
            "the explanations are not those of the cases, in their order",
            "yield Written(case=case.id, ...) once per case, in the order of the cases",
        )

    def test_no_cases_have_no_explanations(
        self, make_explainer: MakeExplainer, kit: ExplainerKit, explanations: list[Written]
    ) -> None:
        """A run that resumes with everything written asks for nothing."""
        fix = "yield nothing for no cases"
        extra = survives(lambda: list(make_explainer(kit).explain([])), "explaining no cases", fix)
        require(not extra, f"no cases got {len(extra)} explanations", fix)

    def test_an_empty_history_is_explained_too(
        self,
        make_explainer: MakeExplainer,
        kit: ExplainerKit,
        stranger: Case,
        explanations: list[Written],
    ) -> None:
        """Strangers are recommended to as well; that nothing is known is an explanation."""
        fix = "yield an explanation that says that nothing is known of the user, and cite nothing"
        found = survives(
            lambda: list(make_explainer(kit).explain([stranger])), "explaining a stranger", fix
        )
        require(
            _are_about(found, [stranger]) and found[0].text.strip() and not found[0].meant,
            f"a case with an empty history got {found}",
            fix,
        )

    def test_explanations_survive_being_kept(self, explanations: list[Written]) -> None:
        """They are written to disk as JSON and read again when a run resumes."""
        for explanation in explanations:
            check_kept(explanation, f"the explanation of {explanation.case!r}")

    def test_it_says_something_under_one_name(self, explanations: list[Written]) -> None:
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

    def test_what_is_meant_is_said(
        self, log: InteractionLog, cases: list[Case], explanations: list[Written]
    ) -> None:
        """``meant`` are items of the history, each once, that the text names."""
        reader = ClaimReader(log.catalogue)
        for case, written in zip(cases, explanations, strict=True):
            forged = [
                one for one in account_of(written, case, reader).claims if one.kind == "meant"
            ]
            require(
                not forged and len(set(written.meant)) == len(written.meant),
                f"case {case.id!r} means {written.meant}, and the text is {written.text!r}; its "
                f"history is {case.history}",
                "give item ids of case.history, each once, whose titles the text names; or leave "
                "`meant` empty, since texts are read anyway",
            )

    def test_the_words_alone_count(
        self,
        log: InteractionLog,
        target: LatentTarget,
        cases: list[Case],
        explanations: list[Written],
    ) -> None:
        """A made-up title, a forged citation and a wrong decision are caught in anybody's text."""
        oracle, reader = Oracle(target, log.catalogue), ClaimReader(log.catalogue)
        for case, written in zip(cases, explanations, strict=True):
            for planted in _planted(case, written):
                account = account_of(planted, case, reader)
                (checked,) = check_explanations([account], [case], oracle, seed=0)
                require(
                    checked.check("true_as_read") == 0.0,
                    f"case {case.id!r}: {planted.text!r} with meant={planted.meant} passed",
                    "this is a fault of recexplainer, not of the explainer; please report it",
                )

    def test_a_case_alone_is_explained_as_among_others(
        self,
        make_explainer: MakeExplainer,
        kit: ExplainerKit,
        cases: list[Case],
        explanations: list[Written],
    ) -> None:
        """Resumed runs ask for the rest only; they must give the same texts."""
        if not self.deterministic:
            inapplicable("the explainer is declared to sample")
        explainer = make_explainer(kit)
        alone = [next(iter(explainer.explain([case])), None) for case in cases]
        require(
            alone == explanations,
            "a case asked alone, by a new explainer with the same seed, got another explanation",
            "derive randomness from kit.seed and case.id, not from the case's place; or declare it "
            "(the capability 'samples', or deterministic = False on the test class)",
        )

    def test_an_instruction_is_followed_or_refused(
        self,
        make_explainer: MakeExplainer,
        kit: ExplainerKit,
        cases: list[Case],
        explanations: list[Written],
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
            _are_about(told, cases[:1]),
            f"an instruction changed the number of explanations to {len(told)}",
            "yield one explanation per case",
        )

    def test_explaining_leaves_no_traces(
        self,
        make_explainer: MakeExplainer,
        kit: ExplainerKit,
        cases: list[Case],
        explanations: list[Written],
        at_start: State,
        empty_cwd: Path,
    ) -> None:
        """Nothing in the process or the folder changes, nor in what the kit holds."""
        popularity = np.copy(kit.popularity)
        with no_side_effects("building the explainer or explain()", since=at_start):
            list(make_explainer(kit).explain(cases))
        require(
            np.array_equal(popularity, kit.popularity),
            "the explainer wrote into kit.popularity",
            "work on a copy: others read the same array",
        )


def _are_about(explanations: Sequence[Written], cases: Sequence[Case]) -> bool:
    return [getattr(one, "case", None) for one in explanations] == [case.id for case in cases]


def _planted(case: Case, written: Written) -> list[Written]:
    """Return the text with a made-up title, with a forged citation, and with a wrong decision."""
    opposite = "No" if case.decision == "Yes" else "Yes"
    made_up = "“The Lantern of Kestrel Moor”"
    return [
        written.model_copy(update={"text": f"{written.text} Its score owes most to {made_up}."}),
        written.model_copy(update={"meant": (*written.meant, "an item that nobody had")}),
        written.model_copy(update={"text": f"{opposite}. {written.text}"}),
    ]
