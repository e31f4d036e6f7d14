"""Size of a corpus: what a training of a given length can see, where not all is worth writing."""

from __future__ import annotations

from recexplainer.config.sections import RunConfig
from recexplainer.pipeline.execution.plan import Plan
from recexplainer.records import Recipe

__all__ = ["drawn_examples", "drawn_for"]

_SHORT_PROMPT = 60
"""Tokens of an example, fewer than most have: a machine sees no more examples than are written."""
_SMALLEST = 2e8
"""Operations per token of a model that is not here yet: of a small one."""


def drawn_for(config: RunConfig, recipe: Recipe) -> dict[str, float | None] | None:
    """Return the settings that decide the size of a drawn corpus; None where all is written."""
    training, wanted = config.training, config.alignment.examples
    if wanted is not None:
        return {"examples": wanted}
    if recipe.published and not recipe.whole:
        if training.steps is not None:
            return {"examples": training.steps * training.batch_size}
        if training.minutes is not None:
            return {"minutes": training.minutes}
    return None


def drawn_examples(plan: Plan) -> int | None:
    """Return how many conversations are drawn; None where all are written.

    For ``training.minutes`` that is more than this machine can see in them, at the rate of a lone
    product: how many it really sees is known when steps are timed.
    """
    given = drawn_for(plan.config, plan.recipe)
    if given is None:
        return None
    if given.get("examples"):
        return int(given["examples"] or 0)
    from recexplainer.surrogate.estimate.operation_count import full_rate, operations_per_token

    each = _SHORT_PROMPT * (operations_per_token(plan.settings) or _SMALLEST)
    seen = 60.0 * (given["minutes"] or 0.0) * full_rate(plan.settings) / each
    return max(plan.settings.batch_size, round(seen))
