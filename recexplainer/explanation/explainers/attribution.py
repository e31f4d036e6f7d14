"""LIME and SHAP explainers: history items by their estimated part of the score.

What is perturbed is the history: a coalition is a subset of its distinct items, and the target
scores the item in question after that subset alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from recexplainer.explanation.explainers.plain_explainer import OneWording
from recexplainer.explanation.sentences import (
    decided,
    enumerated,
    quoted,
)
from recexplainer.oracle import (
    NOISE,
    case_rng,
    direction_of,
    leaning,
    oracle_of,
    question_without,
)
from recexplainer.plugins.interfaces import ExplainerKit, Options
from recexplainer.records import Case, Written

__all__ = [
    "AttributionExplainer",
    "AttributionOptions",
    "Coalitions",
    "Contribution",
    "Estimator",
    "Game",
]

Coalitions = NDArray[np.bool_]
"""``(S, n)``: S coalitions of a history's n distinct items, true where an item is kept."""
Game = Callable[[Coalitions], NDArray[np.float64]]
"""The target's score after each of S coalitions, ``(S,)``; asked in one batch."""
Contribution = tuple[str, float]
"""A cited item and its estimated part of the score."""


class AttributionOptions(Options):
    """Options of LIME and SHAP: how many questions, how many items cited."""

    samples: int = Field(default=256, ge=16)
    """How many shortened histories the target is asked about per case; fewer where fewer exist."""
    cited: int = Field(default=3, ge=1)
    """The most history items to name."""


class Estimator(Protocol):
    """Tells each item's share in the value of a game; LIME's and SHAP's differ by how."""

    def __call__(self, game: Game, items: int, *, samples: int, seed: int) -> NDArray[np.float64]:
        """Return the contributions of the items, ``(n,)``.

        Args:
            game: the value of coalitions.
            items: n, at least 1.
            samples: how many coalitions may be asked about, at most.
            seed: makes the choice of coalitions repeatable.
        """
        ...


class AttributionExplainer(OneWording):
    """Names the items that an estimator of contributions puts first. Knows no attributes.

    Args:
        name: what its explanations are signed with.
        method: the estimator's name in a sentence.
        estimate: the estimator.
        options: how much is asked and said.
        kit: the target, the catalogue and the seed.
    """

    def __init__(
        self,
        name: str,
        method: str,
        estimate: Estimator,
        options: AttributionOptions,
        kit: ExplainerKit,
    ) -> None:
        super().__init__(name)
        self._method, self._estimate = method, estimate
        self._options, self._kit = options, kit
        self._oracle = oracle_of(kit)

    def _accounts(self, cases: Sequence[Case]) -> Iterable[Written]:
        return (self._account(case) for case in cases)

    def contributions(self, case: Case) -> dict[str, float]:
        """Return each distinct history item's estimated part of the score, in history order."""
        items = tuple(dict.fromkeys(case.history))
        if not items:
            return {}

        def game(coalitions: Coalitions) -> NDArray[np.float64]:
            questions = [
                question_without(
                    case, [item for item, kept in zip(items, row, strict=True) if not kept]
                )
                for row in coalitions
            ]
            answers = self._oracle.ask(questions)
            return np.array([answer.score for answer in answers], dtype=np.float64)

        seed = int(case_rng(self._kit.seed, f"{self._name} {case.id}").integers(2**31))
        shares = self._estimate(game, len(items), samples=self._options.samples, seed=seed)
        return {item: float(share) for item, share in zip(items, shares, strict=True)}

    def _account(self, case: Case) -> Written:
        causes = _carrying(case, self.contributions(case))[: self._options.cited]
        return Written(
            case=case.id,
            explainer=self._name,
            text=self._sentence(case, causes),
            meant=tuple(item for item, _ in causes),
        )

    def _sentence(self, case: Case, causes: Sequence[Contribution]) -> str:
        title = self._kit.catalogue.title
        opening = decided(case, title(case.item))
        raised = leaning(case) == "Yes"
        if not causes:
            verb = "raises" if raised else "lowers"
            return f"{opening} By {self._method}, no item of the history {verb} its score."
        named = enumerated([f"{quoted(title(item))} ({share:+.3g})" for item, share in causes])
        verb = "raised" if raised else "lowered"
        return f"{opening} By {self._method}, its score is {verb} by {named}."


def _carrying(case: Case, contributions: Mapping[str, float]) -> list[Contribution]:
    """Return the items that pull toward the target's decision, the strongest first."""
    direction = direction_of(case)
    least = NOISE * max(1.0, abs(case.score))
    carrying = [one for one in contributions.items() if direction * one[1] > least]
    return sorted(carrying, key=lambda contribution: -direction * contribution[1])
