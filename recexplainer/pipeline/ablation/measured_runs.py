"""What the runs of an ablation measured, gathered into its record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from recexplainer.alignment.example_forms import CorpusReport
from recexplainer.pipeline.ablation.ablation_plan import AblationPlan
from recexplainer.pipeline.ablation.variant_runs import BASE, VariantRun
from recexplainer.pipeline.execution.graded_answers import ANSWERS, graded_answers
from recexplainer.pipeline.execution.plan import parts_of
from recexplainer.pipeline.execution.stage_files import COUNTS
from recexplainer.records import Figure
from recexplainer.report.ablation_record import Ablation, RunOutcome, VariantFacts
from recexplainer.report.declared_figures import BUILT_IN
from recexplainer.report.labels import BASELINES
from recexplainer.report.variant_figures import Answers, variant_figures
from recexplainer.runs.artifacts import read_records
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.steps import read_record
from recexplainer.surrogate.corpus.training_files import REPORT
from recexplainer.surrogate.model.training_settings import TrainingReport

__all__ = ["gather"]

_NO_REASON = "it was not measured"


def gather(plan: AblationPlan, failures: Mapping[str, str], command: str) -> Ablation:
    """Return the record of an ablation whose runs have ended.

    Args:
        plan: the runs.
        failures: run name to what went wrong.
        command: how it was asked for.
    """
    own: dict[str, dict[int, Answers]] = {}
    others: dict[str, dict[int, Answers]] = {}
    for run in plan.runs:
        if not _is_measured(plan, run):
            continue
        graded = graded_answers(_folder(plan, run).stage_folder("fidelity") / ANSWERS)
        mode = run.config.alignment.mode
        own.setdefault(run.variant, {})[run.seed] = graded.get(mode, {})
        if run.variant == BASE:
            for name in (name for name in BASELINES if name in graded):
                others.setdefault(name, {})[run.seed] = graded[name]
    declared = _declared(plan)
    base, first = plan.runs[0].config, plan.seeds[0]
    compared = BASE if BASE in own else None
    return Ablation(
        name=plan.out.resolve().name,
        command=command,
        dataset=base.dataset.name,
        target=base.target.name,
        backbone=base.surrogate.backbone_name,
        mode=base.alignment.mode,
        seeds=plan.seeds,
        variants=tuple(_facts(plan, failures)),
        declared=tuple(declared.values()),
        figures=tuple(variant_figures(own, declared, compared, first)),
        baselines=tuple(variant_figures(others, declared, None, first)),
        notes=tuple(_notes(plan)),
    )


def _folder(plan: AblationPlan, run: VariantRun) -> RunFolder:
    return RunFolder(plan.out / run.name)


def _is_measured(plan: AblationPlan, run: VariantRun) -> bool:
    return any(stage.name == "fidelity" and stage.done for stage in plan.stages(run))


def _declared(plan: AblationPlan) -> dict[tuple[str, str], Figure]:
    """Return the figures of the tasks that are measured, ours in their order and then others'."""
    parts = (part for checked in plan.checked.values() for _, _, part in parts_of(checked.plan))
    tasks = {name for checked in plan.checked.values() for name in checked.plan.measured}
    added = (figure for part in parts for figure in part.provider.figures)
    return {(one.task, one.metric): one for one in (*BUILT_IN, *added) if one.task in tasks}


def _facts(plan: AblationPlan, failures: Mapping[str, str]) -> Iterator[VariantFacts]:
    for variant, changes in plan.changes.items():
        runs = (run for run in plan.runs if run.variant == variant)
        outcomes = tuple(_outcome(plan, run, failures) for run in runs)
        yield VariantFacts(name=variant, changes=changes, runs=outcomes)


def _outcome(plan: AblationPlan, run: VariantRun, failures: Mapping[str, str]) -> RunOutcome:
    folder = _folder(plan, run)
    failure = failures.get(run.name)
    if failure is None and not _is_measured(plan, run):
        failure = _NO_REASON
    if failure is not None:
        return RunOutcome(seed=run.seed, folder=run.name, failure=failure)
    (corpus,) = read_records(folder.stage_folder("alignment") / COUNTS, CorpusReport)
    (training,) = read_records(folder.stage_folder("surrogate") / REPORT, TrainingReport)
    return RunOutcome(
        seed=run.seed,
        folder=run.name,
        examples=sum(count for forms in corpus.rows.values() for count in forms.values()),
        steps=training.steps,
        seconds=sum(read_record(stage.folder).seconds for stage in plan.stages(run) if stage.done),
    )


def _notes(plan: AblationPlan) -> Iterator[str]:
    """Yield what a reader must know of the figures."""
    several = len(plan.seeds) > 1
    yield (
        "Intervals are over users: they say what other users would change, and nothing of what "
        "another seed would. "
        + (
            f"There are {len(plan.seeds)} seeds; a difference is called clear only where all of "
            "them agree on its sign, and ablation.json has each seed's own figures."
            if several
            else "There is one seed only, so a difference may be that of one training to another; "
            "give more with --seed."
        )
    )
    yield (
        "Differences are taken question by question, each variant's answer against the base's "
        "with the same seed. p values are of random signs of users, corrected for all "
        "comparisons of a table (Benjamini-Hochberg)."
    )
    yield (
        "A task that a variant was not taught is measured all the same, where its questions can "
        "be asked in the variant's mode; where they cannot, the cell is empty."
    )
    if any(run.config.training.steps is None for run in plan.runs):
        yield (
            "A variant with fewer tasks has fewer conversations to learn from, and so takes fewer "
            "steps in as many passes; with training.steps all take as many."
        )
    yield from _other_targets(plan)


def _other_targets(plan: AblationPlan) -> Iterator[str]:
    """Say which variants are held against another recommender than the base is."""
    targets = {
        (run.variant, run.seed): stage.fingerprint
        for run in plan.runs
        for stage in plan.checked[run.name].stages
        if stage.name == "target"
    }
    other = {
        variant for (variant, seed), one in targets.items() if one != targets.get((BASE, seed))
    }
    for variant in plan.changes:
        if variant in other:
            yield (
                f"{variant} explains another recommender than the base, or the same one after "
                "another training: the right answers differ too."
            )
