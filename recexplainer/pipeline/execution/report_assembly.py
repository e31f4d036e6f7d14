"""Assembly of the report from the stages' files, with the texts to withhold settled."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recexplainer.alignment.example_forms import CorpusReport
from recexplainer.pipeline.execution.baseline_rows import baseline_notes
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.chat_rows import chat_notes
from recexplainer.pipeline.execution.cut_prompts import length_notes
from recexplainer.pipeline.execution.plan import parts_of
from recexplainer.pipeline.execution.size_notes import size_notes
from recexplainer.pipeline.execution.stage_files import COUNTS, FIT, METRICS, VERDICTS
from recexplainer.pipeline.execution.stage_table import STAGE_TABLE
from recexplainer.pipeline.execution.study_folder import StudyFolder
from recexplainer.pipeline.execution.withheld_texts import abstention_of, withholds
from recexplainer.records import (
    Example,
    Explanation,
    InteractionLog,
    Metric,
    Split,
    StageRecord,
    Verdict,
)
from recexplainer.report.declared_figures import added_figures
from recexplainer.report.model import (
    Authorship,
    CorpusCount,
    CurvePoint,
    DatasetFacts,
    ExplainedCase,
    Report,
    RunFacts,
    SurrogateFacts,
    TargetFacts,
)
from recexplainer.runs.artifacts import read_json, read_records, read_text, write_text
from recexplainer.runs.steps import DONE, STAGES, StageName
from recexplainer.surrogate.corpus.training_files import REPORT, TRAINED
from recexplainer.surrogate.model.training_settings import TrainingReport

__all__ = [
    "CARD",
    "CONTROLS",
    "INSTRUCTIONS",
    "assemble",
    "authorship",
    "measured_figures",
    "publish",
    "run_name",
]

CARD = "README.md"
"""The model card, beside the weights."""
CONTROLS = "controls.jsonl"
"""What ``recx controls`` measured; beside the explanations, and gone when these are made anew."""
INSTRUCTIONS = "instructions.jsonl"
"""The same of ``recx instructions``."""


def publish(bench: Bench, command: str, stages: Sequence[StageRecord] | None = None) -> Report:
    """Write the report and the model card of a run whose stages are all done, and return it.

    Args:
        bench: the run.
        command: how the report was asked for.
        stages: how each stage went just now; by default, as all of them were found.
    """
    from recexplainer.report.render.model_card import render_card
    from recexplainer.report.render.report_files import write_report

    report = assemble(bench, command, stages or bench.folder.records())
    write_report(report, bench.folder.path)
    card = render_card(report, bench.plan.recipe)
    path = bench.folder_of("surrogate") / TRAINED / CARD
    if not path.exists() or read_text(path) != card:  # a run that is all done changes nothing
        write_text(path, card)
    return report


def assemble(bench: Bench, command: str, stages: Sequence[StageRecord]) -> Report:
    """Return the report of a run whose stages are all done; arguments as of ``publish``."""
    verdicts = read_records(bench.folder_of("verdicts") / VERDICTS, Verdict)
    explained = _explained(bench, verdicts)
    explanations = [one.explanation for one in explained]
    cases = {one.case.id: one.case for one in explained}
    studied, ratings = StudyFolder(bench.folder.path).results(explanations)
    abstention = abstention_of(bench, explanations, list(cases.values()))
    declared = [one for *_, part in parts_of(bench.plan) for one in part.provider.figures]
    return Report(
        written_by=authorship(bench, (*explanations, *abstention.accounts)),
        run=_run_facts(bench, command),
        metrics=(*measured_figures(bench), *abstention.metrics, *studied),
        figures=added_figures(declared),
        explanations=explained,
        accounts=abstention.accounts,
        risk_coverage=abstention.curves,
        verdicts=tuple(verdicts),
        ratings=ratings,
        stages=tuple(stages),
    )


def authorship(bench: Bench, texts: Iterable[Explanation]) -> Authorship | None:
    """Return who wrote ``texts``, as it stands at the top of a document; None without texts."""
    explainers = tuple(dict.fromkeys(one.explainer for one in texts))
    return Authorship(run=run_name(bench), explainers=explainers) if explainers else None


def run_name(bench: Bench) -> str:
    """Return the name of the run in the report."""
    return bench.folder.path.resolve().name


def measured_figures(bench: Bench, stages: Collection[StageName] = STAGES) -> list[Metric]:
    """Return what stages that are done have measured, and what was measured beside them since.

    Args:
        bench: the run.
        stages: those that are done.
    """
    measured = [row.name for row in STAGE_TABLE if row.measures and row.name in stages]
    paths = [bench.folder_of(name) / METRICS for name in measured]
    if "explanations" in measured:
        beside = (bench.folder_of("explanations") / name for name in (CONTROLS, INSTRUCTIONS))
        paths += [path for path in beside if path.is_file()]
    return [metric for path in paths for metric in read_records(path, Metric)]


def _run_facts(bench: Bench, command: str) -> RunFacts:
    config, log = bench.config, bench.log
    fit = read_json(bench.folder_of("target") / FIT)
    (corpus,) = read_records(bench.folder_of("alignment") / COUNTS, CorpusReport)
    (training,) = read_records(bench.folder_of("surrogate") / REPORT, TrainingReport)
    return RunFacts(
        name=run_name(bench),
        command=command,
        started=datetime.fromtimestamp(_first_stage_done(bench), UTC).isoformat(timespec="seconds"),
        seed=config.seed,
        mode=config.alignment.mode,
        target=bench.plan.target.name,
        backbone=config.surrogate.backbone_name,
        dataset=_dataset_facts(log),
        target_facts=_target_facts(fit),
        corpus=(*_trained_counts(corpus), *_measured_counts(bench)),
        surrogate=_surrogate_facts(training),
        curve=tuple(CurvePoint(**point.model_dump()) for point in training.curve),
        config=config.model_dump(mode="json"),
        versions=bench.folder.read_versions(),
        machine=f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        notes=(
            *corpus.notes,
            *size_notes(bench, corpus),
            *length_notes(bench, training),
            *baseline_notes(config, bench.plan.recipe),
            *chat_notes(config, bench.plan.recipe),
            *_sample_notes(bench),
        ),
    )


def _dataset_facts(log: InteractionLog) -> DatasetFacts:
    return DatasetFacts(
        name=log.name,
        users=len(log.histories),
        items=len(log.catalogue),
        interactions=log.interactions,
        notes=log.notes,
    )


def _target_facts(fit: Mapping[str, Any]) -> TargetFacts:
    validation = fit["validation"]
    return TargetFacts(
        epochs=fit["epochs"],
        best_epoch=fit["best_epoch"],
        fold_in_cosine=validation.get("fold_in_cosine"),
        fold_in_overlap=validation.get("fold_in_overlap@10"),
    )


def _surrogate_facts(training: TrainingReport) -> SurrogateFacts:
    return SurrogateFacts(
        parameters=training.parameters,
        trained=training.trainable,
        vocabulary=training.vocabulary,
        corpus_tokens=training.tokens,
        padding=training.padding_share,
        precision=training.precision,
        chosen_by=training.chosen_by,
        device=training.device,
        steps=training.steps,
        passes=training.passes,
        minutes=training.minutes,
        foretold_seconds=training.foretold_seconds,
    )


def _sample_notes(bench: Bench) -> Iterator[str]:
    count = bench.config.judging.cases
    if count is not None and count < len(bench.cases()):
        yield (
            f"Judges graded the texts about {count:,} of {len(bench.cases()):,} cases, sampled by "
            "decision, split and whether the text is given."
        )


def _trained_counts(report: CorpusReport) -> tuple[CorpusCount, ...]:
    return tuple(
        CorpusCount(task=task, form=form, split="train", count=count)
        for task, forms in report.rows.items()
        for form, count in forms.items()
    )


def _measured_counts(bench: Bench) -> tuple[CorpusCount, ...]:
    """Count the evaluated examples per task and split, from the examples themselves."""
    from recexplainer.alignment.modes import evaluation_form
    from recexplainer.evaluation.example_questions import context_of

    form = evaluation_form(bench.config.alignment.mode)
    counts: Counter[tuple[str, Split]] = Counter()
    example: Example
    for example in bench.examples:
        context = context_of(example, bench.evaluated)
        if context:
            counts[example.task, context.split] += 1
    return tuple(
        CorpusCount(task=task, form=form, split=split, count=count)
        for (task, split), count in sorted(counts.items())
    )


def _explained(bench: Bench, verdicts: list[Verdict]) -> tuple[ExplainedCase, ...]:
    cases = {case.id: case for case in bench.cases()}
    grades: dict[tuple[str, str], dict[str, int | None]] = {}
    for verdict in verdicts:
        grades.setdefault((verdict.case, verdict.explainer), {})[verdict.judge] = verdict.grade
    explained = []
    for explanation in bench.explanations():
        case = cases[explanation.case]
        explained.append(
            ExplainedCase(
                case=case,
                item_title=bench.catalogue.title(case.item),
                history_titles=tuple(bench.catalogue.title(item) for item in case.history),
                explanation=explanation,
                abstained=withholds(bench, explanation),
                grades=grades.get((explanation.case, explanation.explainer), {}),
            )
        )
    return tuple(explained)


def _first_stage_done(bench: Bench) -> float:
    """Return the earliest time that a run folder tells; it is copied along with the folder."""
    marker: Path = bench.folder_of("dataset") / DONE
    return marker.stat().st_mtime
