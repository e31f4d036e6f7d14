"""``run``: seven stages in order, each skipped when it is done, and then the report."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from recexplainer.config import RunConfig, dump_config
from recexplainer.pipeline.bench import Bench
from recexplainer.pipeline.identity import keep_source_files
from recexplainer.pipeline.opening import default_registry
from recexplainer.pipeline.planning import plugin_packages
from recexplainer.pipeline.preflight import preflight
from recexplainer.pipeline.reporting import publish
from recexplainer.pipeline.stage_table import STAGE_TABLE
from recexplainer.plugins.registry import Registry
from recexplainer.records import Progress, SilentProgress, StageRecord
from recexplainer.report.model import Report
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.memory import release_memory
from recexplainer.runs.quiet import quiet_libraries

__all__ = ["describe", "run"]


@quiet_libraries()
def run(
    config: RunConfig,
    out: Path,
    *,
    registry: Registry | None = None,
    progress: Progress | None = None,
    command: str = "",
    problems: Sequence[str] = (),
) -> Report:
    """Do all that ``config`` asks for in the folder ``out``; what is done already is kept.

    ::

        from recexplainer import load_config, run

        config = load_config(overrides=["target.name=sasrec", "alignment.mode=hybrid"])
        report = run(config, Path("runs/first"))

    Args:
        config: the resolved configuration.
        out: the run folder; made if it is absent, continued if it holds a run.
        registry: the parts to choose from; the built-in and all installed ones by default.
        progress: where long work reports.
        command: how the run was asked for, for the report.
        problems: what ``read_config`` found, to be reported together with the rest.

    Returns:
        The report, which is also in ``out`` as ``report.html``, ``report.md`` and ``report.json``.

    Raises:
        ConfigError: lists all that is wrong with the configuration, before anything runs.
        RunFolderError: another process is at work in ``out``.
    """
    known = registry or default_registry()
    checked = preflight(config, known, out, problems)
    folder = RunFolder.create(out)
    bench = Bench(checked.plan, folder, progress or SilentProgress())
    with folder.lock():
        folder.write_config(dump_config(config))
        folder.write_versions(plugin_packages(checked.plan))
        records: list[StageRecord] = []
        keep_source_files(folder, checked.files)
        for row, stage in zip(STAGE_TABLE, checked.stages, strict=True):
            if not stage.done:
                bench.progress.note(f"stage {stage.folder.name}")
                if stage.name != "dataset" and config.explanations.instruction:
                    bench.check_instruction(config.explanations.instruction)
            records.append(stage.run(partial(row.work, bench)))
            release_memory()
            known.stage_finished(records[-1])
        return publish(bench, command or f"recx run --out {shlex.quote(str(out))}", records)


def describe(
    config: RunConfig,
    out: Path,
    *,
    registry: Registry | None = None,
    problems: Sequence[str] = (),
) -> list[str]:
    """Return the plan in lines: what would be used, what each stage would do, what is not here.

    Args:
        config: the resolved configuration.
        out: the run folder; it need not exist.
        registry: the parts to choose from; the built-in and all installed ones by default.
        problems: what ``read_config`` found, to be reported together with the rest.

    Raises:
        ConfigError: lists all that is wrong with the configuration.
    """
    checked = preflight(config, registry or default_registry(), out, problems, "describe")
    plan = checked.plan
    lines = [
        f"data set    {plan.dataset.name}",
        f"target      {plan.target.name}",
        f"alignment   {config.alignment.mode}, backbone {config.surrogate.backbone}",
        "tasks       " + ", ".join(f"{name} x{part[1]:g}" for name, part in plan.tasks.items()),
        "explainers  " + ", ".join(part.name for part in plan.explainers),
        "judges      " + ", ".join(part.name for part in plan.judges),
        f"run folder  {out}",
    ]
    for stage in checked.stages:
        state = "done" if stage.done else "to be continued" if stage.started else "to do"
        lines.append(f"  {stage.folder.name:<15} {state}")
    return [*lines, *(f"not here    {line}" for line in checked.not_here)]
