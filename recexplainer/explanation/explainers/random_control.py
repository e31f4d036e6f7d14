"""Random control: cites history items and states a decision at random."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import Field

from recexplainer.explanation.cases import cited_account
from recexplainer.explanation.explainers.plain_explainer import OneWording
from recexplainer.explanation.sentences import (
    enumerated,
    quoted,
)
from recexplainer.oracle import case_rng
from recexplainer.plugins.interfaces import ExplainerKit, Options
from recexplainer.records import Case, Decision, Written

__all__ = ["RandomExplainer", "RandomOptions", "build"]

NAME = "random"


class RandomOptions(Options):
    """How much is said."""

    cited: int = Field(default=3, ge=1)
    """The most history items to name."""


class RandomExplainer(OneWording):
    """Speaks as an explanation does and knows nothing of the target: what others must beat."""

    def __init__(self, options: RandomOptions, kit: ExplainerKit) -> None:
        super().__init__(NAME)
        self._options = options
        self._catalogue = kit.catalogue
        self._seed = kit.seed

    def _accounts(self, cases: Sequence[Case]) -> Iterable[Written]:
        return (self._account(case) for case in cases)

    def contributions(self, case: Case) -> dict[str, float]:
        """Return numbers for all history items that put them in the order of its text."""
        _, shuffled = self._draw(case)
        return cited_account(case, shuffled)

    def _draw(self, case: Case) -> tuple[Decision, list[str]]:
        """Return a decision and the distinct history items in random order."""
        rng = case_rng(self._seed, f"{NAME} {case.id}")
        decision: Decision = "Yes" if rng.random() < 0.5 else "No"
        items = tuple(dict.fromkeys(case.history))
        return decision, [items[place] for place in rng.permutation(len(items))]

    def _account(self, case: Case) -> Written:
        decision, shuffled = self._draw(case)
        cited = shuffled[: self._options.cited]
        title = quoted(self._catalogue.title(case.item))
        verb = "will like" if decision == "Yes" else "will not like"
        reason = enumerated([quoted(self._catalogue.title(item)) for item in cited])
        because = f" because of {reason}" if cited else ""
        return Written(
            case=case.id,
            explainer=NAME,
            text=f"{decision}: the user {verb} {title}{because}.",
            meant=tuple(cited),
        )


def build(options: RandomOptions, kit: ExplainerKit) -> RandomExplainer:
    """Return the control explainer."""
    return RandomExplainer(options, kit)
