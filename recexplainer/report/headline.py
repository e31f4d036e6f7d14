"""Headline of a run: a few plain sentences on what was explained and how faithfully."""

from __future__ import annotations

from recexplainer.records import EXPLANATION_TASK
from recexplainer.report.best_baselines import Standing, explanation_figure, standing
from recexplainer.report.declared_figures import BUILT_IN
from recexplainer.report.labels import seconds_text, share_text
from recexplainer.report.main_findings import findings
from recexplainer.report.model import Report, SurrogateFacts, TargetFacts

__all__ = ["fold_in_words", "headline", "highlights", "opening", "steps_words"]

_FIRST = sorted((one for one in BUILT_IN if one.headline), key=lambda one: one.headline)
"""The figures that are shown first."""


def opening(report: Report) -> str:
    """Return one sentence: who was taught what, on which data."""
    run, data = report.run, report.run.dataset
    return (
        f"The language model {run.backbone} was aligned ({run.mode}) with the recommender "
        f"{run.target} on {data.name}: {data.users:,} users, "
        f"{data.items:,} items and {data.interactions:,} interactions."
    )


def headline(report: Report) -> list[str]:
    """Return a few sentences with the figures that matter most; says what was not measured."""
    return [one.sentence for one in findings(report)]


def highlights(report: Report) -> list[Standing]:
    """Return the figures to show first: fidelity beside the best baseline, then explanations."""
    told = [one.metric for one in _FIRST if one.task == EXPLANATION_TASK]
    asked = [one for one in _FIRST if one.task != EXPLANATION_TASK]
    fidelity = [standing(report, one.task, one.metric) for one in asked]
    explanations = [explanation_figure(report, name) for name in told]
    return [
        *(found for found in fidelity if found is not None),
        *(Standing(metric, None) for metric in explanations if metric is not None),
    ]


def fold_in_words(facts: TargetFacts) -> str:
    """Return how well the target folds histories in; nothing if it knows no users."""
    if facts.fold_in_cosine is None:
        return ""
    shared = ""
    if facts.fold_in_overlap is not None:
        shared = f", and shares {share_text(facts.fold_in_overlap)} of that user's first 10 items"
    return (
        "The recommender learned a vector per user, and answers a history by folding it in. On "
        "users left out of that map, the folded-in vector has cosine "
        f"{facts.fold_in_cosine:.2f} to the user's own{shared}. What is explained is the "
        "recommender as folded in."
    )


def steps_words(facts: SurrogateFacts) -> str:
    """Return how long the training was, and why; nothing for reports that do not tell."""
    if facts.steps is None or facts.passes is None:
        return ""
    fit = "" if facts.minutes is None else f", as many as fit {facts.minutes:g} minutes here"
    passes = f"{float(f'{facts.passes:.2g}'):,g}"
    many = "pass" if passes == "1" else "passes"
    words = f"{facts.steps:,} steps{fit}: {passes} {many} over the corpus"
    if facts.foretold_seconds is None:
        return words
    return f"{words}; foretold to take {seconds_text(facts.foretold_seconds)}"
