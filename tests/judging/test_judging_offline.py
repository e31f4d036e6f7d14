from __future__ import annotations

import pytest

from recexplainer.judging import offline
from recexplainer.judging.ratings import rating_metrics
from recexplainer.judging.rubric import LEVELS, tag
from recexplainer.plugins.interfaces import JudgeKit
from recexplainer.records import Case, Catalogue, Check, Explanation, Verdict


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


def _explanation(agreement, hallucinated, grounding, drop, cited=("a",)) -> Explanation:
    values = {
        "decision_agreement": agreement,
        "hallucinated": hallucinated,
        "grounding": grounding,
        "faithfulness_drop": drop,
    }
    checks = tuple(Check(name=name, value=value) for name, value in values.items())
    return Explanation(case="u@1/x", explainer="e", text="t", cited=cited, checks=checks)


def _verdict(case, explanation, **options) -> Verdict:
    judge = offline.build(offline.OfflineOptions(**options), JudgeKit(Catalogue([])))
    (verdict,) = judge.grade([(case, explanation)])
    return verdict


@pytest.mark.parametrize(
    ("agreement", "hallucinated", "grounding", "drop", "cited", "grade"),
    [
        (0.0, 0.0, 1.0, 2.0, ("a",), 1),
        (0.0, 1.0, 0.0, None, (), 1),
        (1.0, None, None, None, (), 2),
        (1.0, None, 1.0, None, (), 2),
        (1.0, 0.5, 0.5, 2.0, ("a",), 2),
        (1.0, 0.0, 0.9, 2.0, ("a",), 2),
        (1.0, 0.0, 1.0, None, ("a",), 3),
        (1.0, 0.0, 1.0, -0.1, ("a",), 3),
        (1.0, 0.0, 1.0, 0.0, ("a",), 3),
        (1.0, 0.0, 1.0, 0.1, ("a",), 4),
    ],
)
def test_grades_follow_the_table(agreement, hallucinated, grounding, drop, cited, grade) -> None:
    explanation = _explanation(agreement, hallucinated, grounding, drop, cited)
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


def test_the_lines_can_be_moved() -> None:
    assert _verdict(_case(), _explanation(1.0, 0.0, 0.9, 0.3), min_grounding=0.8).grade == 4
    assert _verdict(_case(), _explanation(1.0, 0.0, 1.0, 0.3), min_drop=0.5).grade == 3


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
