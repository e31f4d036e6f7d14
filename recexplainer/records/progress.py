"""Progress reports of long work; implementations live in ``recexplainer.runs``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

__all__ = ["Bar", "Progress", "SilentProgress"]


class Bar(Protocol):
    """One running piece of work."""

    def advance(self, steps: int = 1, **fields: str) -> None:
        """Report ``steps`` more done; ``fields`` (such as ``loss="1.23"``) stand beside the bar."""


class Progress(Protocol):
    """Where bars are shown: a terminal, plain lines, or nowhere."""

    def bar(
        self, label: str, total: int, *, sizes: Sequence[float] | None = None, done: int = 0
    ) -> AbstractContextManager[Bar]:
        """Return a context manager that shows ``label`` until ``total`` steps are done.

        Args:
            label: what is being done.
            total: how many steps it has.
            sizes: how long each step takes beside the others, ``(total,)``, where they differ: by
                them the time left is told.
            done: steps that were made before, such as those of an interrupted training.
        """

    def note(self, message: str) -> None:
        """Show one line of text."""


class _SilentBar:
    def advance(self, steps: int = 1, **fields: str) -> None:
        pass


class SilentProgress:
    """Shows nothing; the default of library calls."""

    @contextmanager
    def bar(
        self, label: str, total: int, *, sizes: Sequence[float] | None = None, done: int = 0
    ) -> Iterator[Bar]:
        """Yield a bar that ignores its updates."""
        yield _SilentBar()

    def note(self, message: str) -> None:
        """Ignore the message."""
