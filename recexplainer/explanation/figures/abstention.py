"""Given and withheld explanations: coverage, risk and the curve between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from recexplainer.explanation.figures.measures import CHECK_OF_METRIC
from recexplainer.metrics import area_interval, area_under_risk, risk_steps, summarize
from recexplainer.records import Case, Explanation, Metric, RiskCurve, RiskPoint

__all__ = ["abstains", "abstention_metrics", "risk_curves", "risk_metrics"]

_KEPT = (
    "true_as_read",
    "decision_agreement",
    "grounding",
    "hallucination_rate",
    "faithfulness_drop",
    "risk",
)
"""Metrics reported of the given texts, beside those of all."""
_REFUTED = -1.0
"""Orders texts that fail a check on the case itself behind all others."""


def abstains(explanation: Explanation, min_confidence: float | None) -> bool:
    """Whether the text is withheld: not all of it holds, or too seldom on other histories.

    A text of which all holds, and that could not be put to shortened histories, is given. So is
    what was checked before there were confidences.

    Args:
        explanation: with its checks filled in.
        min_confidence: the least confidence of a text that is given, all of which holds; None
            gives every text, whatever holds of it.
    """
    if min_confidence is None or not _measured(explanation):
        return False
    sure = explanation.check("confidence")
    return explanation.check("refuted") == 1.0 or (sure is not None and sure < min_confidence)


def abstention_metrics(
    explanations: Sequence[Explanation],
    cases: Sequence[Case],
    withheld: Callable[[Explanation], bool],
    seed: int,
) -> list[Metric]:
    """Return ``coverage`` of each explainer and split, and the figures of the texts that are given.

    The latter have the task ``explanation_kept`` and the names of the figures of all texts; there
    are none where nothing is given.

    Args:
        explanations: with their checks filled in; without confidences there are no figures.
        cases: the cases they are about.
        withheld: whether a text is, such as ``abstains``.
        seed: makes the intervals repeatable.
    """
    by_id = {case.id: case for case in cases}
    groups: dict[tuple[str, str], list[Explanation]] = {}
    for one in filter(_measured, explanations):
        groups.setdefault((one.explainer, by_id[one.case].split), []).append(one)
    metrics = []
    for (explainer, split), members in groups.items():
        for task, name, column in _columns(members, withheld):
            metrics.append(
                summarize(
                    list(column.values()),
                    subject=explainer,
                    task=task,
                    metric=name,
                    split=split,
                    seed=seed,
                    groups=[by_id[case].user for case in column],
                )
            )
    return metrics


def _columns(
    members: Sequence[Explanation], withheld: Callable[[Explanation], bool]
) -> Iterator[tuple[str, str, Mapping[str, float | None]]]:
    """Yield task, metric and the value of each case, for one explainer and split."""
    given = [one for one in members if not withheld(one)]
    kept = {one.case for one in given}
    yield "explanation", "coverage", {one.case: float(one.case in kept) for one in members}
    for name in _KEPT if given else ():
        values = {one.case: one.check(CHECK_OF_METRIC[name]) for one in given}
        yield "explanation_kept", name, values


def risk_curves(explanations: Sequence[Explanation]) -> list[RiskCurve]:
    """Return the risk-coverage curve of each explainer that any text could be scored of.

    Args:
        explanations: with their checks filled in.
    """
    curves = []
    for explainer, own in _by_explainer(explanations).items():
        scored = _Scored.of(own)
        if scored.risks:
            steps = risk_steps(scored.confidences, scored.risks)
            points = (
                RiskPoint(
                    confidence=None if sure == _REFUTED else sure,
                    coverage=given / len(own),
                    risk=risk,
                )
                for sure, given, risk in steps
            )
            curves.append(
                RiskCurve(
                    explainer=explainer,
                    points=tuple(points),
                    refuted=sum(one.check("refuted") == 1.0 for one in own) / len(own),
                    unscored=scored.unscored / len(own),
                )
            )
    return curves


def risk_metrics(
    explanations: Sequence[Explanation], cases: Sequence[Case], seed: int
) -> list[Metric]:
    """Return the area under each explainer's risk-coverage curve, over all splits.

    ``area_at_random`` is that of withholding at random: the mean risk. The areas
    ``_not_refuted`` leave out texts that fail a check on the case itself, whose confidence of 0 and
    risk of 1 follow from the same fact: only what remains tells whether the confidence predicts.

    Args:
        explanations: with their checks filled in.
        cases: the cases they are about.
        seed: makes the intervals repeatable.
    """
    user_of = {case.id: case.user for case in cases}
    metrics = []
    for explainer, own in _by_explainer(explanations).items():
        not_refuted = [one for one in own if one.check("refuted") == 0.0]
        for suffix, members in (("", own), ("_not_refuted", not_refuted)):
            scored = _Scored.of(members)
            if scored.risks:
                users = [user_of[case] for case in scored.cases]
                metrics += scored.areas(explainer, suffix, users, seed)
    return metrics


@dataclass(frozen=True, slots=True)
class _Scored:
    """The texts that have both a confidence and a risk, and the number of those that have not."""

    cases: tuple[str, ...]
    confidences: tuple[float, ...]
    risks: tuple[float, ...]
    unscored: int

    @classmethod
    def of(cls, explanations: Sequence[Explanation]) -> _Scored:
        found = [
            (one.case, _REFUTED if one.check("refuted") == 1.0 else sure, risk)
            for one in explanations
            if (sure := one.check("confidence")) is not None
            and (risk := one.check("risk")) is not None
        ]
        cases, confidences, risks = zip(*found, strict=True) if found else ((), (), ())
        return cls(cases, confidences, risks, len(explanations) - len(found))

    def areas(self, explainer: str, suffix: str, users: Sequence[str], seed: int) -> list[Metric]:
        """Return the area under the curve, and that of withholding at random."""
        at_random = summarize(
            [*self.risks, *[None] * self.unscored],
            subject=explainer,
            task="risk_coverage",
            metric=f"area_at_random{suffix}",
            split="all",
            seed=seed,
            groups=[*users, *[""] * self.unscored],
        )
        low, high = area_interval(self.confidences, self.risks, users, seed=seed)
        found = {
            "metric": f"area{suffix}",
            "value": area_under_risk(self.confidences, self.risks),
            "low": low,
            "high": high,
        }
        return [at_random.model_copy(update=found), at_random]


def _measured(explanation: Explanation) -> bool:
    return any(check.name == "confidence" for check in explanation.checks)


def _by_explainer(explanations: Sequence[Explanation]) -> dict[str, list[Explanation]]:
    """Return those that have confidences, by explainer."""
    found: dict[str, list[Explanation]] = {}
    for one in filter(_measured, explanations):
        found.setdefault(one.explainer, []).append(one)
    return found
