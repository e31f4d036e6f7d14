"""What ``scale.py`` measured, as the tables of the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log10
from typing import Any

__all__ = ["corpus", "data", "slope"]

_STEPS = {
    "read": "reading",
    "prepare": "preparing",
    "store": "storing",
    "load": "loading",
    "split": "splitting",
}

Result = Mapping[str, Any]


def data(result: Result) -> str:
    """Return the table of the data path, with the slopes of time and memory.

    Args:
        result: what ``scale.py`` wrote.
    """
    runs = result["data"]
    sizes = [run["interactions"] for run in runs]
    totals = [sum(run["seconds"].values()) for run in runs]
    memory = [run["peak_rss_mb"] for run in runs]
    millions = (sizes[-1] - sizes[0]) / 1e6
    lines = [
        f"| interactions | users | items | {' | '.join(_STEPS.values())} | in all | CPU | memory |",
        f"|{'---:|' * (len(_STEPS) + 6)}",
        *(_row(run, total) for run, total in zip(runs, totals, strict=True)),
        "",
        (
            f"Time grows with the interactions to the power of {slope(sizes, totals):.2f} (1 is in "
            f"proportion), and memory by {(memory[-1] - memory[0]) / millions:.0f} MB per million "
            f"interactions. {_how(result)}"
        ),
    ]
    return "\n".join(lines)


def corpus(result: Result) -> str:
    """Return the table of asking the target and writing its answers.

    Args:
        result: what ``scale.py`` wrote.
    """
    runs = result["corpus"]
    lines = [
        "| contexts | items | scores | rows written | time | memory before | at its peak |",
        f"|{'---:|' * 7}",
        *(
            f"| {run['contexts']:,} | {run['items']:,} "
            f"| {run['contexts'] * run['items'] * 4 / 1e9:,.1f} GB | {run['rows']:,} "
            f"| {run['seconds']['corpus']:,.0f} s | {run['before_mb']:,.0f} MB "
            f"| {run['peak_rss_mb']:,.0f} MB |"
            for run in runs
        ),
    ]
    return "\n".join(lines)


def slope(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return the power of the size that the value grew with, from the first to the last."""
    return log10(values[-1] / values[0]) / log10(sizes[-1] / sizes[0])


def _row(run: Result, total: float) -> str:
    steps = " | ".join(f"{run['seconds'][step]:.1f} s" for step in _STEPS)
    return (
        f"| {run['interactions']:,} | {run['users']:,} | {run['items']:,} | {steps} "
        f"| {total:.1f} s | {run['cpu_seconds']:.1f} s | {run['peak_rss_mb']:,.0f} MB |"
    )


def _how(result: Result) -> str:
    machine = result["machine"]
    return (
        f"Each row is the quickest of {result['repeats']} runs, and the most memory of them, with "
        f"one thread on {machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_gb']} GB; the load when the first began was "
        f"{machine['load_before']:.1f}."
    )
