"""Metrics of checked explanations."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.explanation.checks.erasure import MASKED
from recexplainer.explanation.checks.plain_reading import ASKED
from recexplainer.metrics import summarize
from recexplainer.records import Case, ClaimKind, Explanation, Metric

__all__ = ["CHECK_OF_METRIC", "CLAIM_KINDS", "explanation_metrics", "moves_score"]

CLAIM_KINDS: tuple[ClaimKind, ...] = (*ASKED, "attribute")
"""Kinds whose share of true claims is reported beside that of whole texts."""

CHECK_OF_METRIC = {
    "true_as_read": "true_as_read",
    "decision_agreement": "decision_agreement",
    "grounding": "grounding",
    "hallucination_rate": "hallucinated",
    "faithfulness_drop": "faithfulness_drop",
    "comprehensiveness": "comprehensiveness",
    "sufficiency": "sufficiency",
    "counterfactual_validity": "counterfactual_validity",
    "refuted": "refuted",
    "confidence": "confidence",
    "risk": "risk",
    **{
        f"{name}@{masked}": f"{name}@{masked}"
        for name in ("pos", "cndcg", "del", "ins")
        for masked in MASKED
    },
}
_MOVES = {"faithfulness_drop", "comprehensiveness", "sufficiency", "del", "ins"}


def moves_score(metric: str) -> bool:
    """Return whether a metric is a change of a score, which has no bounds, and not a share."""
    return metric.partition("@")[0] in _MOVES


def explanation_metrics(
    explanations: Sequence[Explanation], cases: Sequence[Case], seed: int
) -> list[Metric]:
    """Return every explanation metric for each explainer and split, with intervals over users.

    ``true_as_read`` is the share of texts of which every claim holds, ``claims_true_<kind>`` the
    share of the claims of one kind, ``mended`` that of texts whose reasons the target gave, and
    ``left_out`` of those that lost a sentence.
    ``decision_coverage`` is the share of explanations that state a decision at all, and
    ``counterfactual_coverage`` of those that state a counterfactual. What a check could not score
    is counted in ``unscored`` and left out of the mean.

    Args:
        explanations: with their checks filled in.
        cases: the cases they are about.
        seed: makes the intervals repeatable.
    """
    by_id = {case.id: case for case in cases}
    groups: dict[tuple[str, str], list[Explanation]] = {}
    for explanation in explanations:
        place = (explanation.explainer, by_id[explanation.case].split)
        groups.setdefault(place, []).append(explanation)
    metrics: list[Metric] = []
    for (explainer, split), members in groups.items():
        values: dict[str, list[float | None]] = {
            metric: [member.check(check) for member in members]
            for metric, check in CHECK_OF_METRIC.items()
        }
        values["decision_coverage"] = [float(member.decision is not None) for member in members]
        values["counterfactual_coverage"] = [
            float(member.check("counterfactual_validity") is not None) for member in members
        ]
        values["mended"] = [float(member.mended > 0) for member in members]
        values["left_out"] = [float(member.left_out > 0) for member in members]
        values |= {f"claims_true_{kind}": _held(members, kind) for kind in CLAIM_KINDS}
        users = [by_id[member.case].user for member in members]
        metrics.extend(
            summarize(
                column,
                subject=explainer,
                task="explanation",
                metric=metric,
                split=split,
                seed=seed,
                groups=users,
                bounds=None if moves_score(metric) else (0.0, 1.0),
            )
            for metric, column in values.items()
        )
    return metrics


def _held(members: Sequence[Explanation], kind: ClaimKind) -> list[float | None]:
    """Return for each text the share of its claims of a kind that hold; None without any."""
    shares: list[float | None] = []
    for member in members:
        held = [claim.real for claim in member.claims if claim.kind == kind]
        shares.append(sum(held) / len(held) if held else None)
    return shares
