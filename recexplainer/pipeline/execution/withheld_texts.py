"""Withheld explanations of a run, and the target's own answers in their place.

This depends on ``explanations.min_confidence`` alone, and on what was checked: another value needs
no new explanation, so it is settled when a report is written or a question answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from recexplainer.pipeline.execution.bench import Bench
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.interfaces import ExplainerKit
from recexplainer.records import Case, Explanation, Metric, RiskCurve
from recexplainer.runs.artifacts import read_records

__all__ = [
    "ACCOUNTS",
    "Abstention",
    "abstention_of",
    "account_explainers",
    "own_accounts",
    "withholds",
]

ACCOUNTS = "accounts.jsonl"
"""The target's own account of each case; absent where an explainer of the run gives it."""


@dataclass(frozen=True, slots=True)
class Abstention:
    """Withheld texts of a run: figures, curves, and the accounts in their place.

    Attributes:
        metrics: coverage, the figures of what is given, and the areas under the curves.
        curves: the risk-coverage curve of each explainer.
        accounts: the target's own account of each case that any text was withheld of.
    """

    metrics: tuple[Metric, ...]
    curves: tuple[RiskCurve, ...]
    accounts: tuple[Explanation, ...]


def withholds(bench: Bench, explanation: Explanation) -> bool:
    """Whether a checked text is withheld; the target's own account, its substitute, never is."""
    from recexplainer.explanation.figures.abstention import abstains

    least = bench.config.explanations.min_confidence
    return abstains(explanation, least) and explanation.explainer not in account_explainers(bench)


def account_explainers(bench: Bench) -> frozenset[str]:
    """Return the names of the run's explainers whose texts are the target's own account."""
    return frozenset(
        part.name for part in bench.plan.explainers if part.can(Capability.OWN_ACCOUNT)
    )


def abstention_of(
    bench: Bench, explanations: Sequence[Explanation], cases: Sequence[Case]
) -> Abstention:
    """Return the effects of withholding in a run; nothing where no confidences were measured.

    Args:
        bench: the run.
        explanations: all of them, with their checks.
        cases: what they are about.
    """
    from recexplainer.explanation.figures.abstention import (
        abstention_metrics,
        risk_curves,
        risk_metrics,
    )

    seed, withheld = bench.config.seed, partial(withholds, bench)
    silent = {one.case for one in explanations if withheld(one)}
    return Abstention(
        metrics=(
            *abstention_metrics(explanations, cases, withheld, seed),
            *risk_metrics(explanations, cases, seed),
        ),
        curves=tuple(risk_curves(explanations)),
        accounts=tuple(one for one in _accounts(bench, explanations) if one.case in silent),
    )


def own_accounts(
    bench: Bench, cases: Sequence[Case], *, counterfactual: bool = False
) -> list[Explanation]:
    """Return the target's own account of each case: its answers without each history item.

    Args:
        bench: the run.
        cases: what is asked about.
        counterfactual: whether to look for the fewest items that change the decision, which takes
            the target a few more questions.
    """
    from recexplainer.explanation.explainers.occlusion import OcclusionExplainer, OcclusionOptions

    kit = ExplainerKit(
        bench.catalogue,
        bench.target,
        bench.split.popularity,
        seed=bench.config.seed,
        histories=bench.split.training.histories,
        oracle=bench.oracle,
    )
    explainer = OcclusionExplainer(OcclusionOptions(counterfactual=counterfactual), kit)
    return list(bench.read(explainer.explain(cases), cases))


def _accounts(bench: Bench, explanations: Sequence[Explanation]) -> list[Explanation]:
    path: Path = bench.folder_of("explanations") / ACCOUNTS
    if path.is_file():
        return read_records(path, Explanation)
    own = account_explainers(bench)
    return [one for one in explanations if one.explainer in own]
