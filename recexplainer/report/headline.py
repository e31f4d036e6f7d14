"""Headline of a run: a few plain sentences on what was explained and how faithfully."""

from __future__ import annotations

from collections.abc import Iterator

from recexplainer.records import EXPLANATION_TASK
from recexplainer.report.best_baselines import Standing, explanation_figure, standing
from recexplainer.report.declared_figures import BUILT_IN
from recexplainer.report.labels import figure_text, seconds_text, share_text
from recexplainer.report.model import Report, SurrogateFacts, TargetFacts
from recexplainer.report.tables import kept_metrics

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
    return [*_fidelity_words(report), *_explanation_words(report)]


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


def _fidelity_words(report: Report) -> Iterator[str]:
    for name in ("hit@5_constrained", "hit@5"):
        found = standing(report, "next_item_retrieval", name)
        if found is not None and found.metric.value is not None:
            yield _retrieval_words(found, found.metric.value)
            break
    else:
        yield "How often it finds the recommender's first choice was not measured."
    label = standing(report, "interest_classification", "accuracy")
    if label is not None and label.metric.value is not None:
        yield (
            f"Asked whether a user would like an item, it answers as the recommender does in "
            f"{share_text(label.metric.value)} of cases ({figure_text(label.metric)})."
        )


def _retrieval_words(found: Standing, value: float) -> str:
    metric, best = found.metric, found.baseline
    over = ", taken from the catalogue's titles," if metric.metric.endswith("_constrained") else ""
    below_half = metric.high is not None and metric.high < 0.5
    beside = f"; best baseline, {best.subject}: {figure_text(best)}" if best else ""
    return (
        f"On {metric.n:,} held-out moments, the item that the recommender would put first is among "
        f"its five guesses{over} in {'only ' if below_half else ''}{share_text(value)} of cases "
        f"({figure_text(metric)}{beside})."
    )


def _explanation_words(report: Report) -> Iterator[str]:
    agreement = explanation_figure(report, "decision_agreement")
    if agreement is None or agreement.value is None:
        yield "Whether its explanations decide as the recommender does was not measured."
    else:
        yield (
            f"Its explanations decide as the recommender does in "
            f"{share_text(agreement.value)} of cases ({figure_text(agreement)})."
        )
    made_up = explanation_figure(report, "hallucination_rate")
    if made_up is not None and made_up.value is not None:
        share = share_text(made_up.value)
        words = f"{share[0].upper()}{share[1:]} of the titles that they name are not in the history"
        if made_up.value == 0:
            words = "No title that they name as one of the history is missing from it"
        yield f"{words} ({figure_text(made_up)})."
    yield from _abstention_words(report)


def _abstention_words(report: Report) -> Iterator[str]:
    """Say how much is given, and of how much of that every claim holds, beside all texts."""
    coverage, true = (explanation_figure(report, name) for name in ("coverage", "true_as_read"))
    if coverage is None or coverage.value is None or true is None or true.value is None:
        return
    key = (coverage.subject, coverage.split, "true_as_read")
    kept = [m for m in kept_metrics(report) if (m.subject, m.split, m.metric) == key]
    if kept and kept[0].value is not None:
        yield (
            f"It gives {share_text(coverage.value)} of its explanations ({figure_text(coverage)}) "
            "and withholds the others. Every claim holds, asked of the recommender, in "
            f"{figure_text(kept[0])} of those it gives, and in {figure_text(true)} of all."
        )
    else:
        yield (
            "It withholds all of its explanations; every claim holds in "
            f"{figure_text(true)} of them."
        )
