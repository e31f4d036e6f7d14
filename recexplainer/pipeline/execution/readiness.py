"""Requirements of the stages still to do: parts, models and the machine.

What a finished stage needed is not asked for again, so that its report can be written anywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from recexplainer.config.hub_ids import is_hub_id
from recexplainer.config.language_model import SurrogateConfig
from recexplainer.errors import UserError
from recexplainer.pipeline.execution.hub_models import cached_folder, look_up
from recexplainer.pipeline.execution.option_files import absent_files, missing_files
from recexplainer.pipeline.execution.plan import Part, PartialPlan, Plan, parts_of
from recexplainer.pipeline.execution.stage_table import STAGE_TABLE
from recexplainer.plugins.providers import objections
from recexplainer.records import Recipe
from recexplainer.runs.steps import Stage, StageName
from recexplainer.surrogate.model.training_settings import SurrogateSettings
from recexplainer.surrogate.training.requirements import require_device, training_lacks

__all__ = ["MODEL_STAGES", "Lack", "Problem", "machine_problems", "model_problems", "unready"]

Lack = Literal["training", "network"]
"""What a machine may lack and another have: what the training needs, and a way to the hub."""

MODEL_STAGES: Final = frozenset(row.name for row in STAGE_TABLE if row.loads_model)
"""The stages that load the backbone."""

_ASKING: Final = frozenset({"alignment", "fidelity", "explanations"})
"""The stages that ask the target, besides its own."""


@dataclass(frozen=True)
class Problem:
    """One line about what is wrong; where it is of this machine alone, what that lacks."""

    line: str
    lack: Lack | None = None


def unready(plan: Plan | PartialPlan, waiting: Collection[StageName]) -> Iterator[str]:
    """Yield what the parts of the stages in ``waiting`` lack, one line each."""
    for stage, setting, part in parts_of(plan):
        asked_later = stage == "target" and bool(_ASKING & set(waiting))
        if stage in waiting or asked_later:
            yield from missing_files(part.options, _options_path(setting, part))
            gone = tuple(f"{path}:" for path in absent_files(part.options).values())
            for line in _said(part, files_missing=bool(gone)):
                if not line.startswith(gone):  # else it was said already
                    yield f"{setting}: {part.name}: {line}"


def model_problems(
    plan: Plan | PartialPlan, waiting: Collection[StageName], registered: Sequence[str]
) -> Iterator[Problem]:
    """Look at the backbone and the text encoder where they are: in a folder, or on the hub.

    Args:
        plan: what is asked for.
        waiting: the stages that are to be done.
        registered: names of backbones.
    """
    encoder = plan.config.explanations.text_encoder
    if MODEL_STAGES & set(waiting):
        yield from _backbone_problems(plan.config.surrogate, plan.recipe, registered)
        if plan.config.generation.url is not None and plan.recipe.pointer:
            yield Problem(
                f"generation.url: {plan.config.surrogate.backbone} adds to its language model what "
                "a server does not compute (docs/decisions/0016); leave it out"
            )
    if "explanations" in waiting and encoder is not None:
        yield from _encoder_problems(encoder)


def machine_problems(
    plan: Plan | PartialPlan, waiting: Collection[StageName], surrogate: Stage | None
) -> Iterator[Problem]:
    """Yield what this machine lacks.

    Args:
        plan: what is asked for.
        waiting: the stages that are to be done.
        surrogate: that stage, where it is known and not done; it may be trained for all that, by
            processes elsewhere.
    """
    begun = surrogate.folder if surrogate is not None and surrogate.started else None
    if "surrogate" in waiting and not _is_trained(begun):
        settings = SurrogateSettings.of(plan.config, plan.recipe)
        count = settings.processes
        lines = training_lacks(settings, count, here=count, begun=begun)
    elif MODEL_STAGES & set(waiting):
        lines = objections(lambda: require_device(plan.config.surrogate.device))
    else:
        return
    yield from (Problem(line, "training") for line in lines)


def _said(part: Part, *, files_missing: bool) -> Iterator[str]:
    """Yield what the part itself says it lacks."""
    try:
        yield from part.provider.ready(part.options)
    except UserError as error:
        yield str(error)
    except OSError:
        if not files_missing:
            raise


def _options_path(setting: str, part: Part) -> str:
    """Return where the configuration holds the part's options, which ``setting`` names."""
    section, _, key = setting.partition(".")
    section = "alignment" if setting == "fidelity.tasks" else section
    return f"{section}.options" if key == "name" else f"{section}.options.{part.name}"


def _backbone_problems(
    section: SurrogateConfig, recipe: Recipe, registered: Sequence[str]
) -> Iterator[Problem]:
    from recexplainer.surrogate.model.backbone_files import backbone_objections
    from recexplainer.surrogate.model.backbone_source import find_source

    yield from map(Problem, _without_use(section, recipe))
    if recipe.source is None:
        return
    setting = "surrogate.backbone"
    try:
        source = find_source(recipe.source, recipe.base, registered)
    except UserError as error:
        yield _problem(setting, str(error))
        return
    if section.quantization and (source.gguf or source.adapter):
        yield Problem(
            f"surrogate.quantization: {recipe.source} is unpacked or merged before it is trained; "
            "leave it out, or give a folder that holds a whole model"
        )
    kept = cached_folder(source.place) if is_hub_id(source.place) else None
    if is_hub_id(source.place) and kept is None:
        yield from _hub_problems(setting, source.place)
        return
    here = source if kept is None else replace(source, place=str(kept))
    targets = () if recipe.whole else section.lora.targets or ()
    lines = backbone_objections(here, targets, template=section.chat_template, whole=kept is None)
    yield from (_problem(setting, line) for line in lines)


def _without_use(section: SurrogateConfig, recipe: Recipe) -> Iterator[str]:
    """Yield what was said that this backbone has no use for."""
    if section.base is not None and recipe.base is None:
        from recexplainer.surrogate.model.backbone_source import base_of_no_adapter

        yield base_of_no_adapter(section.backbone)
    if section.chat_template is not None and recipe.source is None:
        yield f"surrogate.chat_template: {section.backbone} has one of its own; leave it out"


def _problem(setting: str, line: str) -> Problem:
    return Problem(line if line.startswith("surrogate.") else f"{setting}: {line}")


def _encoder_problems(encoder: str) -> Iterator[Problem]:
    from recexplainer.surrogate.model.backbone_files import encoder_objections

    setting, folder = "explanations.text_encoder", Path(encoder).expanduser()
    if folder.exists():
        yield from (Problem(f"{setting}: {line}") for line in encoder_objections(folder))
    elif cached_folder(encoder) is None:
        yield from _hub_problems(setting, encoder)


def _hub_problems(setting: str, model: str) -> Iterator[Problem]:
    absence = look_up(model)
    if absence is not None:
        line = f"{setting}: {absence.reason}"
        yield Problem(line, None if absence.said_by_hub else "network")


def _is_trained(folder: Path | None) -> bool:
    """Whether a training that was begun has ended, in this run or in a copy of its folder."""
    if folder is None:
        return False
    from recexplainer.surrogate.training.session import read_report

    return read_report(folder) is not None
