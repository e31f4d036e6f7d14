"""The run's target with its weights in random order, as a control."""

from __future__ import annotations

from pathlib import Path

from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.stage_files import WEIGHTS
from recexplainer.plugins.interfaces import Target

__all__ = ["redrawn_target"]


def redrawn_target(bench: Bench, folder: Path, seed: int) -> Target | None:
    """Return the target with its weights shuffled; None where it keeps none of its own.

    Args:
        bench: of the run.
        folder: does not exist yet; the weights are kept there.
        seed: of the order.
    """
    from recexplainer.targets.shuffled_weights import redraw_weights

    if not redraw_weights(bench.folder_of("target") / WEIGHTS, folder, seed):
        return None
    target = bench.build_target()
    target.load(folder)
    return target
