"""Parts and settings that are each right, and do not fit each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from recexplainer.config.sections import RunConfig
from recexplainer.pipeline.execution.corpus_size import drawn_for
from recexplainer.pipeline.execution.plan import Part
from recexplainer.plugins.capabilities import Capability
from recexplainer.records import Recipe

__all__ = ["unfit_settings", "writers_without_words"]


def writers_without_words(
    explainers: Sequence[Part], backbone: Part | None, recipe: Recipe
) -> Iterator[str]:
    """Yield the explainers that need a pretrained backbone where there is none."""
    if backbone is None or recipe.published:
        return
    for part in explainers:
        if part.can(Capability.PRETRAINED):
            yield (
                f"explanations.options.{part.name}.writer: {backbone.name!r} knows no language but "
                "what it is taught here, and cannot word facts; use writer=chat with a model, or a "
                "pretrained chat model as surrogate.backbone"
            )


def unfit_settings(
    config: RunConfig,
    recipe: Recipe,
    weights: Mapping[str, float],
) -> Iterator[str]:
    """Yield what of a configuration does not fit its backbone or itself.

    Args:
        config: of the run.
        recipe: of its backbone.
        weights: of the alignment tasks, those above 0.
    """
    if not weights:
        yield "alignment.weights: every task has weight 0; give at least one a weight above 0"
    if config.alignment.questions != 1 and drawn_for(config, recipe) is not None:
        yield (
            "alignment.questions: the corpus of this run is drawn to a number of conversations (by "
            "alignment.examples, training.steps or training.minutes), which it would not change; "
            "leave it out"
        )
    if config.training.optimizer == "muon":
        if not recipe.whole:
            yield (
                "training.optimizer: muon updates whole matrices, and a pretrained backbone is "
                "trained by low-rank updates; use adamw, or leave it out"
            )
        if config.training.parallel.startswith("zero"):
            yield (
                f"training.optimizer: muon needs whole matrices, which {config.training.parallel} "
                "cuts into parts; use adamw, or training.parallel=ddp"
            )
