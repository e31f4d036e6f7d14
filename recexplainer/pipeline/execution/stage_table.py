"""Stage table: all that is said of each stage of a run before the report, in one place.

Its identity, running and resuming it, the plan of ``--dry-run``, the figures of the report and the
test of the documentation read this table. What a stage's ``settings`` do not name re-runs nothing
when it changes: device, threads, batch sizes of evaluation, which texts are withheld and all of
``report`` change no result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recexplainer.config import RunConfig
from recexplainer.pipeline.execution import measured_stages, stages, verdicts
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.corpus_size import drawn_for
from recexplainer.pipeline.execution.identity import TEXT_ENCODER, SourceFiles, identity_of
from recexplainer.pipeline.execution.plan import Part, Plan
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.stage_changes import FILES
from recexplainer.runs.steps import Stage, StageName
from recexplainer.surrogate.model.training_settings import SPEED_SETTINGS

__all__ = ["STAGE_TABLE", "StageRow", "outdated", "stages_of", "up_to"]


@dataclass(frozen=True, slots=True)
class StageRow:
    """What is said of one stage.

    Attributes:
        name: which stage it is.
        version: of its code; raised when that gives another result of the same settings, and what
            builds on the stage is then done again as well. A release that changes no result raises
            none.
        after: the stage that it builds on.
        settings: returns what its result depends on besides that stage.
        work: fills its folder, in which it may find what an interrupted run left.
        loads_model: whether it loads the language model.
        measures: whether it writes figures.
        prepare: writes what the work can be done from on another machine; None where it is done
            here alone.
    """

    name: StageName
    version: str
    after: StageName | None
    settings: Callable[[Plan, SourceFiles], dict[str, Any]]
    work: Callable[[Bench, Path], None]
    loads_model: bool = False
    measures: bool = False
    prepare: Callable[[Bench, Path], None] | None = None

    def make_ready(self, bench: Bench, stage: Stage) -> None:
        """Write what the stage can be done from elsewhere, unless it is done."""
        if self.prepare is not None and not stage.done:
            stage.begin()
            self.prepare(bench, stage.folder)


def _dataset(plan: Plan, files: SourceFiles) -> dict[str, Any]:
    config, settings = plan.config, plan.config.dataset
    return {
        "dataset": identity_of("dataset", plan.dataset, files),
        "dataset.min_interactions": settings.min_interactions,
        "dataset.top_items": settings.top_items,
        "dataset.sample_users": settings.sample_users,
        "seed": config.seed if settings.sample_users else None,  # nothing else is drawn here
    }


def _target(plan: Plan, files: SourceFiles) -> dict[str, Any]:
    return {
        "target": identity_of("target", plan.target, files),
        "dataset.max_history": plan.config.dataset.max_history,
        "seed": plan.config.seed,
    }


def _alignment(plan: Plan, files: SourceFiles) -> dict[str, Any]:
    config, drawn = plan.config, drawn_for(plan.config, plan.recipe)
    questions = config.alignment.questions
    return {
        "alignment.mode": config.alignment.mode,
        "alignment.hybrid_forms": config.training_forms(plan.recipe),
        "alignment.combined_shares": config.combined_shares(plan.recipe),
        **({} if drawn is None else {"examples drawn": drawn}),
        **({"pulls": True} if plan.recipe.pulls else {}),
        **({"vectors found": True} if plan.finds_vectors else {}),
        **({} if questions == 1 else {"alignment.questions": questions}),
        "alignment.weights": config.task_weights(plan.recipe),
        "alignment.tasks": _parts("alignment", (part for part, _ in plan.tasks.values()), files),
        "dataset.held_out_users": config.dataset.held_out_users,
    }


def _surrogate(plan: Plan, files: SourceFiles) -> dict[str, Any]:
    training = plan.settings.model_dump(exclude=set(SPEED_SETTINGS))
    return {
        "surrogate.backbone": identity_of("surrogate", plan.backbone, files),
        "training": training,
    }


def _fidelity(plan: Plan, files: SourceFiles) -> dict[str, Any]:
    fidelity = plan.config.fidelity
    # The rest is how fast and how patiently they are asked, and what that may cost.
    asked = {"model", "name", "base_url", "temperature", "max_requests"}
    return {
        "fidelity.users": fidelity.users,
        **_measured(plan, files),
        "fidelity.beams": fidelity.beams,
        "fidelity.baselines": sorted(fidelity.baselines),
        "fidelity.chats": [chat.model_dump(include=asked) for chat in fidelity.chat_models],
        "generation": _writer(plan.config),
    }


def _measured(plan: Plan, files: SourceFiles) -> dict[str, Any]:
    """Return which tasks are measured, unless they are those that are taught."""
    if plan.measured.keys() == plan.tasks.keys():
        return {}
    untaught = [part for name, part in plan.measured.items() if name not in plan.tasks]
    return {"fidelity.tasks": sorted(plan.measured), **_parts("fidelity", untaught, files)}


def _explanations(plan: Plan, files: SourceFiles) -> dict[str, Any]:
    config, settings = plan.config, plan.config.explanations
    return {
        "explanations.explainers": [part.name for part in plan.explainers],
        "explanations": _parts("explanations", plan.explainers, files),
        "fidelity.users": config.fidelity.users,
        "explanations.users": settings.users,
        "explanations.instruction": settings.instruction,
        TEXT_ENCODER: {"model": settings.text_encoder, FILES: files.named(TEXT_ENCODER)},
        "generation": _writer(config) | {"seed": config.generation.seed},
    }


def _verdicts(plan: Plan, files: SourceFiles) -> dict[str, Any]:
    cases = plan.config.judging.cases
    sample = {} if cases is None else {"judging.cases": cases, "seed": plan.config.seed}
    judges = [part.name for part in plan.judges]
    return {"judging.judges": judges, "judging": _parts("verdicts", plan.judges, files), **sample}


def _parts(stage: StageName, parts: Iterable[Part], files: SourceFiles) -> dict[str, Any]:
    return {part.name: identity_of(stage, part, files) for part in parts}


def _writer(config: RunConfig) -> dict[str, Any]:
    # Which server it is changes nothing; that it is one may.
    return {"served": config.generation.url is not None, "model": config.generation.model}


STAGE_TABLE = (
    StageRow(
        name="dataset",
        version="5",
        after=None,
        settings=_dataset,
        work=stages.prepare_dataset,
    ),
    StageRow(
        name="target",
        version="3",
        after="dataset",
        settings=_target,
        work=stages.train_target,
        measures=True,
    ),
    StageRow(
        name="alignment",
        version="7",
        after="target",
        settings=_alignment,
        work=stages.ask_target,
    ),
    StageRow(
        name="surrogate",
        version="4",
        after="alignment",
        settings=_surrogate,
        work=stages.train_surrogate,
        loads_model=True,
        prepare=stages.prepare_training,
    ),
    StageRow(
        name="fidelity",
        version="4",
        after="surrogate",
        settings=_fidelity,
        work=measured_stages.measure_fidelity,
        loads_model=True,
        measures=True,
    ),
    StageRow(
        name="explanations",
        version="13",
        after="surrogate",
        settings=_explanations,
        work=measured_stages.write_explanations,
        loads_model=True,
        measures=True,
    ),
    StageRow(
        name="verdicts",
        version="6",
        after="explanations",
        settings=_verdicts,
        work=verdicts.judge_explanations,
        measures=True,
    ),
)
"""The stages in their order; the report comes after them."""


def stages_of(plan: Plan, folder: RunFolder, files: SourceFiles) -> list[Stage]:
    """Return the stages of a run before the report, each with the stage that it builds on.

    Args:
        plan: what is asked for.
        folder: where the stages are kept.
        files: what ``source_files`` returned.
    """
    found = dict[StageName, Stage]()
    for row in STAGE_TABLE:
        found[row.name] = folder.stage(
            row.name,
            version=row.version,
            settings=row.settings(plan, files),
            inputs=[found[row.after]] if row.after else [],
        )
    return list(found.values())


def up_to(stages: Sequence[Stage], name: StageName) -> list[Stage]:
    """Return the stages of a run up to the one called ``name``, which is the last of them."""
    names = [stage.name for stage in stages]
    return list(stages[: names.index(name) + 1])


def outdated(stages: Sequence[Stage]) -> Iterator[str]:
    """Yield which stages hold what is emptied and made anew, and why, one line each.

    Those that start anew only because they build on such a stage share the last line.
    """
    led: list[str] = []
    for stage in stages:
        if stage.outdated:
            reasons = stage.reasons()
            if reasons:
                yield f"{stage.folder.name} starts anew: {'; '.join(reasons)}"
            else:
                led.append(stage.folder.name)
    if led:
        yield f"built on that, so anew as well: {', '.join(led)}"
