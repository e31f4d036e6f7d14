"""Training plan: decisions of the first process, made once and kept in the folder.

A resumed training, and the other processes of a shared one, read what was decided.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from filelock import FileLock
from pydantic import BaseModel, ConfigDict

from recexplainer.runs.artifacts import read_text, write_text
from recexplainer.runs.memory import free_memory
from recexplainer.surrogate.estimate.step_timer import StepTimes
from recexplainer.surrogate.estimate.training_estimate import Corpus, fitting_rows, read_corpus
from recexplainer.surrogate.model.compute_type import (
    choose_device,
    choose_precision,
    measured_rates,
)
from recexplainer.surrogate.model.training_settings import SurrogateSettings

__all__ = [
    "TrainingPlan",
    "choose_rows",
    "choose_steps",
    "halve_rows",
    "keep_plan",
    "keep_rows",
    "keep_steps",
    "read_plan",
    "rows_that_fit",
]

_PLAN = "plan.json"


class TrainingPlan(BaseModel):
    """What a training was begun with.

    Attributes:
        device: ``cpu`` or ``cuda``.
        precision: the compute type.
        reason: why that type, in words; None where it was asked for.
        steps: how many there are; None until some have been timed.
        seconds_per_step: how long each of them takes, as it was foretold when it began.
        rows: how many examples a process computes at once; None until the memory was looked at.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str
    precision: str
    reason: str | None = None
    steps: int | None = None
    seconds_per_step: float | None = None
    rows: int | None = None


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


def keep_rows(folder: Path, settings: SurrogateSettings, processes: int) -> int:
    """Return how many examples a process computes at once, chosen by the first who asks.

    A resumed training computes as many, so that it rounds as one that was never interrupted.

    Args:
        folder: the training folder, with its corpus and a plan.
        settings: of the training.
        processes: how many share it.

    Raises:
        UserError: the free memory does not take one.
    """
    with _locked(folder):
        plan = read_plan(folder, settings)
        if plan.rows is None or settings.micro_batch_size is not None:
            plan = plan.model_copy(update={"rows": choose_rows(folder, settings, processes)})
            _write(folder, plan)
        return plan.rows or 1


def halve_rows(folder: Path, settings: SurrogateSettings) -> int:
    """Return half of the examples that are computed at once, for the next start; 0 if it was one.

    Args:
        folder: the training folder, with a plan.
        settings: of the training.
    """
    with _locked(folder):
        plan = read_plan(folder, settings)
        rows = (plan.rows or 1) // 2
        if rows:
            _write(folder, plan.model_copy(update={"rows": rows}))
        return rows


def choose_rows(folder: Path, settings: SurrogateSettings, processes: int) -> int:
    """Return how many of the longest examples fit the memory that is free here, now.

    Args:
        folder: the training folder, with its corpus.
        settings: of the training.
        processes: how many share it.

    Raises:
        UserError: not even one does.
    """
    corpus = read_corpus(folder)
    if corpus is None:
        raise AssertionError(f"{folder} has no corpus yet")
    return rows_that_fit(settings, processes, corpus)


def rows_that_fit(settings: SurrogateSettings, processes: int, corpus: Corpus) -> int:
    """Return how many of the longest examples of a corpus fit the memory that is free now.

    Raises:
        UserError: not even one does.
    """
    device = choose_device(settings.device)
    free = torch.cuda.mem_get_info()[0] if device == "cuda" else free_memory()
    return fitting_rows(settings, processes, corpus, device, free)


def choose_steps(settings: SurrogateSettings, per_pass: int, times: StepTimes) -> int:
    """Return how many steps to make: ``steps``, of ``budget`` passes, or what fits ``minutes``.

    Args:
        settings: which of the three it is.
        per_pass: steps of one pass over the corpus.
        times: of steps on this machine.
    """
    known = settings.known_steps(per_pass)
    if known is not None:
        return known
    return max(1, math.floor(60.0 * (settings.minutes or 0.0) / times.mean()))


def _locked(folder: Path) -> FileLock:
    return FileLock(folder / f".{_PLAN}.lock")


def _write(folder: Path, plan: TrainingPlan) -> None:
    text = plan.model_dump_json(indent=2)
    if not (folder / _PLAN).exists() or read_text(folder / _PLAN) != text:
        write_text(folder / _PLAN, text)
