"""Given and withheld explanations: coverage, risk and the curve between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from recexplainer.explanation.figures.measures import CHECKED
from recexplainer.explanation.figures.simulation import GAIN, gain_of
from recexplainer.explanation.figures.text_groups import TextGroup, text_groups
from recexplainer.metrics import area_interval, area_under_risk, risk_steps, summarize
from recexplainer.records import (
    EXPLANATION_TASK,
    Case,
    Explanation,
    Figure,
    Metric,
    RiskCurve,
    RiskPoint,
)

__all__ = [
    "FIGURES",
    "KEPT_TASK",
    "RISK_TASK",
    "abstains",
    "abstention_metrics",
    "risk_curves",
    "risk_metrics",
]

KEPT_TASK = "explanation_kept"
"""The ``task`` of the same figures of those explanations that were given, not withheld."""
RISK_TASK = "risk_coverage"
"""The ``task`` of areas under the risk-coverage curves."""
# All as shares: faithfulness_drop has no bounds, and is resampled only where a value is beyond.
_GIVEN = tuple(figure.again(KEPT_TASK, (0.0, 1.0)) for figure in CHECKED if figure.given)
"""What is told of the texts that are given, beside the same of all."""
_GAIN_OF_GIVEN = GAIN.again(KEPT_TASK, None)
_COVERAGE = Figure(
    task=EXPLANATION_TASK,
    metric="coverage",
    note="share of texts that are given, not withheld",
    better="higher",
    order=90,
)
_AREA = Figure(
    task=RISK_TASK,
    metric="area",
    note="area under the risk-coverage curve",
    better="lower",
    order=1,
)
_AT_RANDOM = Figure(
    task=RISK_TASK,
    metric="area_at_random",
    note="the same where texts are withheld at random",
    order=2,
)
_AREA_NOT_REFUTED = Figure(
    task=RISK_TASK,
    metric="area_not_refuted",
    note="area among texts that fail no check",
    better="lower",
    order=3,
)
_AT_RANDOM_NOT_REFUTED = Figure(
    task=RISK_TASK,
    metric="area_at_random_not_refuted",
    note="the same where these are withheld at random",
    order=4,
)
FIGURES = (
    _COVERAGE,
    *_GIVEN,
    _GAIN_OF_GIVEN,
    _AREA,
    _AT_RANDOM,
    _AREA_NOT_REFUTED,
    _AT_RANDOM_NOT_REFUTED,
)
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
    return [
        metric
        for group in text_groups([one for one in explanations if _measured(one)], cases)
        for metric in _given_metrics(group, withheld, seed)
    ]


def _given_metrics(
    group: TextGroup, withheld: Callable[[Explanation], bool], seed: int
) -> Iterator[Metric]:
    """Yield how many of the texts are given, and their figures."""
    given = group.only(lambda text: not withheld(text))
    shares = [float(row in given.rows) for row in group.rows]
    yield group.summary(_COVERAGE, shares, seed)
    if given.texts:
        yield from (
            given.summary(figure, [text.check(figure.check) for text in given.texts], seed)
            for figure in _GIVEN
        )
        yield gain_of(given, _GAIN_OF_GIVEN, seed)


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
        for area, at_random, members in (
            (_AREA, _AT_RANDOM, own),
            (_AREA_NOT_REFUTED, _AT_RANDOM_NOT_REFUTED, not_refuted),
        ):
            scored = _Scored.of(members)
            if scored.risks:
                users = [user_of[case] for case in scored.cases]
                drawn = scored.at_random(at_random, explainer, users, seed)
                metrics += [scored.area(area, drawn, users, seed), drawn]
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

    def at_random(self, figure: Figure, explainer: str, users: Sequence[str], seed: int) -> Metric:
        """Return the area under the curve of withholding at random: the mean risk."""
        return summarize(
            figure,
            [*self.risks, *[None] * self.unscored],
            subject=explainer,
            split="all",
            seed=seed,
            groups=[*users, *[""] * self.unscored],
        )

    def area(self, figure: Figure, beside: Metric, users: Sequence[str], seed: int) -> Metric:
        """Return the area under the curve, of the texts that ``beside`` counts."""
        low, high = area_interval(self.confidences, self.risks, users, seed=seed)
        found = {
            "metric": figure.metric,
            "value": area_under_risk(self.confidences, self.risks),
            "low": low,
            "high": high,
        }
        return beside.model_copy(update=found)


def _measured(explanation: Explanation) -> bool:
    return any(check.name == "confidence" for check in explanation.checks)


def _by_explainer(explanations: Sequence[Explanation]) -> dict[str, list[Explanation]]:
    """Return those that have confidences, by explainer."""
    found: dict[str, list[Explanation]] = {}
    for one in filter(_measured, explanations):
        found.setdefault(one.explainer, []).append(one)
    return found
