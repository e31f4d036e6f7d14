"""Metrics of checked explanations.

A figure of single texts is declared here with its function, or beside the check whose mean it is;
it is then measured, compared between explainers and shown in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from recexplainer.explanation.checks import checker
from recexplainer.explanation.figures import reconstruction, simulation, specificity
from recexplainer.explanation.figures.text_groups import text_groups
from recexplainer.records import (
    EXPLANATION_TASK,
    Case,
    ClaimKind,
    Explanation,
    Figure,
    Metric,
)

__all__ = ["CHECKED", "FIGURES", "explanation_metrics"]

CHECKED = (
    *checker.FIGURES,
    *simulation.CHECKED,
    *specificity.CHECKED,
    *reconstruction.CHECKED,
)
"""The figures that are means of checks of single texts."""
_KINDS: dict[ClaimKind, str] = {
    "direction": "which way a title pulls",
    "reason": "what the decision owes to",
    "together": "titles taken together",
    "strongest": "what counts most",
    "order": "an order of causes",
    "relevance": "an attribute as a reason",
    "no_cause": "that no single title is the cause",
    "attribute": "whose an attribute is",
}
"""Kind of claim to what it says."""


def explanation_metrics(
    explanations: Sequence[Explanation], cases: Sequence[Case], seed: int
) -> list[Metric]:
    """Return every figure of texts for each explainer and split, with intervals over users.

    What a check could not score is counted in ``unscored`` and left out of the mean.

    Args:
        explanations: with their checks filled in.
        cases: the cases they are about.
        seed: makes the intervals repeatable.
    """
    return [
        metric
        for group in text_groups(explanations, cases)
        for metric in (
            *(
                group.summary(figure, list(map(value, group.texts)), seed)
                for figure, value in _VALUES
            ),
            *simulation.gain_metrics(group, seed),
        )
    ]


def _held(kind: ClaimKind, text: Explanation) -> float | None:
    """Return the share of a text's claims of a kind that hold; None without any."""
    held = [claim.real for claim in text.claims if claim.kind == kind]
    return sum(held) / len(held) if held else None


def _checked(name: str, text: Explanation) -> float | None:
    return text.check(name)


_VALUES: tuple[tuple[Figure, Callable[[Explanation], float | None]], ...] = (
    *((figure, partial(_checked, figure.check)) for figure in CHECKED),
    (
        Figure(
            task=EXPLANATION_TASK,
            metric="decision_coverage",
            note="share of texts that state a decision",
            better="higher",
            order=210,
        ),
        lambda text: float(text.decision is not None),
    ),
    (
        Figure(
            task=EXPLANATION_TASK,
            metric="counterfactual_coverage",
            note="share of texts that state a what-if",
            better="higher",
            order=200,
        ),
        lambda text: float(text.check("counterfactual_validity") is not None),
    ),
    (
        Figure(
            task=EXPLANATION_TASK,
            metric="mended",
            note=(
                "share of texts whose reasons did not hold and were rewritten from the "
                "recommender's answers"
            ),
            order=100,
        ),
        lambda text: float(text.mended > 0),
    ),
    (
        Figure(
            task=EXPLANATION_TASK,
            metric="left_out",
            note="share of texts that lost a sentence that does not hold",
            order=110,
        ),
        lambda text: float(text.left_out > 0),
    ),
    *(
        (
            Figure(
                task=EXPLANATION_TASK,
                metric=f"claims_true_{kind}",
                note=f"share of claims that hold, of those that say {words}",
                better="higher",
                order=order,
                shown="tables",
            ),
            partial(_held, kind),
        )
        for order, (kind, words) in enumerate(_KINDS.items(), 120)
    ),
)
FIGURES = (*(figure for figure, _ in _VALUES), *simulation.GAINS)
