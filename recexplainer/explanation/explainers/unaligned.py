"""Unaligned explainer: the language model before alignment, asked the same question."""

from __future__ import annotations

from recexplainer.errors import CapabilityError
from recexplainer.explanation.explainers.surrogate import (
    SurrogateExplainer,
    SurrogateOptions,
    UncheckedOptions,
)
from recexplainer.plugins.interfaces import ExplainerKit

__all__ = ["build"]


def build(options: UncheckedOptions, kit: ExplainerKit) -> SurrogateExplainer:
    """Return the explainer behind the kit's raw backbone; the target has no say in what it writes.

    Raises:
        CapabilityError: the kit has no raw backbone.
    """
    if kit.unaligned is None:
        raise CapabilityError(
            "the unaligned explainer needs the language model as it was before training and was "
            "given none; run the surrogate stage first, or choose an explainer that asks the "
            "target alone: occlusion"
        )
    once = SurrogateOptions(mended=False, **options.model_dump())
    return SurrogateExplainer(once, kit.unaligned, kit, "unaligned")
