"""What every judge owes: one verdict per explanation, on the paper's scale or with a reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest

from recexplainer.plugins.interfaces import Judge, JudgeKit, LatentTarget, TargetKit
from recexplainer.records import Case, Explanation, InteractionLog, SilentProgress, Verdict
from recexplainer.testing.rules import require
from recexplainer.testing.sharing import once_per_class
from recexplainer.testing.side_effects import LeavesNoTraces, State, no_side_effects
from recexplainer.testing.toy import LinearTarget, toy_cases, toy_log, toy_training

__all__ = ["JudgeContract"]

MakeJudge = Callable[[JudgeKit], Judge]
Pairs = list[tuple[Case, Explanation]]

_AUTHOR = "a colleague"


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
        """Cases with explanations that are true of them: f's decision, and what made it."""
        target = LinearTarget(TargetKit(catalogue=log.catalogue, max_history=10))
        target.fit(toy_training(log), SilentProgress())
        cases = toy_cases(log, target)
        return [(case, _sound_explanation(case, log, target)) for case in cases]

    @pytest.fixture
    def hollow(self, sound: Pairs) -> Pairs:
        """The same cases with the opposite decision and nothing said."""
        return [
            (
                case,
                Explanation(
                    case=case.id,
                    explainer=_AUTHOR,
                    text="Maybe so, maybe not.",
                    decision="No" if case.decision == "Yes" else "Yes",
                ),
            )
            for case, _ in sound
        ]

    @pytest.fixture
    def verdicts(
        self,
        request: pytest.FixtureRequest,
        at_start: State,
        make_judge: MakeJudge,
        kit: JudgeKit,
        sound: Pairs,
    ) -> list[Verdict]:
        """The verdicts on sound explanations, asked for once."""
        return once_per_class(request, lambda: list(make_judge(kit).grade(sound)))

    def test_one_verdict_per_pair_in_order(
        self, make_judge: MakeJudge, kit: JudgeKit, sound: Pairs, verdicts: list[Verdict]
    ) -> None:
        """Each names its case and explainer; and none for no pairs."""
        given = [(case.id, explanation.explainer) for case, explanation in sound]
        require(
            [(verdict.case, verdict.explainer) for verdict in verdicts] == given,
            "the verdicts are not those of the pairs, in their order",
            "yield Verdict(case=case.id, explainer=explanation.explainer, ...) once per pair",
        )
        require(not list(make_judge(kit).grade([])), "no pairs got a verdict", "yield nothing")

    def test_it_signs_with_one_name(self, verdicts: list[Verdict]) -> None:
        """Tables are grouped by judge."""
        names = {verdict.judge for verdict in verdicts}
        require(
            len(names) == 1 and all(name.strip() for name in names),
            f"the verdicts are signed {sorted(names)}",
            "set judge to the name the provider is registered under",
        )

    def test_grades_are_one_to_four_or_have_a_reason(
        self, make_judge: MakeJudge, kit: JudgeKit, sound: Pairs, hollow: Pairs
    ) -> None:
        """A grade that cannot be given is None, with the reason; it is counted, not guessed."""
        for verdict in make_judge(kit).grade([*sound, *hollow]):
            require(
                verdict.grade in {1, 2, 3, 4} or (verdict.grade is None and verdict.reason.strip()),
                f"grade {verdict.grade!r} with reason {verdict.reason!r}",
                "grade 1 to 4 (paper, section 4.3); or None and say why in reason",
            )

    def test_an_empty_text_gets_no_praise(
        self, make_judge: MakeJudge, kit: JudgeKit, sound: Pairs
    ) -> None:
        """Nothing said is worth the lowest grade or none, and breaks nothing."""
        case = sound[0][0]
        silence = Explanation(case=case.id, explainer=_AUTHOR, text="")
        verdict = next(iter(make_judge(kit).grade([(case, silence)])), None)
        require(
            verdict is not None and verdict.grade in {1, None},
            f"an empty explanation got {verdict}",
            "grade it 1, or None with a reason",
        )

    def test_sound_explanations_are_graded_above_hollow_ones(
        self, make_judge: MakeJudge, kit: JudgeKit, hollow: Pairs, verdicts: list[Verdict]
    ) -> None:
        """Known truth: a right decision with its causes beats a wrong one without."""
        sound_grades = [verdict.grade for verdict in verdicts if verdict.grade is not None]
        graded = make_judge(kit).grade(hollow)
        hollow_grades = [verdict.grade for verdict in graded if verdict.grade is not None]
        if not sound_grades or not hollow_grades:
            return
        means = [sum(grades) / len(grades) for grades in (sound_grades, hollow_grades)]
        require(
            means[0] > means[1],
            f"sound explanations got {means[0]:.2f} on average, hollow ones {means[1]:.2f}",
            "compare explanation.decision with case.decision, and the text with case.history",
        )

    def test_a_pair_alone_is_graded_as_among_others(
        self, make_judge: MakeJudge, kit: JudgeKit, sound: Pairs, verdicts: list[Verdict]
    ) -> None:
        """Resumed runs ask for the rest only; they must come to the same grades."""
        if not self.deterministic:
            return
        judge = make_judge(kit)
        alone = [next(iter(judge.grade([pair])), None) for pair in sound]
        require(
            alone == verdicts,
            "a pair asked alone, of a new judge with the same seed, got another verdict",
            "derive randomness from kit.seed and the case's id; or declare deterministic = False",
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
        with no_side_effects("grade()", since=at_start):
            list(make_judge(kit).grade(sound))


def _sound_explanation(case: Case, log: InteractionLog, target: LatentTarget) -> Explanation:
    """Say f's decision, the item that weighs most in it, and what both have in common."""
    item = log.catalogue.item(case.item)
    alone = target.scores([[one] for one in case.history])[:, log.catalogue.row(item.id)]
    cause = log.catalogue.item(case.history[int(alone.argmax())])
    shared = set(cause.attributes["color"]) & set(item.attributes["color"])
    link = "shares" if shared else "does not share"
    history = ", ".join(map(log.catalogue.title, case.history))
    text = (
        f"{case.decision}. The user has chosen {history}. {item.title} {link} the color of "
        f"{cause.title}, so it is {'consistent' if shared else 'inconsistent'} with the history."
    )
    return Explanation(
        case=case.id,
        explainer=_AUTHOR,
        text=text,
        decision=case.decision,
        cited=(cause.id,),
    )
