"""Run loop: eight stages in order; those that are done are kept, the report is written anew."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import overload

from recexplainer.config import RunConfig, dump_config
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.identity import keep_source_files
from recexplainer.pipeline.execution.installed_parts import default_registry
from recexplainer.pipeline.execution.plan import plugin_packages
from recexplainer.pipeline.execution.preflight import preflight
from recexplainer.pipeline.execution.report_assembly import publish
from recexplainer.pipeline.execution.stage_table import STAGE_TABLE, outdated
from recexplainer.plugins.registry import Registry
from recexplainer.records import Progress, SilentProgress, StageRecord
from recexplainer.report.model import Report
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.memory import release_memory
from recexplainer.runs.quiet import quiet_libraries
from recexplainer.runs.steps import StageName

__all__ = ["run"]


@overload
def run(
    config: RunConfig,
    out: Path,
    *,
    until: None = None,
    registry: Registry | None = None,
    progress: Progress | None = None,
    command: str = "",
    problems: Sequence[str] = (),
) -> Report: ...


@overload
def run(
    config: RunConfig,
    out: Path,
    *,
    until: StageName,
    registry: Registry | None = None,
    progress: Progress | None = None,
    command: str = "",
    problems: Sequence[str] = (),
) -> None: ...


@quiet_libraries()
def run(  # noqa: PLR0913  # what is run, and who is told of it
    config: RunConfig,
    out: Path,
    *,
    until: StageName | None = None,
    registry: Registry | None = None,
    progress: Progress | None = None,
    command: str = "",
    problems: Sequence[str] = (),
) -> Report | None:
    """Do all that ``config`` asks for in the folder ``out``; what is done already is kept.

    ::

        from recexplainer import load_config, run

        config = load_config(overrides=["target.name=sasrec", "alignment.mode=hybrid"])
        report = run(config, Path("runs/first"))

    Args:
        config: the resolved configuration.
        out: the run folder; made if it is absent, continued if it holds a run.
        until: the stage to stop before. Before ``surrogate`` its folder is made ready, and a copy
            of it trains on any machine that has this package; the same call without ``until`` goes
            on.
        registry: the parts to choose from; the built-in and all installed ones by default.
        progress: where long work reports.
        command: how the run was asked for, for the report.
        problems: what ``read_config`` found, to be reported together with the rest.

    Returns:
        The report, which is also in ``out`` as ``report.html``, ``report.md`` and ``report.json``;
        None where the run stops before it.

    Raises:
        ConfigError: lists all that is wrong with the configuration, before anything runs.
        RunFolderError: another process is at work in ``out``.
    """
    known = registry or default_registry()
    checked = preflight(config, known, out, problems, until)
    folder = RunFolder.create(out)
    bench = Bench(checked.plan, folder, progress or SilentProgress())
    for line in checked.not_here:
        bench.progress.note(f"not here: {line}")
    for line in outdated(checked.stages):
        bench.progress.note(line)
    with folder.lock():
        folder.write_config(dump_config(config))
        folder.write_versions(plugin_packages(checked.plan))
        records: list[StageRecord] = []
        keep_source_files(folder, checked.files)
        for row, stage in zip(STAGE_TABLE, checked.stages, strict=True):
            if row.name == until:
                row.make_ready(bench, stage)
                return None
            if not stage.done:
                bench.progress.note(f"stage {stage.folder.name}")
                if stage.name != "dataset" and config.explanations.instruction:
                    bench.check_instruction(config.explanations.instruction)
            records.append(stage.run(partial(row.work, bench)))
            release_memory()
            known.stage_finished(records[-1])
        if until is not None:
            return None
        return publish(bench, command or f"recx run --out {shlex.quote(str(out))}", records)
