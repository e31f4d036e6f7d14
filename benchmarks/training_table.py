"""What ``training.py``, ``retrieval.py`` and ``estimates.py`` measured, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["estimates", "retrieval", "training"]

Result = Mapping[str, Any]

_LOOPS = {
    "ours": "`recx train`",
    "batch-maximum": "shuffled batches, padded to the batch's longest",
    "batch-maximum, micro-batches of 16": "the same, 16 examples at once",
    "1024": "shuffled batches, padded to 1024",
}
_DECODING = {
    "ours": "batches of {batch}",
    "as it is": "one user at a time, not padded",
    "longest": "one user at a time, padded to the longest question ({longest} tokens)",
    "1024": "one user at a time, padded to 1024 (the paper's published code: to 874)",
}


def training(result: Result) -> str:
    """Return the table of training throughput, and what a resume costs.

    Args:
        result: what ``training.py`` wrote.
    """
    rates, losses, resume = (result[name] for name in ("samples_per_second", "losses", "resume"))
    lines = [
        "| loop | examples/s | `recx train` is faster by |",
        "|---|---:|---:|",
        *(
            f"| {label} | {rates[name]:,.1f} | {rates['ours'] / rates[name]:.1f} |"
            for name, label in _LOOPS.items()
        ),
        "",
        (
            f"{result['batch']} examples a step, {result['precision']}, one thread; "
            f"{_turns(result['turns'])} on {_machine(result)}. In float32, the loss of each of "
            f"{losses['steps']} steps differs from that of one example at a time by at most "
            f"{losses['largest_difference']:.1e}."
        ),
        "",
        (
            f"An epoch of the whole corpus takes {resume['epoch_seconds']:,.0f} s at this rate. "
            f"From the start of the process to the end of its first step it is "
            f"{resume['start_seconds']:.1f} s, and {resume['resume_seconds']:.1f} s where it goes "
            f"on from a checkpoint: {resume['resume_share']:.1%} of an epoch. A checkpoint takes "
            f"{resume['checkpoint_seconds']:.2f} s."
        ),
    ]
    return "\n".join(lines)


def retrieval(result: Result) -> str:
    """Return the table of users a second.

    Args:
        result: what ``retrieval.py`` wrote.
    """
    kinds = {"constrained": "titles of the catalogue only", "free": "free"}
    said = {"batch": result["batch"], "longest": result["free"]["longest_question"]}
    rates = [result[kind]["users_per_second"] for kind in kinds]
    lines = [
        f"| users/s | {' | '.join(kinds.values())} |",
        f"|---|{'---:|' * len(kinds)}",
    ]
    for name, label in _DECODING.items():
        cells = [
            f"{rate[name]:,.1f}" + ("" if name == "ours" else f" ({rate['ours'] / rate[name]:.1f})")
            for rate in rates
        ]
        lines.append(f"| {label.format(**said)} | {' | '.join(cells)} |")
    agree = min(result[kind]["same_answers"] for kind in kinds)
    lines += [
        "",
        (
            f"In brackets: by how much batches are faster. {result['beams']} beams, one thread, on "
            f"{_machine(result)}. {agree:.0%} of the users get the same titles in the same order."
        ),
    ]
    return "\n".join(lines)


def estimates(result: Result) -> str:
    """Return the table of estimated memory beside what a training took.

    Args:
        result: what ``estimates.py`` wrote.
    """
    lines = [
        "| training | memory told | took |",
        "|---|---:|---:|",
    ]
    for name, case in result["cases"].items():
        memory = case["gigabytes"]
        lines.append(f"| {name} | {memory['told']:.2f} GB | {memory['took']:.2f} GB |")
    lines += ["", f"One thread, on {_machine(result)}."]
    return "\n".join(lines)


def _turns(count: int) -> str:
    return "measured once" if count == 1 else f"the quickest of {count} turns"


def _machine(result: Result) -> str:
    machine = result["machine"]
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB; the load "
        f"when it began was {machine['load_before']:.1f}"
    )
