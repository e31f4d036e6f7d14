"""Explained: what one explanation of a run says of a history, as an audit is given it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Explained"]


@dataclass(frozen=True, slots=True)
class Explained:
    """What one explanation that readers are given says of the history.

    Attributes:
        user, history, item: what was explained.
        toward: 1 if it explains a Yes, -1 a No.
        no_cause: whether it says that no single item of the history pulls that way.
    """

    user: str
    history: tuple[str, ...]
    item: str
    toward: int
    no_cause: bool
