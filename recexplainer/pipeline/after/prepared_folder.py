"""Training apart from the rest of a run, where the GPUs are."""

from __future__ import annotations

from pathlib import Path

from recexplainer.pipeline.after.finished_run import reopen
from recexplainer.pipeline.execution.identity import require_backbone
from recexplainer.pipeline.execution.installed_parts import config_of_run, default_registry
from recexplainer.pipeline.execution.stage_table import STAGE_TABLE, up_to
from recexplainer.records import Progress, SilentProgress
from recexplainer.runs.quiet import quiet_libraries
from recexplainer.surrogate.corpus.training_files import SETTINGS
from recexplainer.surrogate.training.launcher import Launch, train_in

__all__ = ["train_run"]


@quiet_libraries()
def train_run(out: Path, launch: Launch, progress: Progress | None = None) -> Path:
    """Train the surrogate of a run, or of a training folder that was copied from one.

    Args:
        out: a run folder whose earlier stages are done, or a training folder.
        launch: in which processes.
        progress: where long work reports.

    Returns:
        The training folder. In a run, ``run`` then goes on with what comes after the training.

    Raises:
        RunFolderError: ``out`` is neither, or a stage before the training is missing.
        StageError: a process ended early; the same call continues.
    """
    shown = progress or SilentProgress()
    if (out / SETTINGS).is_file():
        train_in(out, launch, shown)
        return out
    bench, all_stages = reopen(config_of_run(out), out, default_registry(), shown)
    *earlier, surrogate = up_to(all_stages, "surrogate")
    with bench.folder.lock():
        for stage in earlier:
            stage.require()
        require_backbone(bench.plan, bench.folder)
        STAGE_TABLE[len(earlier)].make_ready(bench, surrogate)
        train_in(surrogate.folder, launch, shown)
    return surrogate.folder
