from __future__ import annotations

import pytest

from recexplainer.judging import offline
from recexplainer.judging.ratings import rating_metrics
from recexplainer.judging.rubric import LEVELS, tag
from recexplainer.plugins.interfaces import JudgeKit
from recexplainer.records import Case, Catalogue, Check, Claim, Explanation, Verdict


def _case(decision: str | None = "Yes", **changes) -> Case:
    given = {
        "id": "u@1/x",
        "user": "u",
        "history": ("a",),
        "item": "x",
        "split": "held_out_users",
        "decision": decision,
        "score": 1.0,
        "rank": 1,
        "candidates": 10,
    }
    return Case(**{**given, **changes})


def _explanation(agreement, hallucinated, grounding, true, kinds=("reason",)) -> Explanation:
    values = {
        "decision_agreement": agreement,
        "hallucinated": hallucinated,
        "grounding": grounding,
        "true_as_read": true,
    }
    checks = tuple(Check(name=name, value=value) for name, value in values.items())
    claims = tuple(
        Claim(kind=kind, text="a", start=0, end=1, real=True, items=("a",), toward="Yes")
        for kind in kinds
    )
    return Explanation(case="u@1/x", explainer="e", text="t", checks=checks, claims=claims)


def _verdict(case, explanation, **options) -> Verdict:
    judge = offline.build(offline.OfflineOptions(**options), JudgeKit(Catalogue([])))
    (verdict,) = judge.grade([(case, explanation)])
    return verdict


@pytest.mark.parametrize(
    ("agreement", "hallucinated", "grounding", "true", "kinds", "grade"),
    [
        (0.0, 0.0, 1.0, 1.0, ("reason",), 1),
        (0.0, 1.0, 0.0, 0.0, (), 1),
        (1.0, None, None, 1.0, (), 2),
        (1.0, 0.0, 1.0, 1.0, ("cause", "attribute"), 2),
        (1.0, 0.5, 0.5, 0.0, ("reason",), 2),
        (1.0, 0.0, 0.9, 0.0, ("reason",), 2),
        (1.0, 0.0, 1.0, None, ("reason",), 3),
        (1.0, 0.0, 1.0, 0.0, ("direction",), 3),
        (1.0, 0.0, 1.0, 1.0, ("direction",), 4),
        (1.0, None, None, 1.0, ("no_cause",), 4),
    ],
)
def test_grades_follow_the_table(agreement, hallucinated, grounding, true, kinds, grade) -> None:
    explanation = _explanation(agreement, hallucinated, grounding, true, kinds)
    verdict = _verdict(_case(), explanation)
    assert verdict.grade == grade
    assert verdict.reason
    assert (verdict.judge, verdict.explainer, verdict.case) == ("offline", "e", "u@1/x")


@pytest.mark.parametrize(
    ("case", "explanation", "reason"),
    [
        (_case(None), _explanation(None, 0.0, 1.0, 1.0), "undecided"),
        (_case(), Explanation(case="u@1/x", explainer="e", text="t"), "not checked"),
    ],
)
def test_what_cannot_be_told_gets_no_grade_but_a_reason(case, explanation, reason) -> None:
    verdict = _verdict(case, explanation)
    assert verdict.grade is None
    assert reason in verdict.reason


def test_the_line_can_be_moved() -> None:
    explanation = _explanation(1.0, 0.0, 0.9, 0.0)
    assert _verdict(_case(), explanation).grade == 2
    assert _verdict(_case(), explanation, min_grounding=0.8).grade == 3


def test_the_scale_has_the_papers_four_levels() -> None:
    assert [tag(grade) for grade in LEVELS] == ["RATING-1", "RATING-2", "RATING-3", "RATING-4"]


def test_rating_is_the_mean_of_what_was_graded() -> None:
    cases = [_case(id=str(number), user=f"u{number}") for number in range(4)]
    cases.append(_case(id="4", split="leave_one_out"))
    verdicts = [
        Verdict(case=str(number), explainer="e", judge="offline", grade=grade)
        for number, grade in enumerate([4, 2, None, 3, 1])
    ]
    held_out, familiar = rating_metrics(verdicts, cases, 0)
    assert (held_out.value, held_out.n, held_out.unscored) == (3.0, 3, 1)
    assert 1.0 <= held_out.low < 3.0 < held_out.high <= 4.0
    assert (held_out.subject, held_out.metric, held_out.task) == (
        "e",
        "judge_rating",
        "explanation",
    )
    assert (familiar.split, familiar.value) == ("leave_one_out", 1.0)
