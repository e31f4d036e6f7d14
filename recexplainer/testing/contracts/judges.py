"""Contract of judges: one verdict per explanation, on the paper's scale or with a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from recexplainer.plugins.interfaces import Judge, JudgeKit
from recexplainer.records import Explanation, InteractionLog, Verdict
from recexplainer.testing.contracts.rules import check_kept, inapplicable, require, survives
from recexplainer.testing.contracts.shared_parts import once_per_class, resting_on
from recexplainer.testing.contracts.side_effects import LeavesNoTraces, State, no_side_effects
from recexplainer.testing.known_explanations import Pairs, hollow_pairs, sound_pairs
from recexplainer.testing.toy import toy_log

__all__ = ["JudgeContract"]

MakeJudge = Callable[[JudgeKit], Judge]


class JudgeContract(LeavesNoTraces):
    """Subclass, and supply ``make_judge``: called with a kit, builds one."""

    deterministic: ClassVar[bool] = True
    """Whether the same explanation gets one grade. False for sampled or remote models."""

    @pytest.fixture
    def log(self) -> InteractionLog:
        """The log that cases are drawn from."""
        return toy_log()

    @pytest.fixture
    def kit(self, log: InteractionLog) -> JudgeKit:
        """What the judge is built with."""
        return JudgeKit(log.catalogue, seed=5)

    @pytest.fixture
    def sound(self, log: InteractionLog) -> Pairs:
        """Cases with explanations that are true of them, and checked as the pipeline does."""
        return sound_pairs(log)

    @pytest.fixture
    def hollow(self, sound: Pairs) -> Pairs:
        """The same cases with the opposite decision and nothing said."""
        return hollow_pairs(sound)

    @pytest.fixture
    def given(
        self,
        request: pytest.FixtureRequest,
        at_start: State,
        make_judge: MakeJudge,
        kit: JudgeKit,
        sound: Pairs,
    ) -> list[Verdict]:
        """What came of sound explanations, asked for once."""
        return once_per_class(request, lambda: list(make_judge(kit).grade(sound)))

    @pytest.fixture
    def verdicts(
        self, request: pytest.FixtureRequest, make_judge: MakeJudge, kit: JudgeKit, sound: Pairs
    ) -> list[Verdict]:
        """One verdict per sound explanation, for the rules that look into them."""
        rule = "one verdict per pair in order"
        found: list[Verdict] = resting_on(request, "given", rule)
        if not _are_about(found, sound):
            inapplicable(f"rests on the rule {rule!r}, which is broken")
        return found

    def test_one_verdict_per_pair_in_order(self, sound: Pairs, given: list[Verdict]) -> None:
        """Each names its case and explainer."""
        require(
            _are_about(given, sound),
            "the verdicts are not those of the pairs, in their order",
            "yield Verdict(case=case.id, explainer=explanation.explainer, ...) once per pair",
        )

    def test_no_pairs_get_no_verdicts(
        self, make_judge: MakeJudge, kit: JudgeKit, verdicts: list[Verdict]
    ) -> None:
        """A run that resumes with everything graded asks for nothing."""
        fix = "yield nothing for no pairs"
        extra = survives(lambda: list(make_judge(kit).grade([])), "grading no pairs", fix)
        require(not extra, f"no pairs got {len(extra)} verdicts", fix)

    def test_verdicts_survive_being_kept(self, verdicts: list[Verdict]) -> None:
        """They are written to disk as JSON and read again."""
        for verdict in verdicts:
            check_kept(verdict, f"the verdict on {verdict.case!r}")

    def test_it_signs_with_one_name(self, verdicts: list[Verdict]) -> None:
        """Tables are grouped by judge."""
        names = {verdict.judge for verdict in verdicts}
        require(
            len(names) == 1 and all(name.strip() for name in names),
            f"the verdicts are signed {sorted(names)}",
            "set judge to the name the provider is registered under",
        )

    def test_grades_are_one_to_four_or_have_a_reason(self, verdicts: list[Verdict]) -> None:
        """A grade that cannot be given is None, with the reason; it is counted, not guessed."""
        for verdict in verdicts:
            require(
                _is_valid(verdict),
                f"grade {verdict.grade!r} with reason {verdict.reason!r}",
                "grade 1 to 4 (paper, section 4.3); or None and say why in reason",
            )

    def test_an_empty_text_gets_no_praise(
        self, make_judge: MakeJudge, kit: JudgeKit, sound: Pairs, verdicts: list[Verdict]
    ) -> None:
        """Nothing said is worth the lowest grade or none, and breaks nothing."""
        case = sound[0][0]
        silence = Explanation(case=case.id, explainer=sound[0][1].explainer, text="")
        fix = "grade it 1, or None with a reason"
        found = survives(
            lambda: list(make_judge(kit).grade([(case, silence)])), "grading an empty text", fix
        )
        require(
            len(found) == 1 and found[0].grade in {1, None},
            f"an empty explanation got {found}",
            fix,
        )

    def test_what_the_target_leaves_open_breaks_nothing(
        self, make_judge: MakeJudge, kit: JudgeKit, sound: Pairs, verdicts: list[Verdict]
    ) -> None:
        """Where the target is undecided, no explanation is right or wrong in its decision."""
        case, explanation = sound[0]
        undecided = case.model_copy(update={"decision": None})
        fix = "return grade=None and say in reason that the target is undecided"
        found = survives(
            lambda: list(make_judge(kit).grade([(undecided, explanation)])),
            "grading a case that the target is undecided about",
            fix,
        )
        require(
            len(found) == 1 and found[0].grade in {1, 2, 3, 4, None},
            f"a case that the target is undecided about got {found}",
            fix,
        )

    def test_sound_explanations_are_graded_above_hollow_ones(
        self, make_judge: MakeJudge, kit: JudgeKit, hollow: Pairs, verdicts: list[Verdict]
    ) -> None:
        """Known truth: a right decision with its causes beats a wrong one without."""
        sound_grades = [verdict.grade for verdict in verdicts if verdict.grade is not None]
        graded = make_judge(kit).grade(hollow)
        hollow_grades = [verdict.grade for verdict in graded if verdict.grade is not None]
        if not sound_grades or not hollow_grades:
            inapplicable("the judge gave no grades, so there is nothing to compare")
        means = [sum(grades) / len(grades) for grades in (sound_grades, hollow_grades)]
        require(
            means[0] > means[1],
            f"sound explanations got {means[0]:.2f} on average, hollow ones {means[1]:.2f}",
            "compare explanation.decision with case.decision, and the text with case.history",
        )

    def test_a_pair_alone_is_graded_as_among_others(
        self, make_judge: MakeJudge, kit: JudgeKit, sound: Pairs, verdicts: list[Verdict]
    ) -> None:
        """Resumed runs ask for the rest only; they must give the same grades."""
        if not self.deterministic:
            inapplicable("the judge is declared to sample")
        judge = make_judge(kit)
        alone = [next(iter(judge.grade([pair])), None) for pair in sound]
        require(
            alone == verdicts,
            "a pair asked alone, of a new judge with the same seed, got another verdict",
            "derive randomness from kit.seed and the case's id; or declare it (the capability "
            "'samples', or deterministic = False on the test class)",
        )

    def test_grading_leaves_no_traces(
        self,
        make_judge: MakeJudge,
        kit: JudgeKit,
        sound: Pairs,
        verdicts: list[Verdict],
        at_start: State,
        empty_cwd: Path,
    ) -> None:
        """Nothing in the process or the folder changes."""
        with no_side_effects("building the judge or grade()", since=at_start):
            list(make_judge(kit).grade(sound))


def _are_about(verdicts: Sequence[Verdict], pairs: Pairs) -> bool:
    given = [(case.id, explanation.explainer) for case, explanation in pairs]
    return [
        (getattr(one, "case", None), getattr(one, "explainer", None)) for one in verdicts
    ] == given


def _is_valid(verdict: Verdict) -> bool:
    return verdict.grade in {1, 2, 3, 4} or (verdict.grade is None and bool(verdict.reason.strip()))
