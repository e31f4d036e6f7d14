"""Training apart from the rest of a run: prepared here, done where the GPUs are, continued here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from recexplainer.config import RunConfig, dump_config
from recexplainer.pipeline import stages
from recexplainer.pipeline.bench import Bench
from recexplainer.pipeline.finished import reopen
from recexplainer.pipeline.identity import keep_source_files
from recexplainer.pipeline.opening import config_of_run, default_registry
from recexplainer.pipeline.planning import plugin_packages
from recexplainer.pipeline.preflight import preflight
from recexplainer.pipeline.stage_table import up_to
from recexplainer.plugins.registry import Registry
from recexplainer.records import Progress, SilentProgress
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.quiet import quiet_libraries
from recexplainer.runs.steps import Stage
from recexplainer.surrogate.launching import Launch, train_in

__all__ = ["prepare_only", "train_run"]


@quiet_libraries()
def prepare_only(
    config: RunConfig,
    out: Path,
    *,
    registry: Registry | None = None,
    progress: Progress | None = None,
    problems: Sequence[str] = (),
) -> Path:
    """Do what comes before the surrogate's training, and write the folder that it needs.

    Args:
        config: the resolved configuration.
        out: the run folder; made if it is absent, continued if it holds a run.
        registry: the parts to choose from; the built-in and all installed ones by default.
        progress: where long work reports.
        problems: what ``read_config`` found, to be reported together with the rest.

    Returns:
        The training folder: a copy of it trains on any machine that has this package.

    Raises:
        ConfigError: lists all that is wrong with the configuration, before anything runs.
    """
    known = registry or default_registry()
    checked = preflight(config, known, out, problems, "prepare")
    folder = RunFolder.create(out)
    bench = Bench(checked.plan, folder, progress or SilentProgress())
    for line in checked.not_here:
        bench.progress.note(f"not here: {line}")
    with folder.lock():
        folder.write_config(dump_config(config))
        folder.write_versions(plugin_packages(checked.plan))
        keep_source_files(folder, checked.files)
        *earlier, surrogate = up_to(checked.stages, "surrogate")
        work = (stages.prepare_dataset, stages.train_target, stages.ask_target)
        for stage, build in zip(earlier, work, strict=True):
            known.stage_finished(stage.run(partial(build, bench)))
        return _prepared(bench, surrogate)


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
    if (out / "settings.json").is_file():
        train_in(out, launch, shown)
        return out
    bench, all_stages = reopen(config_of_run(out), out, default_registry(), shown)
    *earlier, surrogate = up_to(all_stages, "surrogate")
    with bench.folder.lock():
        for stage in earlier:
            stage.require()
        folder = _prepared(bench, surrogate)
        train_in(folder, launch, shown)
    return folder


def _prepared(bench: Bench, surrogate: Stage) -> Path:
    """Return the training folder, written unless it is there."""
    if not surrogate.done:
        surrogate.begin()
        stages.prepare_training(bench, surrogate.folder)
    return surrogate.folder
