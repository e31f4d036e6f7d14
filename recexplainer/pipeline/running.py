"""``run``: seven stages in order, each skipped when it is done, and then the report."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from recexplainer.config import RunConfig, dump_config
from recexplainer.pipeline import stages
from recexplainer.pipeline.bench import Bench
from recexplainer.pipeline.forecast import require_machine
from recexplainer.pipeline.identity import source_files, stages_of
from recexplainer.pipeline.opening import default_registry
from recexplainer.pipeline.planning import plan
from recexplainer.pipeline.readiness import require_models, require_ready
from recexplainer.pipeline.reporting import publish
from recexplainer.plugins.registry import Registry
from recexplainer.records import Progress, SilentProgress, StageRecord
from recexplainer.report.model import Report
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.memory import release_memory
from recexplainer.runs.steps import StageName

__all__ = ["describe", "run"]

_WORK: Mapping[StageName, Callable[[Bench, Path], None]] = {
    "dataset": stages.prepare_dataset,
    "target": stages.train_target,
    "alignment": stages.ask_target,
    "surrogate": stages.train_surrogate,
    "fidelity": stages.measure_fidelity,
    "explanations": stages.write_explanations,
    "verdicts": stages.judge_explanations,
}


def run(
    config: RunConfig,
    out: Path,
    *,
    registry: Registry | None = None,
    progress: Progress | None = None,
    command: str = "",
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

    Returns:
        The report, which is also in ``out`` as ``report.html``, ``report.md`` and ``report.json``.

    Raises:
        ConfigError: lists all that is wrong with the configuration, before anything runs.
        RunFolderError: another process is at work in ``out``.
    """
    known = registry or default_registry()
    checked = plan(config, known, out)
    before = stages_of(checked, RunFolder(out), source_files(checked))
    require_ready(checked, before)
    require_machine(config, before)
    require_models(config, before)
    folder = RunFolder.create(out)
    bench = Bench(checked, folder, progress or SilentProgress())
    with folder.lock():
        folder.write_config(dump_config(config))
        folder.write_versions()
        records: list[StageRecord] = []
        for stage in stages_of(checked, folder, source_files(checked, folder)):
            if not stage.done:
                bench.progress.note(f"stage {stage.folder.name}")
                if stage.name != "dataset" and config.explanations.instruction:
                    bench.check_instruction(config.explanations.instruction)
            records.append(stage.run(partial(_WORK[stage.name], bench)))
            release_memory()
            known.stage_finished(records[-1])
        return publish(bench, command or f"recx run --out {shlex.quote(str(out))}", records)


def describe(config: RunConfig, out: Path, *, registry: Registry | None = None) -> list[str]:
    """Return the plan in lines: what would be used, and what each stage would do.

    Args:
        config: the resolved configuration.
        out: the run folder; it need not exist.
        registry: the parts to choose from; the built-in and all installed ones by default.

    Raises:
        ConfigError: lists all that is wrong with the configuration.
    """
    checked = plan(config, registry or default_registry(), out)
    lines = [
        f"data set    {checked.dataset.name}",
        f"target      {checked.target.name}",
        f"alignment   {config.alignment.mode}, backbone {config.surrogate.backbone}",
        "tasks       " + ", ".join(f"{name} x{part[1]:g}" for name, part in checked.tasks.items()),
        "explainers  " + ", ".join(part.name for part in checked.explainers),
        "judges      " + ", ".join(part.name for part in checked.judges),
        f"run folder  {out}",
    ]
    stages_in_order = stages_of(checked, RunFolder(out), source_files(checked))
    require_ready(checked, stages_in_order)
    for stage in stages_in_order:
        state = "done" if stage.done else "to be continued" if stage.started else "to do"
        lines.append(f"  {stage.folder.name:<15} {state}")
    return lines
