"""Whether the parts that have work left can do it: their keys and packages, before a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recexplainer.errors import ConfigError
from recexplainer.pipeline.planning import Part, Plan
from recexplainer.runs.steps import Stage, StageName

__all__ = ["require_ready"]


def require_ready(plan: Plan, stages: Sequence[Stage]) -> None:
    """Ask the parts of every stage that is not done what they lack.

    A finished stage needs nothing any more: its report can be written without a key.

    Args:
        plan: whose parts are asked.
        stages: of the run, done or not.

    Raises:
        ConfigError: lists all that is missing, one line each.
    """
    waiting = {stage.name for stage in stages if not stage.done}
    problems = [
        f"{path}: {part.name}: {problem}"
        for name, path, part in _parts(plan)
        if name in waiting
        for problem in part.provider.ready(part.options)
    ]
    if problems:
        raise ConfigError(problems)


def _parts(plan: Plan) -> Iterator[tuple[StageName, str, Part]]:
    """Yield each part with the stage that needs it and the setting that names it."""
    yield "dataset", "dataset.name", plan.dataset
    yield "target", "target.name", plan.target
    for task, _ in plan.tasks.values():
        yield "alignment", "alignment.weights", task
    for explainer in plan.explainers:
        yield "explanations", "explanations.explainers", explainer
    for judge in plan.judges:
        yield "verdicts", "judging.judges", judge
