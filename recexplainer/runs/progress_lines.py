"""Progress of long work: live bars on a terminal, plain lines in a log file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichDisplay
    from rich.progress import TaskID

    from recexplainer.records import Bar, Progress

__all__ = ["PlainProgress", "TerminalProgress", "console_progress"]

_SECONDS_BETWEEN_LINES = 10.0


def console_progress() -> Progress:
    """Return bars on a terminal, and otherwise plain lines; both on the error stream.

    The output stream stays free for results, such as ``recx explain --json``.
    """
    if not sys.stderr.isatty():
        return PlainProgress(sys.stderr)
    from rich.console import Console

    return TerminalProgress(Console(stderr=True))


class PlainProgress:
    """Writes a line when a bar starts, at most one every ten seconds, and one when it ends.

    Args:
        stream: where the lines go.
        clock: returns seconds; only differences count.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Bar]:
        """Yield a bar that writes lines.

        Args:
            label: what is being done.
            total: how many steps it has.
        """
        bar = _PlainBar(self.note, self._clock, label, total)
        self.note(f"{label}: 0 of {total}")
        try:
            yield bar
        except BaseException:
            self.note(f"{bar.state()}, stopped after {bar.elapsed:.0f} s")
            raise
        self.note(f"{bar.state()}, took {bar.elapsed:.0f} s")

    def note(self, message: str) -> None:
        """Write one line."""
        self._stream.write(f"{message}\n")
        self._stream.flush()


class _PlainBar:
    def __init__(
        self, note: Callable[[str], None], clock: Callable[[], float], label: str, total: int
    ) -> None:
        self._note, self._clock = note, clock
        self._label, self._total, self._done = label, total, 0
        self._fields: dict[str, str] = {}
        self._began = self._spoke = clock()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._began

    def state(self) -> str:
        """Return the label, the count and the fields."""
        return _joined(f"{self._label}: {self._done} of {self._total}", self._fields)

    def advance(self, steps: int = 1, **fields: str) -> None:
        self._done += steps
        self._fields.update(fields)
        if self._clock() - self._spoke < _SECONDS_BETWEEN_LINES or self._done >= self._total:
            return
        self._spoke = self._clock()
        left = self.elapsed * (self._total - self._done) / self._done if self._done else 0.0
        self._note(f"{self.state()}, {left:.0f} s left")


class TerminalProgress:
    """Draws live bars with rich; bars that overlap share one display.

    Args:
        console: the terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._display: RichDisplay | None = None

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Bar]:
        """Yield a bar on the terminal.

        Args:
            label: what is being done.
            total: how many steps it has.
        """
        outermost = self._display is None
        display = self._display = self._display or _display(self._console)
        if outermost:
            display.start()
        try:
            yield _TerminalBar(display, display.add_task(label, total=total, fields=""))
        finally:
            if outermost:
                display.stop()
                self._display = None

    def note(self, message: str) -> None:
        """Print one line, above the bars if there are any."""
        self._console.print(message, markup=False, highlight=False)


class _TerminalBar:
    def __init__(self, display: RichDisplay, task: TaskID) -> None:
        self._display, self._task = display, task
        self._fields: dict[str, str] = {}

    def advance(self, steps: int = 1, **fields: str) -> None:
        self._fields.update(fields)
        self._display.update(self._task, advance=steps, fields=_joined("", self._fields))


def _display(console: Console) -> RichDisplay:
    """Return label, bar, count, time left and fields, in this order."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("{task.fields[fields]}", style="dim", markup=False),
        console=console,
    )


def _joined(start: str, fields: Mapping[str, str]) -> str:
    """Return ``start`` followed by the fields, such as ``loss 1.23``."""
    shown = [f"{name.replace('_', ' ')} {value}" for name, value in fields.items()]
    return ", ".join([start, *shown] if start else shown)
