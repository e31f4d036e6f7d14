"""Runs a command and measures it; describes the machine; keeps results as JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import fmean
from typing import Any

import psutil

__all__ = [
    "RECX",
    "RESULTS",
    "Timed",
    "describe_machine",
    "mean_and_ends",
    "timed",
    "write_result",
]

RECX = (sys.executable, "-m", "recexplainer")
RESULTS = Path(__file__).parent / "results"
_SAMPLE_SECONDS = 0.2


@dataclass(frozen=True)
class Timed:
    """What one command took.

    Attributes:
        seconds: wall-clock time.
        peak_rss_mb: most resident memory of the process and its children together, sampled.
        output: what it printed to the output stream.
    """

    seconds: float
    peak_rss_mb: float
    output: str


def mean_and_ends(
    values: Iterable[float | None], form: str, *, to: str = " to ", unknown: str = "–"
) -> str:
    """Return the mean over runs, with the lowest and the highest behind it where they are several.

    Args:
        values: of each run; None where it was not measured.
        form: in which each number is written.
        to: stands between the ends.
        unknown: is returned where no run has a value.
    """
    known = [value for value in values if value is not None]
    if not known:
        return unknown
    ends = f" ({min(known):{form}}{to}{max(known):{form}})" if len(known) > 1 else ""
    return f"{fmean(known):{form}}{ends}"


def timed(command: Sequence[str], threads: int | None = None) -> Timed:
    """Run ``command`` to its end, in a fresh process; the error stream stays visible.

    Args:
        command: program and arguments.
        threads: CPU threads of the libraries in it; None leaves that to them.

    Raises:
        CalledProcessError: it failed.
    """
    limits = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603  # our own command line
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **limits}
    )
    peak = 0
    while True:
        peak = max(peak, _resident(process.pid))
        try:
            output, _ = process.communicate(timeout=_SAMPLE_SECONDS)
            break
        except subprocess.TimeoutExpired:
            continue
    seconds = time.perf_counter() - began
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    return Timed(round(seconds, 2), round(peak / 2**20, 1), output)


def describe_machine() -> dict[str, Any]:
    """Return what timings depend on."""
    return {
        "processor": _processor(),
        "instructions": _instructions(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "torch": version("torch"),
        "transformers": version("transformers"),
        "load_before": round(os.getloadavg()[0], 2),
    }


def write_result(path: Path, content: object) -> None:
    """Write ``content`` as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)


def _resident(pid: int) -> int:
    """Return the bytes that a process and its children hold; pages they share count twice."""
    held = 0
    try:
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            held += process.memory_info().rss
    except psutil.Error:  # one of them ended while it was looked at
        pass
    return held


def _instructions() -> str:
    """Return the instructions that PyTorch computes with, and whether it was limited to them."""
    import torch

    found = torch.backends.cpu.get_cpu_capability()
    limited = "ATEN_CPU_CAPABILITY" in os.environ
    return f"{found}, to which it was limited" if limited else found


def _processor() -> str:
    """Return the processor's name as the system gives it."""
    info = Path("/proc/cpuinfo")
    for line in info.read_text(encoding="utf-8").splitlines() if info.exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
