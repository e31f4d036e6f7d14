"""Correlation with the truth, for targets whose scores are sums over the history.

Of most recommenders nobody knows what a score is made of. Where the target is a sum over the
history, it is known exactly, and an explainer can be marked like an exam.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from recexplainer.explanation.cases import cited_account
from recexplainer.explanation.checks.account import read_texts
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.metrics import summarize
from recexplainer.plugins.interfaces import Explainer
from recexplainer.records import Case, Catalogue, Explanation, Figure, Metric

__all__ = [
    "CITED",
    "FIGURES",
    "WHOLE",
    "KnownContributions",
    "TellsContributions",
    "cited_truth",
    "truth_correlation",
    "truth_metrics",
]

WHOLE = "truth_correlation"
CITED = "truth_correlation_cited"
_WHOLE = Figure(
    task="known_truth",
    metric=WHOLE,
    note="rank correlation of what an explainer makes of each item with the truth",
    better="higher",
    bounds=None,
)
_CITED = Figure(
    task="known_truth",
    metric=CITED,
    note="the same, of what its texts cite, in their order",
    better="higher",
    bounds=None,
)
FIGURES = (_WHOLE, _CITED)
_FEWEST = 3
"""Items in an order; of two, a guess is right half of the time."""


class KnownContributions(Protocol):
    """A target that knows what its scores are made of."""

    def contributions(self, history: Sequence[str], item: str) -> Mapping[str, float]:
        """Return what each distinct item that is read of ``history`` adds to the score of ``item``.

        Args:
            history: item ids, oldest first.
            item: id of the item that is scored.
        """
        ...


@runtime_checkable
class TellsContributions(Protocol):
    """An explainer that has a number for every item of the history, not only for those it cites."""

    def contributions(self, case: Case) -> Mapping[str, float]:
        """Return the explainer's estimate of what each distinct history item adds to the score.

        Args:
            case: the question; only the order of the numbers has to mean something.
        """
        ...


def truth_correlation(account: Mapping[str, float], truth: Mapping[str, float]) -> float | None:
    """Return Spearman's rank correlation of an account with the truth.

    Args:
        account: item to number; what it leaves out counts 0.
        truth: item to what it adds to the score.

    Returns:
        From -1 to 1; None, not scored, where either has no order: fewer than three items, or all
        numbers alike.
    """
    from scipy.stats import spearmanr

    told = [account.get(item, 0.0) for item in truth]
    if len(truth) < _FEWEST or len(set(told)) == 1 or len(set(truth.values())) == 1:
        return None
    return float(spearmanr(told, list(truth.values())).statistic)


def truth_metrics(
    name: str,
    explainer: Explainer,
    cases: Sequence[Case],
    target: KnownContributions,
    *,
    catalogue: Catalogue,
    seed: int,
) -> list[Metric]:
    """Return how well an explainer's accounts agree with the truth, with intervals over users.

    ``truth_correlation_cited`` takes what the texts cite, in their order, and can be had of every
    explainer; since most items are not cited, even the truth, told so briefly, scores below 1.
    ``truth_correlation`` takes the numbers of all items, of explainers that have them.

    Args:
        name: what the explainer is called in the figures.
        explainer: as built for ``target``.
        cases: what it is asked about.
        target: the target, which knows.
        catalogue: the items, by whose titles texts are read.
        seed: makes the intervals repeatable.
    """
    texts = read_texts(list(explainer.explain(cases)), cases, ClaimReader(catalogue))
    found = [cited_truth(name, texts, cases, target, seed=seed)]
    if isinstance(explainer, TellsContributions):
        accounts = [explainer.contributions(case) for case in cases]
        found.append(_agreement(_WHOLE, name, accounts, cases, target, seed))
    return found


def cited_truth(
    name: str,
    explanations: Sequence[Explanation],
    cases: Sequence[Case],
    target: KnownContributions,
    *,
    seed: int,
) -> Metric:
    """Return ``truth_correlation_cited`` of texts that are written, such as those of a run.

    Args:
        name: what the explainer is called in the figures.
        explanations: one per case, in that order.
        cases: what they are about.
        target: the target, which knows.
        seed: makes the interval repeatable.
    """
    pairs = zip(cases, explanations, strict=True)
    accounts = [cited_account(case, explanation.cited) for case, explanation in pairs]
    return _agreement(_CITED, name, accounts, cases, target, seed)


def _agreement(
    figure: Figure,
    name: str,
    accounts: Sequence[Mapping[str, float]],
    cases: Sequence[Case],
    target: KnownContributions,
    seed: int,
) -> Metric:
    truths = [target.contributions(case.history, case.item) for case in cases]
    return summarize(
        figure,
        [truth_correlation(*pair) for pair in zip(accounts, truths, strict=True)],
        subject=name,
        split="all",
        seed=seed,
        groups=[case.user for case in cases],
    )
