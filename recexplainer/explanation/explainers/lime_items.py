"""LIME over history items, by the library ``lime``: a weighted ridge regression around the history.

Source: Ribeiro et al., "Why should I trust you?", KDD 2016.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from recexplainer.errors import MissingExtraError
from recexplainer.explanation.explainers.attribution import (
    AttributionExplainer,
    AttributionOptions,
    Game,
)
from recexplainer.plugins.interfaces import ExplainerKit

__all__ = ["build", "estimate", "missing"]


def estimate(game: Game, items: int, *, samples: int, seed: int) -> NDArray[np.float64]:
    """Return LIME's weight of each item, ``(n,)``; see ``Estimator``.

    The history is handed to LIME as a text whose words are the items' places; its way of leaving
    words out, its distances and its kernel are taken as they come.
    """
    from lime.lime_text import LimeTextExplainer

    def played(texts: Sequence[str]) -> NDArray[np.float64]:
        coalitions = np.zeros((len(texts), items), dtype=bool)
        for row, text in enumerate(texts):
            coalitions[row, [int(place) for place in text.split()]] = True
        return game(coalitions)[:, None]

    explainer = LimeTextExplainer(
        split_expression=r"\s+", feature_selection="none", class_names=["score"], random_state=seed
    )
    places = " ".join(str(place) for place in range(items))
    explained = explainer.explain_instance(
        places, played, labels=(0,), num_features=items, num_samples=samples
    )
    weights = np.zeros(items)
    for place, weight in explained.as_list(label=0):
        weights[int(place)] = weight
    return weights


def missing(_options: AttributionOptions) -> Iterator[str]:
    """Yield that ``lime`` is not installed, where it is not; see ``Provider.ready``."""
    if find_spec("lime") is None:
        yield str(_missing())


def build(options: AttributionOptions, kit: ExplainerKit) -> AttributionExplainer:
    """Return the explainer; it asks the kit's target only.

    Raises:
        MissingExtraError: ``lime`` is not installed.
    """
    try:
        import lime.lime_text  # noqa: F401  # found out here, not after hours of training
    except ModuleNotFoundError as error:
        raise _missing() from error
    return AttributionExplainer("lime", "LIME", estimate, options, kit)


def _missing() -> MissingExtraError:
    return MissingExtraError("lime", "explainers", "by the explainer 'lime'")
