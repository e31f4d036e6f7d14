"""What a row of a table of mutants says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from recexplainer.plugins.interfaces import Kind


@dataclass(frozen=True)
class Mutant:
    """A part that is right but for one rule.

    Attributes:
        rule: the one that it breaks, in words.
        part: builds it, as a plugin would.
        says: what the message tells the author, in part.
        capabilities: what its provider declares.
    """

    kind: Kind
    rule: str
    part: Callable[..., Any]
    says: str
    capabilities: tuple[str, ...] = ()

    def __str__(self):
        return f"{self.kind}-{self.part.__name__}"
