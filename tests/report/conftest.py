"""A small made-up run whose figures are chosen here, so that they can be looked for."""

from __future__ import annotations

import pytest

from recexplainer.records import Case, Check, Claim, Explanation, Figure, Metric, StageRecord
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
from recexplainer.report.ablation_record import (
    Ablation,
    Difference,
    RunOutcome,
    VariantFacts,
    VariantFigure,
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
def with_metrics(report):
    """Return what makes the run with these figures in place of its own."""

    def replaced(*metrics):
        return report.model_copy(update={"metrics": metrics})

    return replaced


@pytest.fixture
def make_figure():
    return figure


@pytest.fixture
def make_explained():
    return explained


def variant_figure(variant, name, value, half=0.05, *, split="leave_one_out", difference=None):
    task, metric = name
    low, high = (None, None) if value is None else (value - half, value + half)
    seeds = {} if value is None else {0: value, 1: value}
    told = None
    if difference is not None:
        change, p = difference
        told = Difference(
            value=change,
            low=change - half,
            high=change + half,
            n=80,
            by_seed={0: change, 1: change},
            p=p,
            adjusted_p=p,
        )
    return VariantFigure(
        variant=variant,
        task=task,
        metric=metric,
        split=split,
        value=value,
        low=low,
        high=high,
        n=80,
        unscored=0,
        by_seed=seeds,
        difference=told,
    )


HIT, RANKING = ("next_item_retrieval", "hit@5"), ("item_ranking", "ndcg@5")
ACCURACY, COVERAGE = ("interest_classification", "accuracy"), ("history_reconstruction", "told")


@pytest.fixture
def ablation():
    """A base, one variant that is worse, and one that one of four questions was not put to."""
    values = {
        "base": {HIT: 0.8, RANKING: 0.6, ACCURACY: 0.9, COVERAGE: 0.2},
        HOSTILE: {HIT: 0.4, RANKING: 0.6, ACCURACY: 0.9, COVERAGE: 0.1},
        "words": {HIT: 0.2, RANKING: 0.3, ACCURACY: 0.45},
    }
    worse = {HIT: (-0.4, 0.001), RANKING: (0.0, 1.0), ACCURACY: (0.0, 1.0), COVERAGE: (-0.1, 0.2)}
    figures = [
        variant_figure(name, key, own[key], difference=worse[key] if name == HOSTILE else None)
        for key in (HIT, RANKING, ACCURACY, COVERAGE)
        for name, own in values.items()
        if key in own
    ]
    runs = tuple(RunOutcome(seed=n, folder=f"x-seed{n}", examples=1000, steps=10) for n in (0, 1))
    failed = (RunOutcome(seed=0, folder="words-seed0", failure="the disk is full"), runs[1])
    return Ablation(
        name="parts",
        command="recx ablate",
        dataset="ml-100k",
        target="sasrec",
        backbone="tiny",
        mode="hybrid",
        seeds=(0, 1),
        variants=(
            VariantFacts(name="base", changes=(), runs=runs),
            VariantFacts(name=HOSTILE, changes=("without <b>",), runs=runs),
            VariantFacts(name="words", changes=("alignment.mode: behavior",), runs=failed),
        ),
        declared=tuple(
            Figure(task=task, metric=metric, note=f"note of {metric}", better="higher")
            for task, metric in (HIT, RANKING, ACCURACY, COVERAGE)
        ),
        figures=tuple(figures),
        baselines=(variant_figure("random", HIT, 0.04, 0.02),),
        notes=("Intervals are over users.",),
    )
