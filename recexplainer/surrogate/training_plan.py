"""Training plan: what is decided once per training, by its first process, and kept in its folder.

A resumed training, and the other processes of a shared one, read what was decided.
"""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock
from pydantic import BaseModel, ConfigDict

from recexplainer.runs.artifacts import read_text, write_text
from recexplainer.surrogate.compute_type import choose_device, choose_precision, measured_rates
from recexplainer.surrogate.settings import SurrogateSettings

__all__ = ["TrainingPlan", "keep_plan"]

_PLAN = "plan.json"


class TrainingPlan(BaseModel):
    """What a training was begun with.

    Attributes:
        device: ``cpu`` or ``cuda``.
        precision: the compute type.
        reason: why that type, in words; None where it was asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str
    precision: str
    reason: str | None = None


def keep_plan(folder: Path, settings: SurrogateSettings) -> TrainingPlan:
    """Return the plan in a training folder, made and written there unless it is there.

    A folder that moved to another kind of device is planned anew.

    Args:
        folder: the training folder; the processes of a training all see it.
        settings: of the training.

    Raises:
        UserError: the device or the type that was asked for cannot be had.
    """
    device, path = choose_device(settings.device), folder / _PLAN
    with FileLock(folder / f".{_PLAN}.lock"):
        if path.exists():
            kept = TrainingPlan.model_validate_json(read_text(path))
            if kept.device == device:
                return kept
        plan = _make_plan(settings, device)
        write_text(path, plan.model_dump_json(indent=2))
        return plan


def _make_plan(settings: SurrogateSettings, device: str) -> TrainingPlan:
    precision = choose_precision(settings.precision, device)
    reason = str(measured_rates(device)) if settings.precision == "auto" else None
    return TrainingPlan(device=device, precision=precision, reason=reason)
