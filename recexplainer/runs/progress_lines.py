"""Progress of long work: live bars on a terminal, plain lines in a log file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichDisplay

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
    def bar(
        self, label: str, total: int, *, sizes: Sequence[float] | None = None, done: int = 0
    ) -> Iterator[Bar]:
        """Yield a bar that writes lines.

        Args:
            label: what is being done.
            total: how many steps it has.
            sizes: how long each takes beside the others, ``(total,)``; alike if None.
            done: steps that were made before.
        """
        bar = _PlainBar(self.note, self._clock, label, _Work(total, done, sizes))
        if not total:  # nothing to be done is nothing to be said
            yield bar
            return
        self.note(bar.state())
        try:
            yield bar
        except BaseException:
            self.note(f"{bar.state()}, stopped after {_span(bar.elapsed)}")
            raise
        self.note(f"{bar.state()}, took {_span(bar.elapsed)}")

    def note(self, message: str) -> None:
        """Write one line."""
        self._stream.write(f"{message}\n")
        self._stream.flush()


class _PlainBar:
    def __init__(
        self, note: Callable[[str], None], clock: Callable[[], float], label: str, work: _Work
    ) -> None:
        self._note, self._clock = note, clock
        self._label, self._work = label, work
        self._fields: dict[str, str] = {}
        self._began = self._spoke = clock()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._began

    def state(self) -> str:
        """Return the label, the count and the fields."""
        return _joined(f"{self._label}: {self._work.done} of {self._work.total}", self._fields)

    def advance(self, steps: int = 1, **fields: str) -> None:
        work = self._work
        work.done += steps
        self._fields.update(fields)
        if self._clock() - self._spoke < _SECONDS_BETWEEN_LINES or work.done >= work.total:
            return
        self._spoke = self._clock()
        left = f", {_span(self.elapsed * work.left / work.made)} left" if work.made else ""
        self._note(f"{self.state()}{left}")


class TerminalProgress:
    """Draws live bars with rich; bars that overlap share one display.

    Args:
        console: the terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._display: RichDisplay | None = None

    @contextmanager
    def bar(
        self, label: str, total: int, *, sizes: Sequence[float] | None = None, done: int = 0
    ) -> Iterator[Bar]:
        """Yield a bar on the terminal, filled by the work that is done.

        Args:
            label: what is being done.
            total: how many steps it has.
            sizes: how long each takes beside the others, ``(total,)``; alike if None.
            done: steps that were made before.
        """
        if not total:
            yield _TerminalBar(_display(self._console), label, _Work(total, done, sizes))
            return
        outermost = self._display is None
        display = self._display = self._display or _display(self._console)
        if outermost:
            display.start()
        try:
            yield _TerminalBar(display, label, _Work(total, done, sizes))
        finally:
            if outermost:
                display.stop()
                self._display = None

    def note(self, message: str) -> None:
        """Print one line, above the bars if there are any."""
        self._console.print(message, markup=False, highlight=False)


class _TerminalBar:
    def __init__(self, display: RichDisplay, label: str, work: _Work) -> None:
        self._display, self._work = display, work
        self._fields: dict[str, str] = {}
        self._task = display.add_task(label, total=work.size(work.total), count="", fields="")
        self.advance(0)

    def advance(self, steps: int = 1, **fields: str) -> None:
        self._fields.update(fields)
        self._work.done += steps
        work = self._work
        self._display.update(
            self._task,
            completed=work.size(work.done),
            count=f"{work.done}/{work.total}",
            fields=_joined("", self._fields),
        )


class _Work:
    """Steps of a bar, and how much of the work those are that are made.

    Args:
        total: steps in all.
        done: made before.
        sizes: of each step; alike if None.
    """

    def __init__(self, total: int, done: int, sizes: Sequence[float] | None) -> None:
        self.total, self.done, self._before = total, done, done
        self._ends = None if sizes is None else [0.0, *accumulate(sizes)]

    def size(self, steps: int) -> float:
        """Return the size of the first ``steps`` together; what goes past the last has none."""
        return float(steps) if self._ends is None else self._ends[min(steps, self.total)]

    @property
    def made(self) -> float:
        """Size of the steps since the start of the bar."""
        return self.size(self.done) - self.size(self._before)

    @property
    def left(self) -> float:
        """Size of the steps to come."""
        return self.size(self.total) - self.size(self.done)


def _display(console: Console) -> RichDisplay:
    """Return label, bar, count, time left and fields, in this order."""
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[count]}", style="progress.download", markup=False),
        TimeRemainingColumn(elapsed_when_finished=True),
        TextColumn("{task.fields[fields]}", style="dim", markup=False),
        console=console,
    )


def _span(seconds: float) -> str:
    """Return a time that is read at a glance, such as ``90 s``, ``12 min`` or ``3.5 h``."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _joined(start: str, fields: Mapping[str, str]) -> str:
    """Return ``start`` followed by the fields, such as ``loss 1.23``."""
    shown = [f"{name.replace('_', ' ')} {value}" for name, value in fields.items()]
    return ", ".join([start, *shown] if start else shown)
