"""A small made-up run whose figures are chosen here, so that they can be looked for."""

from __future__ import annotations

import pytest

from recexplainer.records import Case, Check, Claim, Explanation, Metric, StageRecord
from recexplainer.report import (
    CorpusCount,
    CurvePoint,
    DatasetFacts,
    ExplainedCase,
    Report,
    RunFacts,
    SurrogateFacts,
    TargetFacts,
)

HOSTILE = "<script>alert('1')</script> & | *Co.*"


def figure(subject, task, name, value, half=0.03, *, split="leave_one_out", n=200, unscored=0):
    low, high = (None, None) if value is None else (value - half, value + half)
    return Metric(
        subject=subject,
        task=task,
        metric=name,
        split=split,
        value=value,
        low=low,
        high=high,
        n=n,
        unscored=unscored,
    )


def explained(number, text="Yes, because of Heat.", *, explainer="hybrid", checks=(), claims=()):
    case = Case(
        id=f"u{number}@3/9",
        user=f"u{number}",
        history=("7", "8"),
        item="9",
        split="leave_one_out",
        decision="Yes",
        score=1.5,
        rank=12,
        candidates=1_480,
    )
    explanation = Explanation(
        case=case.id, explainer=explainer, text=text, decision="Yes", cited=("7",)
    )
    return ExplainedCase(
        case=case,
        item_title=HOSTILE,
        history_titles=("Heat (1995)", "Babe (1995)"),
        explanation=explanation.model_copy(update={"checks": checks, "claims": claims}),
        grades={"strict": 3, "silent": None},
    )


@pytest.fixture
def metrics():
    return (
        figure("random", "next_item_retrieval", "hit@5", 0.01, 0.01),
        figure("popularity", "next_item_retrieval", "hit@5", 0.12),
        figure("hybrid", "next_item_retrieval", "hit@5", 0.68),
        figure("hybrid", "next_item_retrieval", "hit@5", 0.41, split="held_out_users"),
        figure("random", "item_ranking", "ndcg@5", 0.61),
        figure("hybrid", "item_ranking", "ndcg@5", None, n=0, unscored=37),
        figure("hybrid", "explanation", "decision_agreement", 0.93),
        figure("hybrid", "explanation", "faithfulness_drop", 0.31, 0.1),
        figure("sasrec", "target_quality", "hit@10", 0.23, split="all"),
    )


@pytest.fixture
def report(metrics):
    text = "Yes, because of Heat (1995) and Alien."
    claims = (
        Claim(kind="decision", text="Yes", start=0, end=3, real=True),
        Claim(kind="cause", text="Heat (1995)", start=16, end=27, item="7", real=True),
        Claim(kind="cause", text="Alien", start=32, end=37, real=False),
    )
    checks = (
        Check(name="decision_agreement", value=1.0),
        Check(name="hallucinated", value=0.5, detail="1 of 2"),
        Check(name="rank_without", value=340.0),
        Check(name="grounding", value=None, detail="no reason at all"),
    )
    return Report(
        run=RunFacts(
            name="made-up",
            command="recx run --align hybrid",
            started="2025-01-02 03:04 UTC",
            seed=5,
            mode="hybrid",
            target="sasrec",
            backbone="tiny",
            dataset=DatasetFacts(
                name="films", users=321, items=1_500, interactions=45_678, notes=("9 rows dropped",)
            ),
            target_facts=TargetFacts(epochs=17, best_epoch=13),
            corpus=(
                CorpusCount(
                    task="item_ranking", form="behavior", split="leave_one_out", count=1_234
                ),
                CorpusCount(task="item_ranking", form="behavior", split="train", count=5_678),
                CorpusCount(task="item_ranking", form="combined", split="train", count=91),
            ),
            surrogate=SurrogateFacts(
                parameters=3_400_123,
                vocabulary=4_096,
                corpus_tokens=987_654,
                padding=0.07,
                precision="bf16",
                device="CPU",
            ),
            curve=(
                CurvePoint(step=1, examples=64, loss=4.0, tokens_per_second=900.0, seconds=2.0),
                CurvePoint(step=2, examples=128, loss=2.5, tokens_per_second=950.0, seconds=4.0),
            ),
            config={"training": {"budget": 1.25}},
            versions={"torch": "9.8.7"},
            machine="two cores",
            notes=("instruction_following was skipped",),
        ),
        metrics=metrics,
        explanations=(explained(1, text, checks=checks, claims=claims),),
        stages=(
            StageRecord(name="target", seconds=252.0, peak_rss_mb=812.0, resumed=True),
            StageRecord(name="surrogate", seconds=8.0, peak_rss_mb=2_210.0),
        ),
    )


@pytest.fixture
def make_figure():
    return figure


@pytest.fixture
def make_explained():
    return explained
