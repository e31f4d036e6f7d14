"""Rows of the paper's tables, gathered from runs that differ in mode and seed alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, get_args

from recexplainer.config import RunConfig
from recexplainer.errors import RunFolderError, UserError
from recexplainer.judging.ratings import JUDGE_RATING
from recexplainer.pipeline.execution.graded_answers import ANSWERS, Graded, graded_answers
from recexplainer.pipeline.execution.installed_parts import config_of_run
from recexplainer.records import EXPLANATION_TASK, Mode
from recexplainer.report.declared_figures import BUILT_IN
from recexplainer.report.labels import SUBJECTS
from recexplainer.report.model import Report
from recexplainer.report.paper_record import GradeCount, PaperRun, PaperTables, PublishedFigure
from recexplainer.report.published_figures import PAPER_RATINGS, PAPER_TABLE_2, PaperDataset
from recexplainer.report.render.report_files import load_report
from recexplainer.report.variant_figures import Answers, Question, variant_figures
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.steps import DONE

__all__ = ["paper_tables", "runs_in"]

_MODES: tuple[Mode, ...] = get_args(Mode)
_BY_SEED: TypeAlias = dict[str, dict[int, dict[tuple[str, str, str], dict[Question, float | None]]]]


def runs_in(folders: Sequence[Path]) -> list[Path]:
    """Return the run folders among ``folders`` and, of an ablation's folder, those in it.

    Raises:
        RunFolderError: a folder is no run and holds none.
    """
    found: list[Path] = []
    for folder in folders:
        if (folder / "config.yaml").is_file():
            found.append(folder)
            continue
        inside = sorted(path.parent for path in folder.glob("*/config.yaml"))
        if not inside:
            raise RunFolderError(
                f"{folder} is no run and holds none; give the folders of runs, or that of "
                "recx ablate"
            )
        found += inside
    return list(dict.fromkeys(found))


def paper_tables(folders: Sequence[Path], paper: PaperDataset | None, command: str) -> PaperTables:
    """Return the paper's tables over runs whose fidelity is measured.

    Args:
        folders: of the runs.
        paper: the paper's data set whose figures stand beside.
        command: how it was asked for.

    Raises:
        RunFolderError: a folder is no run, or its fidelity is not measured.
        UserError: the runs differ in more than mode, seed and what learns, or two are alike.
    """
    configs = {folder: _measured(folder) for folder in folders}
    _check_alike(configs)
    reports = {folder: _report(folder) for folder in folders}
    runs = [
        PaperRun(
            folder=str(folder),
            mode=config.alignment.mode,
            seed=config.seed,
            backbone=config.surrogate.backbone_name,
            graded=reports[folder] is not None,
        )
        for folder, config in configs.items()
    ]
    declared = {(one.task, one.metric): one for one in BUILT_IN}
    first = min(config.seed for config in configs.values())
    ratings, grades = _ratings(runs, [one for one in reports.values() if one is not None])
    judges = dict.fromkeys(grade.judge for grade in grades)
    rated = {
        (EXPLANATION_TASK, judge): JUDGE_RATING.model_copy(update={"metric": judge})
        for judge in judges
    }
    config = next(iter(configs.values()))
    return PaperTables(
        command=command,
        dataset=_dataset_words(config, reports.values()),
        target=config.target.name,
        paper=paper,
        runs=tuple(runs),
        alignment=tuple(variant_figures(_answers(configs), declared, None, first)),
        ratings=tuple(variant_figures(ratings, rated, None, first)),
        grades=tuple(grades),
        published=tuple(_published(paper)),
        notes=tuple(_notes(runs, paper)),
    )


def _measured(folder: Path) -> RunConfig:
    config = config_of_run(folder)
    stage = RunFolder(folder).stage_folder("fidelity")
    if not (stage / DONE).is_file():
        raise RunFolderError(
            f"the fidelity of {folder} is not measured; finish it with: recx run "
            f"{folder / 'config.yaml'} --out {folder}"
        )
    return config


def _check_alike(configs: Mapping[Path, RunConfig]) -> None:
    by_kind: dict[tuple[str, int], Path] = {}
    base, own = next(iter(configs.items()))
    for folder, config in configs.items():
        kind = (config.alignment.mode, config.seed)
        if kind in by_kind:
            raise UserError(
                f"{by_kind[kind]} and {folder} both have mode {kind[0]} and seed {kind[1]}; give "
                "one of them"
            )
        by_kind[kind] = folder
        for section in ("dataset", "target"):
            if getattr(config, section) != getattr(own, section):
                raise UserError(
                    f"{folder} has other settings of {section} than {base}, so their rows answer "
                    "other questions; give runs that differ in mode and seed"
                )


def _report(folder: Path) -> Report | None:
    """Return the report of a run that is finished; None of one that stopped before."""
    return load_report(folder) if (folder / "report.json").is_file() else None


def _answers(configs: Mapping[Path, RunConfig]) -> Mapping[str, Mapping[int, Answers]]:
    """Return subject to seed to graded answers, subjects in the order of the tables.

    What is measured beside the surrogate stands in every run. It is taken from one of each seed:
    hybrid where there is one, since that asks all questions.
    """
    found: dict[str, dict[int, Answers]] = {}
    for mode in reversed(_MODES):  # hybrid, intention, behavior
        for folder, config in configs.items():
            if config.alignment.mode != mode:
                continue
            graded: Graded = graded_answers(RunFolder(folder).stage_folder("fidelity") / ANSWERS)
            for subject, answers in graded.items():
                found.setdefault(subject, {}).setdefault(config.seed, answers)
    known = [name for name in SUBJECTS if name in found and name not in _MODES]
    others = [name for name in found if name not in SUBJECTS]
    return {name: found[name] for name in (*known, *others, *(m for m in _MODES if m in found))}


def _ratings(
    runs: Sequence[PaperRun], reports: Sequence[Report]
) -> tuple[_BY_SEED, list[GradeCount]]:
    """Return explainer to seed to the grade of each text, and how often each grade was given."""
    found: _BY_SEED = {}
    counts: Counter[tuple[str, str, int | None]] = Counter()
    modes = {run.mode for run in runs}
    for report in reports:
        seed = report.run.seed
        for one in report.explanations:
            explainer = _row_of(one.explanation.explainer, report.run.mode, modes)
            own = found.setdefault(explainer, {}).setdefault(seed, {})
            for judge, grade in one.grades.items():
                figure = own.setdefault((EXPLANATION_TASK, judge, one.case.split), {})
                figure[one.case.user, one.case.id] = None if grade is None else float(grade)
                counts[explainer, judge, grade] += 1
    return found, [
        GradeCount(explainer=explainer, judge=judge, grade=grade, count=count)
        for (explainer, judge, grade), count in sorted(
            counts.items(), key=lambda pair: (*pair[0][:2], pair[0][2] or 0)
        )
    ]


def _row_of(explainer: str, mode: str, modes: set[str]) -> str:
    """Return what an explainer's row is called: others than the surrogate stand in every run."""
    own = explainer == mode or explainer.startswith(f"{mode}-")
    return explainer if own or len(modes) == 1 else f"{explainer} ({mode} run)"


def _dataset_words(config: RunConfig, reports: Iterable[Report | None]) -> str:
    facts = next((report.run.dataset for report in reports if report is not None), None)
    if facts is None:
        return config.dataset.name
    return f"{facts.name} ({facts.users:,} users, {facts.items:,} items)"


def _published(paper: PaperDataset | None) -> Iterator[PublishedFigure]:
    if paper is None:
        return
    for one in PAPER_TABLE_2:
        if one.dataset == paper:
            yield PublishedFigure(
                subject=one.subject, task=one.task, metric=one.metric, value=one.value
            )
    for subject, by_dataset in PAPER_RATINGS.items():
        yield PublishedFigure(subject=subject, task="", metric="GPT-4", value=by_dataset[paper])


def _notes(runs: Sequence[PaperRun], paper: PaperDataset | None) -> Iterator[str]:
    seeds = sorted({run.seed for run in runs})
    yield (
        "Means are over all answers with all seeds; intervals are over users, and say nothing of "
        "what another seed would change. "
        + (f"There are {len(seeds)} seeds." if len(seeds) > 1 else "There is one seed only.")
    )
    modes = [mode for mode in _MODES if any(run.mode == mode for run in runs)]
    for mode in modes:
        missing = [str(s) for s in seeds if not any((r.mode, r.seed) == (mode, s) for r in runs)]
        if missing:
            yield f"There is no run of {mode} with seed {', '.join(missing)}."
    taken = next(mode for mode in reversed(_MODES) if mode in modes)
    yield f"What is measured beside the surrogates is taken from the runs of {taken}, where it is."
    yield (
        "Questions about a vector alone, such as history_reconstruction's, cannot be put to "
        "behavior, to distilled, or to a model that is asked in words; those cells are empty."
    )
    if paper is not None:
        yield (
            f"The paper's rows are about its own {paper}: another selection of users and items, "
            "another recommender, and a language model of 7B parameters. They are there for "
            "orientation: no test compares them with ours, and the paper held no users out. Of its "
            "surrogates the best figure of each column is given, to three digits, where we know it."
        )
        yield (
            "The paper's grades are by GPT-4 and its prompt. A grade by the judge offline follows "
            "the same four levels but is decided by checks against the recommender, so the two "
            "are on one scale and of two judges."
        )
    if not all(run.graded for run in runs):
        yield "Runs that stopped before their report have no explanations in Table 3 and Figure 3."
