"""Later work on a finished run: its report written again, and further judges."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from recexplainer.config import RunConfig, dump_config
from recexplainer.errors import ConfigError, UserError
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.identity import kept_source_files
from recexplainer.pipeline.execution.installed_parts import config_of_run, default_registry
from recexplainer.pipeline.execution.named_parts import partial_plan, plan
from recexplainer.pipeline.execution.plan import Plan
from recexplainer.pipeline.execution.readiness import unready
from recexplainer.pipeline.execution.report_assembly import publish
from recexplainer.pipeline.execution.stage_table import STAGE_TABLE, outdated, stages_of
from recexplainer.plugins.registry import Registry
from recexplainer.records import Progress, SilentProgress
from recexplainer.report.model import Report
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.steps import Stage

__all__ = ["config_with_explainers", "judge_again", "rebuild_report", "reopen"]


def reopen(
    config: RunConfig, out: Path, registry: Registry, progress: Progress | None = None
) -> tuple[Bench, list[Stage]]:
    """Return the parts of the run in ``out``, and its stages, which may be unfinished.

    The files that the run was made from are taken as they were then, and need not exist.
    """
    return _reopened(plan(config, registry), RunFolder.open(out), progress)


def _reopened(
    checked: Plan, folder: RunFolder, progress: Progress | None
) -> tuple[Bench, list[Stage]]:
    bench = Bench(checked, folder, progress or SilentProgress())
    return bench, stages_of(checked, folder, kept_source_files(folder))


def rebuild_report(out: Path, *, registry: Registry | None = None) -> Report:
    """Write the report of a finished run again; asks nobody anything.

    Args:
        out: the run folder.
        registry: the parts to choose from; the built-in and all installed ones by default.

    Raises:
        RunFolderError: ``out`` is not a run, or a stage is missing.
    """
    bench, all_stages = reopen(config_of_run(out), out, registry or default_registry())
    for stage in all_stages:
        stage.require()
    return publish(bench, f"recx report {shlex.quote(str(out))}")


def judge_again(
    out: Path,
    judges: Sequence[str],
    *,
    overrides: Sequence[str] = (),
    registry: Registry | None = None,
    progress: Progress | None = None,
) -> Report:
    """Grade the explanations of a run with ``judges``, and write its report again.

    Args:
        out: the run folder.
        judges: registered names; they take the place of the run's own judges.
        overrides: ``judging.key=value`` texts, such as ``judging.options.chat.max_requests=2000``;
            without ``judging.cases`` all cases are graded, whatever was graded before.
        registry: the parts to choose from; the built-in and all installed ones by default.
        progress: where long work reports.

    Raises:
        ConfigError: a judge is not registered, its options are wrong, or it lacks its key.
        UserError: an override is of another section than ``judging``.
        RunFolderError: the run has no explanations yet.
        StageError: a judge stopped answering, or could grade nothing; what it answered is kept.
    """
    known = registry or default_registry()
    config = _with_judges(out, judges, overrides)
    found = partial_plan(config, known)
    lacking = unready(found, ["verdicts"])
    if found.problems or found.plan is None:
        raise ConfigError([*found.problems, *lacking])
    bench, (*earlier, verdicts) = _reopened(found.plan, RunFolder.open(out), progress)
    if not verdicts.done and (problems := list(lacking)):
        raise ConfigError(problems)
    with bench.folder.lock():
        for stage in earlier:
            stage.require()
        for line in outdated([verdicts]):
            bench.progress.note(line)
        bench.folder.write_config(dump_config(config))
        known.stage_finished(verdicts.run(partial(STAGE_TABLE[-1].work, bench)))
        return publish(bench, f"recx judge {shlex.quote(str(out))}")


def config_with_explainers(
    out: Path, explainers: Sequence[str], overrides: Sequence[str], registry: Registry
) -> RunConfig:
    """Return the configuration of a run with other explainers, for a question to it.

    Args:
        out: the run folder; nothing in it changes.
        explainers: registered names, in place of the run's own; none keeps these.
        overrides: ``explanations.key=value`` texts.
        registry: the parts to choose from.

    Raises:
        ConfigError: an explainer is not registered, its options are wrong, or it lacks its key.
        UserError: an override is of another section than ``explanations``.
    """
    _refuse_others("explanations", overrides)
    config = config_of_run(out, overrides)
    if not explainers and not overrides:
        return config
    if explainers:
        named = {"explainers": tuple(dict.fromkeys(explainers))}
        explanations = config.explanations.model_copy(update=named)
        config = config.model_copy(update={"explanations": explanations})
    found = partial_plan(config, registry)
    if problems := [*found.problems, *unready(found, ["explanations"])]:
        raise ConfigError(problems)
    return config


def _refuse_others(section: str, overrides: Sequence[str]) -> None:
    other = [override for override in overrides if not override.startswith(f"{section}.")]
    if other:
        raise UserError(
            f"--set {other[0]}: only settings of {section} can be changed here; for others, run it "
            "again with recx run"
        )


def _with_judges(out: Path, judges: Sequence[str], overrides: Sequence[str]) -> RunConfig:
    _refuse_others("judging", overrides)
    # How many cases another command graded is no default of this one.
    config = config_of_run(out, ["judging.cases=null", *overrides])
    judging = config.judging.model_copy(update={"judges": tuple(dict.fromkeys(judges))})
    return config.model_copy(update={"judging": judging})
