"""Capabilities: what is known of a part before it is built."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from recexplainer.errors import UnknownNameError

__all__ = ["Capability", "capabilities_of"]


class Capability(StrEnum):
    """What a provider can declare; the names as text do as well."""

    VECTORS = "vectors"
    """A target is a ``LatentTarget``."""
    SURROGATE = "surrogate"
    """An explainer needs the trained language model."""
    UNALIGNED = "unaligned"
    """An explainer needs the untrained language model."""
    PRETRAINED = "pretrained"
    """An explainer needs a backbone that was pretrained."""
    SPEAKS = "speaks"
    """An explainer needs neither, and follows instructions."""
    OWN_ACCOUNT = "own_account"
    """An explainer's texts are the target's own answers: never withheld, shown where others are."""
    UNORDERED = "unordered"
    """The order of a history changes no answer of a target."""
    IGNORES_UNKNOWN = "ignores_unknown"
    """A target drops items outside the catalogue."""
    MORE_THAN_DOT = "more_than_dot"
    """A target adds a bias or a network after its vectors."""
    KNOWN_ANSWERS = "known_answers"
    """A task's answers are known without the target."""
    SAMPLES = "samples"
    """An explainer or judge asks a sampled or remote model."""


def capabilities_of(part: str, declared: Iterable[str]) -> frozenset[Capability]:
    """Return what the provider of ``part`` declares.

    Raises:
        UnknownNameError: a name is no capability; names those that are, nearest first.
    """
    known = {capability.value: capability for capability in Capability}
    for name in declared:
        if name not in known:
            raise UnknownNameError("capability", name, known, hint=f"{part!r} declares it.")
    return frozenset(known[name] for name in declared)
