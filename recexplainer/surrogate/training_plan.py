"""Training plan: what is decided once per training, by its first process, and kept in its folder.

A resumed training, and the other processes of a shared one, read what was decided.
"""

from __future__ import annotations

import math
from pathlib import Path

from filelock import FileLock
from pydantic import BaseModel, ConfigDict

from recexplainer.runs.artifacts import read_text, write_text
from recexplainer.surrogate.compute_type import choose_device, choose_precision, measured_rates
from recexplainer.surrogate.settings import SurrogateSettings
from recexplainer.surrogate.step_timer import StepTimes

__all__ = ["TrainingPlan", "choose_steps", "keep_plan", "keep_steps", "read_plan"]

_PLAN = "plan.json"


class TrainingPlan(BaseModel):
    """What a training was begun with.

    Attributes:
        device: ``cpu`` or ``cuda``.
        precision: the compute type.
        reason: why that type, in words; None where it was asked for.
        steps: how many there are; None until some have been timed.
        seconds_per_step: how long each of them takes, as it was foretold when it began.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str
    precision: str
    reason: str | None = None
    steps: int | None = None
    seconds_per_step: float | None = None


def read_plan(folder: Path, settings: SurrogateSettings) -> TrainingPlan:
    """Return the plan in a training folder, or the one that would be made; nothing is written.

    A folder that moved to another kind of device is planned anew, but for its steps.

    Args:
        folder: the training folder.
        settings: of the training.

    Raises:
        UserError: the device or the type that was asked for cannot be had.
    """
    device, path = choose_device(settings.device), folder / _PLAN
    kept = TrainingPlan.model_validate_json(read_text(path)) if path.exists() else None
    if kept is not None and kept.device == device:
        return kept
    precision = choose_precision(settings.precision, device)
    reason = str(measured_rates(device)) if settings.precision == "auto" else None
    plan = TrainingPlan(device=device, precision=precision, reason=reason)
    if kept is None:
        return plan
    chosen = {"steps": kept.steps, "seconds_per_step": kept.seconds_per_step}
    return plan.model_copy(update=chosen)


def keep_plan(folder: Path, settings: SurrogateSettings) -> TrainingPlan:
    """Return the plan in a training folder, made and written there unless it is there.

    Args:
        folder: the training folder; the processes of a training all see it.
        settings: of the training.

    Raises:
        UserError: the device or the type that was asked for cannot be had.
    """
    with _locked(folder):
        plan = read_plan(folder, settings)
        _write(folder, plan)
        return plan


def keep_steps(
    folder: Path, settings: SurrogateSettings, per_pass: int, times: StepTimes
) -> tuple[int, float]:
    """Return the steps of a training and what each was foretold to take, in seconds.

    They are chosen, and written into the plan, by the first who asks.

    Args:
        folder: the training folder, with a plan.
        settings: of the training.
        per_pass: steps of one pass over the corpus.
        times: of steps on this machine, now.
    """
    with _locked(folder):
        plan = read_plan(folder, settings)
        if plan.steps is not None and plan.seconds_per_step is not None:
            return plan.steps, plan.seconds_per_step
        steps = choose_steps(settings, per_pass, times)
        each = times.mean(steps)
        _write(folder, plan.model_copy(update={"steps": steps, "seconds_per_step": each}))
        return steps, each


def choose_steps(settings: SurrogateSettings, per_pass: int, times: StepTimes) -> int:
    """Return how many steps to make: of ``budget`` passes, or as many as fit ``minutes``.

    Args:
        settings: which of the two it is.
        per_pass: steps of one pass over the corpus.
        times: of steps on this machine.
    """
    if settings.minutes is None:
        return max(1, math.ceil(settings.budget * per_pass))
    return max(1, math.floor(60.0 * settings.minutes / times.mean()))


def _locked(folder: Path) -> FileLock:
    return FileLock(folder / f".{_PLAN}.lock")


def _write(folder: Path, plan: TrainingPlan) -> None:
    text = plan.model_dump_json(indent=2)
    if not (folder / _PLAN).exists() or read_text(folder / _PLAN) != text:
        write_text(folder / _PLAN, text)
