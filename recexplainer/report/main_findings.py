"""Findings of a run: at most ten plain sentences, each with its figures and where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from recexplainer.data.plural_words import counted
from recexplainer.records import Metric
from recexplainer.report.best_baselines import (
    Standing,
    best_baseline,
    clearly_above,
    explanation_figure,
    own_fidelity,
    standing,
)
from recexplainer.report.caveats import doubts
from recexplainer.report.control_results import failed_controls
from recexplainer.report.labels import figure_text, share_text
from recexplainer.report.model import Report
from recexplainer.report.tables import explanation_metrics, kept_metrics, target_metrics

__all__ = ["MOST_FINDINGS", "MainFinding", "Place", "findings"]

Place = Literal["target", "fidelity", "explanations", "withheld", "care"]
"""The part of a report that holds a finding's table."""
MOST_FINDINGS: Final = 9
"""The opening sentence is the tenth."""
_RETRIEVAL = "next_item_retrieval"
_HITS = ("hit@5_constrained", "hit@5")
_NEW_USERS = "held_out_users"


@dataclass(frozen=True, slots=True)
class MainFinding:
    """One sentence, without its full stop; its figures beside their baselines; their place."""

    text: str
    figures: str
    place: Place

    @property
    def sentence(self) -> str:
        """The sentence with its figures in brackets."""
        return f"{self.text} ({self.figures})." if self.figures else f"{self.text}."


def findings(report: Report) -> list[MainFinding]:
    """Return what was found, or was not measured, the reasons for doubt always last."""
    told = [
        *_target(report),
        *_fidelity(report),
        *_new_users(report),
        *_truth(report),
        *_given(report),
        *_drop(report),
        *_mended(report),
    ]
    last = list(_care(report))
    return [*told[: MOST_FINDINGS - len(last)], *last]


def _target(report: Report) -> Iterator[MainFinding]:
    """Tell how good the recommender is, beside the best of what it was measured beside."""
    hits = [m for m in target_metrics(report) if m.metric == "hit@10" and m.value is not None]
    own = next((metric for metric in hits if metric.subject == report.run.target), None)
    if own is None or own.value is None:
        return
    others = [m for m in hits if m.subject != own.subject and m.split == own.split]
    best = max(others, key=lambda metric: metric.value or 0.0, default=None)
    yield MainFinding(
        "The recommender itself has the item that a user took next among its first 10 in "
        f"{share_text(own.value)} of cases{_unclear(own, best)}",
        _beside(own, best),
        "target",
    )


def _fidelity(report: Report) -> Iterator[MainFinding]:
    found = _retrieval(report)
    if found is None or found.metric.value is None:
        missing = "How often the language model finds the recommender's first choice"
        yield MainFinding(f"{missing} was not measured", "", "fidelity")
    else:
        metric, value = found.metric, found.metric.value
        listed = metric.metric.endswith("_constrained")
        over = ", taken from the catalogue's titles," if listed else ""
        only = "only " if metric.high is not None and metric.high < 0.5 else ""
        yield MainFinding(
            "The recommender's first choice is among the language model's five guesses"
            f"{over} in {only}{share_text(value)} of cases{_unclear(metric, found.baseline)}",
            _beside(metric, found.baseline),
            "fidelity",
        )
    label = standing(report, "interest_classification", "accuracy")
    if label is not None and label.metric.value is not None:
        yield MainFinding(
            "Asked whether a user would like an item, the language model answers as the "
            f"recommender does in {share_text(label.metric.value)} of cases"
            f"{_unclear(label.metric, label.baseline)}",
            _beside(label.metric, label.baseline),
            "fidelity",
        )


def _new_users(report: Report) -> Iterator[MainFinding]:
    """Tell the same retrieval figure of users who were kept out of training."""
    main = _retrieval(report)
    if main is None:
        return
    name = (main.metric.metric, _RETRIEVAL, _NEW_USERS)
    same = [m for m in own_fidelity(report) if (m.metric, m.task, m.split) == name]
    for metric in same:
        if metric.value is not None:
            best = best_baseline(report, metric)
            yield MainFinding(
                "For users who were kept out of training, the recommender's first choice is among "
                f"the guesses in {share_text(metric.value)} of cases{_unclear(metric, best)}",
                _beside(metric, best),
                "fidelity",
            )


def _truth(report: Report) -> Iterator[MainFinding]:
    true = explanation_figure(report, "true_as_read")
    if true is not None and true.value is not None:
        unchecked = _of_unchecked(report, true)
        yield MainFinding(
            f"In {share_text(true.value)} of the explanations every claim holds, asked of the "
            "recommender",
            "; ".join([_counted(true), *unchecked]),
            "explanations",
        )
        return
    agreement = explanation_figure(report, "decision_agreement")
    if agreement is None or agreement.value is None:
        missing = "Whether the explanations decide as the recommender does"
        yield MainFinding(f"{missing} was not measured", "", "explanations")
    else:
        yield MainFinding(
            "The explanations decide as the recommender does in "
            f"{share_text(agreement.value)} of cases",
            _counted(agreement),
            "explanations",
        )


def _given(report: Report) -> Iterator[MainFinding]:
    """Tell how much is given, and of how much of that every claim holds, beside all texts."""
    coverage, true = (explanation_figure(report, name) for name in ("coverage", "true_as_read"))
    if coverage is None or coverage.value is None or true is None or true.value is None:
        return
    place: Place = "withheld" if report.risk_coverage else "explanations"
    key = (coverage.subject, coverage.split, "true_as_read")
    kept = [m for m in kept_metrics(report) if (m.subject, m.split, m.metric) == key]
    of_all = f"{figure_text(true)} of all"
    if coverage.value == 1:
        figures = f"{_counted(coverage)}; every claim holds in {of_all}"
        yield MainFinding("All of the explanations are given, none is withheld", figures, place)
    elif kept and kept[0].value is not None:
        yield MainFinding(
            f"Of the explanations {share_text(coverage.value)} are given, the others are withheld",
            f"{_counted(coverage)}; every claim holds in {figure_text(kept[0])} of those given, "
            f"and in {of_all}",
            place,
        )
    else:
        figures = f"every claim holds in {of_all}"
        yield MainFinding("All of the explanations are withheld", figures, place)


def _drop(report: Report) -> Iterator[MainFinding]:
    """Tell whether what a text cites moves the recommender, beside chance and first words."""
    drop = explanation_figure(report, "faithfulness_drop")
    if drop is None or drop.value is None:
        return
    beyond = drop.low is not None and drop.low > 0
    words = f"by {drop.value:.2f} standard deviations further" if beyond else "not clearly further"
    yield MainFinding(
        "Without the titles that a text cites, the recommender's score moves off its decision "
        f"{words} than without as many others",
        "; ".join([_counted(drop), *_of_unchecked(report, drop), "chance: 0"]),
        "explanations",
    )


def _mended(report: Report) -> Iterator[MainFinding]:
    """Tell how often the reasons are not those of the first words."""
    mended = explanation_figure(report, "mended")
    if mended is not None and mended.value:
        yield MainFinding(
            f"In {share_text(mended.value)} of the explanations the reasons given at first did "
            "not hold and were rewritten from the recommender's answers",
            _counted(mended),
            "explanations",
        )


def _care(report: Report) -> Iterator[MainFinding]:
    """Count what speaks against the figures; the report lists it."""
    failed, doubted = failed_controls(report), doubts(report)
    counts = [
        *([f"{counted(len(failed), 'control')} failed"] if failed else []),
        *([f"{counted(len(doubted), 'reason')} for doubt"] if doubted else []),
    ]
    if counts:
        yield MainFinding(f"Read these figures with care: {' and '.join(counts)}", "", "care")


def _retrieval(report: Report) -> Standing | None:
    found = (standing(report, _RETRIEVAL, name) for name in _HITS)
    return next((one for one in found if one is not None and one.metric.value is not None), None)


def _of_unchecked(report: Report, metric: Metric) -> list[str]:
    """Return the same figure of the language model's first words; nothing if not measured."""
    name = (f"{metric.subject}-unchecked", metric.metric, metric.split)
    same = [m for m in explanation_metrics(report) if (m.subject, m.metric, m.split) == name]
    return [f"the model's first words, unchecked: {figure_text(one)}" for one in same]


def _unclear(own: Metric, best: Metric | None) -> str:
    if best is None or clearly_above(own, best):
        return ""
    return f", which is not clearly more than {best.subject} reaches"


def _beside(own: Metric, best: Metric | None) -> str:
    rival = [f"best baseline, {best.subject}: {figure_text(best)}"] if best is not None else []
    return "; ".join([_counted(own), *rival])


def _counted(metric: Metric) -> str:
    return f"{figure_text(metric)}, n = {metric.n:,}"
