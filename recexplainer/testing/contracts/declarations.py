"""Declared exceptions from rules: by a capability, or on the test class."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.interfaces import Kind

__all__ = ["DECLARATIONS", "Declaration", "declared"]


@dataclass(frozen=True, slots=True)
class Declaration:
    """One way to differ.

    Attributes:
        kinds: the parts that may.
        attribute: what is set on the test class.
        value: what it is set to.
        meaning: when to declare it.
    """

    kinds: tuple[Kind, ...]
    attribute: str
    value: object
    meaning: str


DECLARATIONS: Final[Mapping[Capability, Declaration]] = {
    Capability.UNORDERED: Declaration(
        kinds=("target",),
        attribute="reads_order",
        value=False,
        meaning="the order of a history changes no answer",
    ),
    Capability.IGNORES_UNKNOWN: Declaration(
        kinds=("target",),
        attribute="unknown_items",
        value="ignored",
        meaning="items outside the catalogue are dropped instead of refused",
    ),
    Capability.MORE_THAN_DOT: Declaration(
        kinds=("target",),
        attribute="scores_are_dot_products",
        value=False,
        meaning="the target adds a bias or a network after its vectors",
    ),
    Capability.KNOWN_ANSWERS: Declaration(
        kinds=("task",),
        attribute="labels_from_target",
        value=False,
        meaning="the answers are known without the target (the listed history is recognized)",
    ),
    Capability.SAMPLES: Declaration(
        kinds=("explainer", "judge"),
        attribute="deterministic",
        value=False,
        meaning="a sampled or remote model answers",
    ),
}
"""Capability of a provider to what it declares."""


def declared(kind: Kind, capabilities: Collection[str]) -> dict[str, object]:
    """Return the attributes of a contract class that ``capabilities`` of a ``kind`` set."""
    return {
        one.attribute: one.value
        for name, one in DECLARATIONS.items()
        if name in capabilities and kind in one.kinds
    }
