"""Shapley values of history items, by the library ``shap``: its kernel explainer.

Source: Lundberg and Lee, "A unified approach to interpreting model predictions", NeurIPS 2017.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

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
    """Return the Shapley value of each item, ``(n,)``; see ``Estimator``.

    Absent means left out of the history. The values add up to the target's score after the whole
    history less its score after none; they are exact where ``samples`` covers all coalitions.
    """
    explainer_class = _library().KernelExplainer
    nothing, everything = np.zeros((1, items)), np.ones(items)
    with _numpy_seeded(seed):
        explainer = explainer_class(lambda rows: game(np.asarray(rows) > 0.5), nothing)
        # All items are wanted, not the ten that its default regularization keeps.
        values = explainer.shap_values(everything, nsamples=samples, l1_reg=False, silent=True)
    return np.asarray(values, dtype=np.float64).reshape(items)


def missing(_options: AttributionOptions) -> Iterator[str]:
    """Yield that ``shap`` is not installed, where it is not; see ``Provider.ready``."""
    if find_spec("shap") is None:
        yield str(_missing())


def build(options: AttributionOptions, kit: ExplainerKit) -> AttributionExplainer:
    """Return the explainer; it asks the kit's target only.

    Raises:
        MissingExtraError: ``shap`` is not installed.
    """
    try:
        _library()
    except ModuleNotFoundError as error:
        raise _missing() from error
    return AttributionExplainer("shap", "SHAP", estimate, options, kit)


def _missing() -> MissingExtraError:
    return MissingExtraError("shap", "explainers", "by the explainer 'shap'")


def _library() -> Any:
    """Import shap without the warnings of the plotting code that comes with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap

    return shap


@contextmanager
def _numpy_seeded(seed: int) -> Iterator[None]:
    """Seed numpy's global generator, from which shap draws, and put it back afterwards."""
    before = np.random.get_state()  # noqa: NPY002  # the library reads no other
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
