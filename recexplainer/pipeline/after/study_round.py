"""Study with people: forms made from a finished run, and the answers added to its report."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from recexplainer.errors import RunFolderError, UserError
from recexplainer.pipeline.after.finished_run import reopen
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.installed_parts import config_of_run, default_registry
from recexplainer.pipeline.execution.report_assembly import publish, run_name
from recexplainer.pipeline.execution.stage_table import up_to
from recexplainer.pipeline.execution.study_folder import StudyFolder
from recexplainer.plugins.registry import Registry
from recexplainer.records import Case, Explanation
from recexplainer.report.model import Report
from recexplainer.runs.artifacts import write_records, write_text

__all__ = ["export_study", "import_study"]


def export_study(
    out: Path, *, raters: int = 3, cases: int = 120, registry: Registry | None = None
) -> list[Path]:
    """Write one form per rater, and the answer key, into ``study`` of the run folder.

    Args:
        out: the run folder.
        raters: how many people grade; each is shown the same texts.
        cases: how many cases; every explainer's text of each is shown.
        registry: the parts to choose from; the built-in and all installed ones by default.

    Returns:
        The forms, to be handed to the raters; the key lies beside them and is not.

    Raises:
        UserError: the run has fewer cases, or another study was exported before.
        RunFolderError: the run has no explanations yet.
    """
    from recexplainer.judging.study_design import draw_study
    from recexplainer.judging.study_form import render_form

    bench, about, explanations = _explained(out, registry)
    key = draw_study(about, explanations, raters=raters, count=cases, seed=bench.config.seed)
    study = StudyFolder(out)
    before = study.key()
    if before is not None and before.study != key.study:
        raise UserError(
            f"{study.path} holds another study, whose answers could no longer be read. Move it "
            f"away, or finish it with: recx study import {out} FILES..."
        )
    write_records(study.key_path, [key])
    forms = []
    for rater in key.raters:
        forms.append(study.path / f"{rater.replace(' ', '-')}.html")
        page = render_form(
            key,
            rater,
            cases=about,
            explanations=explanations,
            catalogue=bench.catalogue,
            run=run_name(bench),
        )
        write_text(forms[-1], page)
    return forms


def import_study(out: Path, files: Sequence[Path], *, registry: Registry | None = None) -> Report:
    """Read the raters' answers, rate the explainers by them, and write the report again.

    Args:
        out: the run folder.
        files: what the raters downloaded; answers imported before are replaced.
        registry: the parts to choose from; the built-in and all installed ones by default.

    Raises:
        RunFolderError: nothing was exported, or the explanations have been made anew since.
        DataError: a file is wrong; names file and line.
    """
    from recexplainer.judging.agreement import PEOPLE, agreement_metrics
    from recexplainer.judging.ratings import STUDY_RATING, rating_metrics
    from recexplainer.judging.study_answers import read_answers
    from recexplainer.judging.study_design import study_is_of

    bench, about, explanations = _explained(out, registry)
    study = StudyFolder(out)
    key = study.key()
    if key is None:
        raise RunFolderError(f"{out} has no study. Make one with: recx study export {out}")
    if not study_is_of(key, explanations):
        raise RunFolderError(
            f"the explanations of {out} have been made anew since its study was exported; its "
            "answers are about other texts"
        )
    verdicts = read_answers(files, key)
    seed = bench.config.seed
    means = rating_metrics(verdicts, about, seed, STUDY_RATING)
    ratings = [mean for mean in means if mean.metric == STUDY_RATING.metric]  # not of each rater
    agreement = agreement_metrics(verdicts, about, seed, PEOPLE)
    write_records(study.verdicts_path, verdicts)
    write_records(study.metrics_path, [*ratings, *agreement])
    return publish(bench, f"recx study import {shlex.quote(str(out))}")


def _explained(out: Path, registry: Registry | None) -> tuple[Bench, list[Case], list[Explanation]]:
    """Return the run in ``out`` with its cases and explanations."""
    bench, stages = reopen(config_of_run(out), out, registry or default_registry())
    *_, explained = up_to(stages, "explanations")
    explained.require()
    return bench, bench.cases(), bench.explanations()
