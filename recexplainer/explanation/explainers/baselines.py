"""Baselines that never ask the target: the nearest and the most popular history items.

They speak and cite as an explanation does, and so show what such plausible reasons are worth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from recexplainer.errors import CapabilityError
from recexplainer.explanation.explainers.plain_explainer import OneWording
from recexplainer.explanation.sentences import (
    enumerated,
    quoted,
)
from recexplainer.plugins.interfaces import ExplainerKit, LatentTarget, Options
from recexplainer.records import Case, Catalogue, Decision, Written

__all__ = ["BaselineExplainer", "BaselineOptions", "build_popularity", "build_similarity"]

_YES_SHARE = 0.35
"""Halfway between the target's Yes items (top 20 %) and its No items (bottom 50 %)."""

Valuing = Callable[[tuple[str, ...]], NDArray[np.float64]]
"""History of n items to ``(n + 1, I)``: what each of its items makes of every item of the
catalogue, and in the last row what the history as a whole does."""


class BaselineOptions(Options):
    """How much is said."""

    cited: int = Field(default=3, ge=1)
    """The most history items to name."""


class BaselineExplainer(OneWording):
    """Decides and cites by one value per history item and per candidate.

    Args:
        name: what its explanations are signed with.
        because: joins the item and what is cited, such as ``as it is most similar to``.
        weigh: values of all items by each history item, and by the whole history.
        options: how much is said.
        catalogue: the items.
    """

    def __init__(
        self,
        name: str,
        because: str,
        weigh: Valuing,
        options: BaselineOptions,
        catalogue: Catalogue,
    ) -> None:
        super().__init__(name)
        self._because, self._weigh = because, weigh
        self._options, self._catalogue = options, catalogue

    def _accounts(self, cases: Sequence[Case]) -> Iterable[Written]:
        return (self._account(case) for case in cases)

    def contributions(self, case: Case) -> dict[str, float]:
        """Return the number by which each distinct history item is cited or not."""
        items = tuple(dict.fromkeys(case.history))
        values = self._weigh(items)[:-1, self._catalogue.row(case.item)]
        return {item: float(value) for item, value in zip(items, values, strict=True)}

    def _account(self, case: Case) -> Written:
        items = tuple(dict.fromkeys(case.history))
        values = self._weigh(items)
        row = self._catalogue.row(case.item)
        order = np.argsort(-values[:-1, row], kind="stable")[: self._options.cited]
        cited = [items[place] for place in order]
        decision = _decision(values[-1], row, self._catalogue.rows((*items, *case.earlier)))
        return Written(
            case=case.id,
            explainer=self._name,
            text=self._sentence(case, decision, cited),
            meant=tuple(cited),
        )

    def _sentence(self, case: Case, decision: Decision, cited: Sequence[str]) -> str:
        title = self._catalogue.title
        verb = "will like" if decision == "Yes" else "will not like"
        reasons = enumerated([quoted(title(item)) for item in cited])
        because = f"; {self._because} {reasons}" if cited else "; nothing is known of the user"
        return f"{decision}: the user {verb} {quoted(title(case.item))}{because}."


def build_similarity(options: BaselineOptions, kit: ExplainerKit) -> BaselineExplainer:
    """Return the explainer that cites the history items most similar to the item.

    Similar are items with vectors at a small angle: the target's own vectors, or who had which item
    where the target has none (co-occurrence).

    Raises:
        CapabilityError: the target has no vectors and the kit no training histories.
    """
    vectors = _unit_vectors(kit)
    catalogue = kit.catalogue

    def weigh(items: tuple[str, ...]) -> NDArray[np.float64]:
        alike = vectors[catalogue.rows(items)] @ vectors.T
        dense = np.asarray(alike.toarray() if hasattr(alike, "toarray") else alike, np.float64)
        whole = dense.mean(axis=0) if len(items) else np.zeros(len(catalogue))
        return np.vstack([dense.reshape(len(items), len(catalogue)), whole])

    because = "of the history, the item is most similar to"
    return BaselineExplainer("similarity", because, weigh, options, catalogue)


def build_popularity(options: BaselineOptions, kit: ExplainerKit) -> BaselineExplainer:
    """Return the explainer that cites the history's most popular items, whatever the item is."""
    counts = np.asarray(kit.popularity, dtype=np.float64)

    def weigh(items: tuple[str, ...]) -> NDArray[np.float64]:
        own = counts[kit.catalogue.rows(items)]
        return np.vstack([np.repeat(own[:, None], len(counts), axis=1), counts])

    because = "the most popular items of the history are"
    return BaselineExplainer("popularity", because, weigh, options, kit.catalogue)


def _decision(values: NDArray[np.float64], row: int, seen: Sequence[int]) -> Decision:
    """Return Yes for an item among the best third or so of the unseen ones."""
    candidate = np.ones(len(values), dtype=bool)
    candidate[list(seen)] = False
    candidate[row] = True
    ahead = int((values[candidate] > values[row]).sum())
    return "Yes" if ahead < _YES_SHARE * int(candidate.sum()) else "No"


def _unit_vectors(kit: ExplainerKit) -> Any:
    """Return ``(I, d)`` unit (or zero) vectors: dense from the target or sparse from the log."""
    from sklearn.preprocessing import normalize

    if isinstance(kit.target, LatentTarget):
        return normalize(np.asarray(kit.target.item_vectors(), dtype=np.float64))
    if kit.histories is None:
        raise CapabilityError(
            "the similarity explainer needs item vectors of the target, or the training histories "
            "to count which items occur together, and was given neither; choose another explainer: "
            "occlusion"
        )
    return normalize(_users_of_items(kit.histories, kit.catalogue))


def _users_of_items(histories: Mapping[str, Sequence[str]], catalogue: Catalogue) -> Any:
    """Return the sparse ``(I, users)`` matrix that is 1 where a user had the item."""
    from scipy.sparse import csr_matrix

    pairs = [
        (row, user)
        for user, history in enumerate(histories.values())
        for row in set(catalogue.rows(history))
    ]
    rows, users = zip(*pairs, strict=True) if pairs else ((), ())
    shape = (len(catalogue), max(1, len(histories)))
    return csr_matrix((np.ones(len(pairs)), (rows, users)), shape=shape)
