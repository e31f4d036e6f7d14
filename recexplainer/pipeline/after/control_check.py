"""Controls of a run: its explanations checked on recommenders that are not its target."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from recexplainer.pipeline.after.finished_run import reopen
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.installed_parts import config_of_run, default_registry
from recexplainer.pipeline.execution.redrawn_target import redrawn_target
from recexplainer.pipeline.execution.report_assembly import CONTROLS, publish
from recexplainer.plugins.interfaces import Target
from recexplainer.plugins.registry import Registry
from recexplainer.records import Metric, Progress, SilentProgress
from recexplainer.report.model import Report
from recexplainer.runs.artifacts import write_records

__all__ = ["run_controls"]

_DRAWS = 3
"""Controls of each kind; a single one may happen to agree with the target."""


def run_controls(
    out: Path, *, registry: Registry | None = None, progress: Progress | None = None
) -> Report:
    """Measure the explanations' faithfulness on controls, and write the report again.

    They are put to the target with its scores handed to other items, and to the target with its
    weights in random order; the target itself has no say in either.

    Args:
        out: the run folder.
        registry: the parts to choose from; the built-in and all installed ones by default.
        progress: where long work reports.

    Raises:
        RunFolderError: ``out`` is not a run, or a stage is missing.
    """
    shown = progress or SilentProgress()
    bench, stages = reopen(config_of_run(out), out, registry or default_registry(), shown)
    with bench.folder.lock():
        for stage in stages:
            stage.require()
        metrics = [
            metric
            for name, targets in _controls(bench)
            for metric in _measured(bench, name, targets)
        ]
        # Beside what was checked: explaining anew empties the folder, and with it what is stale.
        write_records(bench.folder_of("explanations") / CONTROLS, metrics)
        return publish(bench, f"recx controls {shlex.quote(str(out))}")


def _controls(bench: Bench) -> Iterator[tuple[str, Sequence[Target]]]:
    """Yield each kind of control with its samples, which may be asked until the next is wanted."""
    from recexplainer.explanation.figures.shuffled_target import ShuffledTarget

    seeds = range(bench.config.seed, bench.config.seed + _DRAWS)
    items = len(bench.catalogue)
    yield "shuffled", [ShuffledTarget(bench.target, items, seed) for seed in seeds]
    with tempfile.TemporaryDirectory(dir=bench.folder.path, prefix=".controls-") as place:
        redrawn = [redrawn_target(bench, Path(place) / str(seed), seed) for seed in seeds]
        targets = [target for target in redrawn if target is not None]
        if targets:
            yield "reinitialized", targets
        else:
            bench.progress.note(
                f"target {bench.plan.target.name} keeps no weights of its own, so that it cannot "
                "be reinitialized; only its scores were shuffled"
            )


def _measured(bench: Bench, name: str, controls: Sequence[Target]) -> list[Metric]:
    """Return the faithfulness that the explanations keep on each of ``controls``."""
    from recexplainer.explanation.figures.shuffled_target import control_metrics

    return control_metrics(
        bench.explanations(),
        bench.cases(),
        controls,
        bench.catalogue,
        name=name,
        seed=bench.config.seed,
        progress=bench.progress,
    )
