"""Compute type: the number format in which this machine multiplies matrices fastest.

Most CPUs emulate bfloat16, some that have it are no faster with it than in float32, and others gain
half as much again. No flag of a processor tells which, so a few products are timed.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

import torch
from torch.nn import functional

from recexplainer.errors import UserError
from recexplainer.surrogate.model.cpu_threads import on_threads

__all__ = [
    "ComputeRates",
    "asking_precision",
    "choose_device",
    "choose_precision",
    "describe_device",
    "measured_rates",
    "torch_type",
]

_TYPES: Final = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
_SHAPE: Final = {"cpu": (2048, 128, 384), "cuda": (4096, 2048, 2048)}
"""``(m, k, n)`` of the timed product, ``(m, k) x (k, n)``: as wide as the layers that are trained,
and small enough that its emulation ends in milliseconds."""

_ROUNDS = 8
_CLOCK_STEP = 1e-7
"""Seconds that no clock tells apart from none."""
_HOPELESS = 4.0
"""Times as slow as the other type: no further round is needed to tell."""

_WORTHWHILE = 1.2
"""bfloat16 is taken where it is this many times as fast: weights are cast to it at every product,
and it keeps 8 bits of each number."""


@dataclass(frozen=True, slots=True)
class ComputeRates:
    """Rates of matrix products on one device, in billions of operations per second.

    Attributes:
        device: ``cpu``, on one thread, or ``cuda``.
        float32, bfloat16: the rates.
    """

    device: str
    float32: float
    bfloat16: float

    @property
    def fastest(self) -> str:
        """``bfloat16`` where it is clearly faster, else ``float32``."""
        return "bfloat16" if self.bfloat16 >= _WORTHWHILE * self.float32 else "float32"

    def __str__(self) -> str:
        return (
            f"{self.float32:,.0f} billion operations a second in float32, "
            f"{self.bfloat16:,.0f} in bfloat16"
        )


@cache
def measured_rates(device: str) -> ComputeRates:
    """Return the rates of ``cpu`` or ``cuda``, measured once per process, in milliseconds.

    Other work on the machine must not decide: the two types take turns, the best turn of each
    counts, and on a CPU it is one thread's own time that is measured.
    """
    seconds = {torch.float32: math.inf, torch.bfloat16: math.inf}
    with on_threads(1 if device == "cpu" else None):
        products = {dtype: _product(device, dtype) for dtype in seconds}
        for _ in range(_ROUNDS):
            for dtype, product in products.items():
                seconds[dtype] = min(seconds[dtype], _seconds(product, device))
            if seconds[torch.bfloat16] > _HOPELESS * seconds[torch.float32]:
                break
    operations = 2.0 * math.prod(_SHAPE[device]) / 1e9
    return ComputeRates(
        device, operations / seconds[torch.float32], operations / seconds[torch.bfloat16]
    )


def choose_device(wanted: str) -> str:
    """Return ``cpu`` or ``cuda``.

    Raises:
        UserError: CUDA was asked for and is not there.
    """
    if wanted == "cuda" and not torch.cuda.is_available():
        raise UserError(
            "surrogate.device: cuda was asked for and no CUDA device is visible; use cpu"
        )
    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"


def choose_precision(wanted: str, device: str) -> str:
    """Return the compute type of training: ``wanted``, or the one that is fastest on ``device``.

    Raises:
        UserError: float16 was asked for on a CPU.
    """
    if wanted == "float16" and device == "cpu":
        raise UserError(
            "surrogate.precision: float16 is trained on GPUs only; give bfloat16 or float32"
        )
    return measured_rates(device).fastest if wanted == "auto" else wanted


def asking_precision(wanted: str, device: str) -> str:
    """Return the compute type of generation: that of training, where ``device`` can compute in it.

    A surrogate that GPUs trained in float16 may be asked on a CPU.
    """
    return choose_precision("auto" if (wanted, device) == ("float16", "cpu") else wanted, device)


def torch_type(precision: str) -> torch.dtype:
    """Return PyTorch's type of the name ``float32``, ``bfloat16`` or ``float16``."""
    return _TYPES[precision]


def describe_device() -> str:
    """Return in words where and in which type a surrogate would be trained here, and why."""
    device = choose_device("auto")
    label = torch.cuda.get_device_name() if device == "cuda" else f"{os.cpu_count()} CPU cores"
    rates = measured_rates(device)
    return f"{device} ({label}), trains in {rates.fastest}: {rates}"


def _product(device: str, dtype: torch.dtype) -> Callable[[], object]:
    rows, inner, columns = _SHAPE[device]
    inputs = torch.ones(rows, inner, dtype=dtype, device=device)
    weights = torch.ones(columns, inner, dtype=dtype, device=device)
    product = partial(functional.linear, inputs, weights)
    product()  # the first one also chooses and packs
    return product


def _seconds(product: Callable[[], object], device: str) -> float:
    if device == "cpu":
        began = time.thread_time()
        product()
        return max(time.thread_time() - began, _CLOCK_STEP)
    torch.cuda.synchronize()
    began = time.perf_counter()
    product()
    torch.cuda.synchronize()
    return time.perf_counter() - began
