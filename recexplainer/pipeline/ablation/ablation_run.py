"""Run of an ablation: all of its runs, then what they say side by side."""

from __future__ import annotations

import yaml

from recexplainer.errors import MissingExtraError
from recexplainer.pipeline.ablation.ablation_plan import GRID_FILE, AblationPlan
from recexplainer.pipeline.ablation.measured_runs import gather
from recexplainer.pipeline.ablation.pool_size import PoolSize
from recexplainer.pipeline.ablation.run_pool import RunPool
from recexplainer.records import Progress
from recexplainer.report.ablation_record import Ablation
from recexplainer.report.render.ablation_files import write_ablation
from recexplainer.report.render.ablation_images import write_images
from recexplainer.runs.artifacts import write_text
from recexplainer.runs.lock import locked

__all__ = ["ablate"]


def ablate(plan: AblationPlan, size: PoolSize, command: str, progress: Progress) -> Ablation:
    """Do every run that is not finished, and write what they say side by side.

    Args:
        plan: the runs; its folder gets one for each of them, ``ablation.json``, ``ablation.md``,
            ``ablation.html``, ``radars.png`` and ``bars.png``.
        size: how many runs go on at a time.
        command: how it was asked for.
        progress: told what begins and ends.

    Returns:
        The record; it names runs that failed.

    Raises:
        RunFolderError: another process is at work in the folder.
    """
    plan.out.mkdir(parents=True, exist_ok=True)
    with locked(plan.out):
        size.keep(plan.out)
        asked = yaml.safe_dump(plan.resolved_grid(), sort_keys=False, allow_unicode=True)
        write_text(plan.out / GRID_FILE, asked)
        pool = RunPool(plan, size, command, progress)
        pool.finish()
        found = gather(plan, pool.failures, command)
        write_ablation(found, plan.out)
        try:
            write_images(found, plan.out)
        except MissingExtraError as error:
            progress.note(f"note: no images: {error}")
    return found
