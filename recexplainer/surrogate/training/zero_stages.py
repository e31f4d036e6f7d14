"""Sharing of a training by several processes: plain copies (DDP), or DeepSpeed's ZeRO.

The files in ``zero/`` are DeepSpeed's own configurations; what they leave to ``auto`` comes from
the training's settings.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

import yaml

from recexplainer.errors import MissingExtraError, UserError
from recexplainer.surrogate.model.training_settings import SurrogateSettings

__all__ = [
    "choose_parallel",
    "gathered",
    "has_deepspeed",
    "ready_deepspeed",
    "require_deepspeed",
    "whole",
    "zero_config",
]


def has_deepspeed() -> bool:
    """Whether the optional package is installed; it is not imported."""
    return find_spec("deepspeed") is not None


def choose_parallel(settings: SurrogateSettings, processes: int, device: str) -> str:
    """Return ``ddp`` or the name of a ZeRO configuration.

    ``auto`` takes ``zero2``, as the paper did, where it saves memory and is there: several GPUs, a
    pretrained backbone, and the extra installed.

    Raises:
        MissingExtraError: ZeRO was asked for and DeepSpeed is not installed.
        UserError: ZeRO was asked for, and Muon, which needs whole matrices.
    """
    wanted = settings.parallel
    if wanted == "auto":
        pretrained = settings.recipe.source is not None and settings.optimizer != "muon"
        gains = processes > 1 and device == "cuda" and pretrained
        return "zero2" if gains and has_deepspeed() else "ddp"
    if wanted != "ddp" and settings.optimizer == "muon":
        raise UserError(
            f"training.parallel: {wanted} cuts matrices into parts, and this training was prepared "
            "for Muon, which needs them whole; use ddp, or training.optimizer=adamw"
        )
    require_deepspeed(wanted)
    return wanted


def require_deepspeed(parallel: str) -> None:
    """Refuse a ZeRO configuration where DeepSpeed is missing.

    Raises:
        MissingExtraError: it is not installed.
    """
    if parallel.startswith("zero") and not has_deepspeed():
        raise MissingExtraError("deepspeed", "deepspeed", f"for training.parallel={parallel}")


def zero_config(parallel: str) -> dict[str, Any] | None:
    """Return the DeepSpeed configuration of that name, or None for ``ddp``."""
    if parallel == "ddp":
        return None
    text = (
        files("recexplainer.surrogate.training")
        .joinpath("zero", f"{parallel}.yaml")
        .read_text("utf-8")
    )
    config: dict[str, Any] = yaml.safe_load(text)
    return config


def ready_deepspeed(device: str) -> None:
    """Open DeepSpeed's process group; on a CPU without compiling anything.

    There it would build an operator that only inference uses, which takes minutes, or a compiler
    that is missing.
    """
    if device == "cpu":
        os.environ.setdefault("DS_ACCELERATOR", "cpu")
    import deepspeed
    import deepspeed.ops

    if device == "cpu":
        deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False
    backend = "gloo" if device == "cpu" else "nccl"
    deepspeed.init_distributed(backend, auto_mpi_discovery=False)


def gathered(model: Any, parallel: str) -> AbstractContextManager[Any]:
    """Return a context in which the trained weights are whole in the first process."""
    if not parallel.startswith("zero3"):
        return nullcontext()
    import deepspeed

    trained = [weight for weight in model.parameters() if weight.requires_grad]
    found: AbstractContextManager[Any] = deepspeed.zero.GatheredParameters(trained, modifier_rank=0)
    return found


def whole(model: Any) -> AbstractContextManager[Any]:
    """Return a context in which weights that ZeRO-3 loaded in parts are whole, to be read."""
    parts = [weight for weight in model.parameters() if hasattr(weight, "ds_id")]
    if not parts:
        return nullcontext()
    import deepspeed

    found: AbstractContextManager[Any] = deepspeed.zero.GatheredParameters(parts)
    return found
