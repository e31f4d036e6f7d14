"""Instruction check of a run: its explainers asked to keep to one attribute at a time."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from recexplainer.errors import UserError
from recexplainer.pipeline.after.finished_run import reopen
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.installed_parts import config_of_run, default_registry
from recexplainer.pipeline.execution.plan import Part
from recexplainer.pipeline.execution.report_assembly import INSTRUCTIONS, publish
from recexplainer.plugins.registry import Registry
from recexplainer.records import Case, Explanation, Metric, Progress, SilentProgress
from recexplainer.report.model import Report
from recexplainer.runs.artifacts import write_records

__all__ = ["run_instructions"]


def run_instructions(
    out: Path,
    *,
    cases: int = 50,
    registry: Registry | None = None,
    progress: Progress | None = None,
) -> Report:
    """Measure whether instructions are followed, and write the report again.

    Every explainer that speaks is asked to keep to each attribute of the data set in turn, about
    some of the run's cases, and its texts are compared with those without an instruction.

    Args:
        out: the run folder.
        cases: how many of the run's cases, sampled at random; all where there are fewer.
        registry: the parts to choose from; the built-in and all installed ones by default.
        progress: where long work reports.

    Raises:
        RunFolderError: ``out`` is not a run, or a stage is missing.
        UserError: no explainer of the run takes instructions, or there is no attribute.
    """
    shown = progress or SilentProgress()
    bench, stages = reopen(config_of_run(out), out, registry or default_registry(), shown)
    with bench.folder.lock():
        for stage in stages:
            stage.require()
        attributes = _askable(bench)
        sample = _sample(bench, cases)
        metrics = [
            metric
            for part in bench.instructable
            for metric in _told(bench, part, sample, attributes)
        ]
        # Beside the explanations: explaining anew empties the folder, and with it what is stale.
        write_records(bench.folder_of("explanations") / INSTRUCTIONS, metrics)
        return publish(bench, f"recx instructions {shlex.quote(str(out))}")


def _askable(bench: Bench) -> list[str]:
    """Return the attributes that the surrogate was taught to speak of and that can be asked for."""
    from recexplainer.alignment.rationale_facts import speakable_attributes

    names = [name for name in speakable_attributes(bench.catalogue) if _resolves(name, bench)]
    if not names:
        raise UserError(
            "the items of this data set have no attribute with short values that several share, "
            "so there is nothing that texts could keep to; add attribute columns to the items"
        )
    bench.check_instruction(_instruction(names[0]))
    return names


def _resolves(attribute: str, bench: Bench) -> bool:
    """Whether an instruction can name the attribute: one called ``no. of players`` it cannot."""
    from recexplainer.explanation.instruction import resolve_focus

    try:
        return resolve_focus(_instruction(attribute), bench.catalogue) == attribute
    except UserError:
        return False


def _instruction(attribute: str) -> str:
    return f"only {attribute}"


def _sample(bench: Bench, count: int) -> list[Case]:
    """Return cases of the run, sampled at random, in their order."""
    import numpy as np

    cases = bench.cases()
    drawn = np.random.default_rng(bench.config.seed).permutation(len(cases))[:count]
    return [cases[place] for place in sorted(drawn)]


def _told(
    bench: Bench, part: Part, cases: Sequence[Case], attributes: Sequence[str]
) -> list[Metric]:
    from recexplainer.explanation.explainers.instructed import AttributeTalk, instruction_metrics

    talk = AttributeTalk(bench.catalogue)
    plain: list[Explanation] | None = None
    metrics: list[Metric] = []
    for attribute in attributes:
        with bench.progress.bar(f"{part.name}, only {attribute}", len(cases)) as bar:
            told = []
            for explanation in bench.explain(part, cases, _instruction(attribute)):
                told.append(explanation)
                bar.advance()
        if plain is None:
            plain = _plain(bench, part, cases, told[0].explainer)
        metrics += instruction_metrics(
            told, plain, cases, attribute=attribute, talk=talk, seed=bench.config.seed
        )
    return metrics


def _plain(bench: Bench, part: Part, cases: Sequence[Case], explainer: str) -> list[Explanation]:
    """Return what was explained without an instruction, anew where the run itself had one."""
    if bench.config.explanations.instruction:
        return list(bench.explain(part, cases, None))
    return [one for one in bench.explanations() if one.explainer == explainer]
