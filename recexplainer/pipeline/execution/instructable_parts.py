"""Explainers that take an instruction: those whose texts a language model writes."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.pipeline.execution.plan import Part
from recexplainer.plugins.capabilities import Capability

__all__ = ["instruction_refusal", "takes_instruction"]


def instruction_refusal(instruction: str, explainers: Sequence[Part]) -> str | None:
    """Return why none of ``explainers`` takes ``instruction``, or None if one does."""
    if any(takes_instruction(part) for part in explainers):
        return None
    names = ", ".join(part.name for part in explainers)
    return (
        f"cannot follow the instruction {instruction!r}: it is for explainers that speak, such as "
        f"surrogate, and this run has only {names}. Ask without an instruction."
    )


def takes_instruction(part: Part) -> bool:
    """Return whether a language model writes the part's texts, so that it can be instructed."""
    speaking = (Capability.SURROGATE, Capability.UNALIGNED, Capability.SPEAKS)
    return any(part.can(way) for way in speaking)
