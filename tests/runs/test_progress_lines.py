import io
import sys

import pytest
from rich.console import Console

from recexplainer.runs.progress_lines import PlainProgress, TerminalProgress, console_progress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def plain() -> tuple[PlainProgress, io.StringIO, Clock]:
    stream, clock = io.StringIO(), Clock()
    return PlainProgress(stream, clock), stream, clock


def test_plain_lines_come_at_the_start_each_ten_seconds_and_at_the_end() -> None:
    progress, stream, clock = plain()
    with progress.bar("training", 100) as bar:
        for step in range(100):
            clock.now += 0.25
            bar.advance(loss=f"{step / 100:.2f}", tokens_per_second="500")
    assert stream.getvalue().splitlines() == [
        "training: 0 of 100",
        "training: 40 of 100, loss 0.39, tokens per second 500, 15 s left",
        "training: 80 of 100, loss 0.79, tokens per second 500, 5 s left",
        "training: 100 of 100, loss 0.99, tokens per second 500, took 25 s",
    ]


def test_time_left_counts_how_long_the_steps_to_come_are() -> None:
    """Steps take as many seconds as their sizes say: 1 to 40, of which 820 s are the sum."""
    progress, stream, clock = plain()
    sizes = range(1, 41)
    with progress.bar("training", 40, sizes=sizes) as bar:
        for size in sizes:
            clock.now += size
            bar.advance()
    lines = stream.getvalue().splitlines()
    assert lines[1:3] == ["training: 4 of 40, 14 min left", "training: 6 of 40, 13 min left"]
    assert lines[-2:] == ["training: 39 of 40, 40 s left", "training: 40 of 40, took 14 min"]


def test_time_left_counts_no_step_that_was_made_before() -> None:
    progress, stream, clock = plain()
    with progress.bar("training", 100, done=80) as bar:
        clock.now += 12
        bar.advance(5)
        clock.now += 12
        bar.advance(5)
    assert stream.getvalue().splitlines()[:3] == [
        "training: 80 of 100",
        "training: 85 of 100, 36 s left",
        "training: 90 of 100, 24 s left",
    ]


def test_a_terminals_bar_is_filled_by_sizes_and_counts_steps() -> None:
    stream = io.StringIO()
    progress = TerminalProgress(Console(file=stream, force_terminal=True, width=120))
    with progress.bar("training", 3, sizes=[1.0, 1.0, 6.0], done=1) as bar:
        bar.advance(1)
        (task,) = bar._display.tasks
        assert (task.completed, task.total) == (2.0, 8.0)
        bar.advance(1)
        assert task.finished
    assert "3/3" in stream.getvalue()


def test_long_times_are_told_in_minutes_and_hours() -> None:
    progress, stream, clock = plain()
    with progress.bar("grades", 120) as bar:
        clock.now += 90
        bar.advance()
        clock.now += 6
        bar.advance(118)
        clock.now += 7200
        bar.advance(0)
    assert stream.getvalue().splitlines() == [
        "grades: 0 of 120",
        "grades: 1 of 120, 3.0 h left",  # 119 times 90 seconds
        "grades: 119 of 120, 61 s left",  # one in 119 of 7,296 seconds
        "grades: 119 of 120, took 2.0 h",
    ]


def test_a_bar_that_is_interrupted_says_where() -> None:
    progress, stream, clock = plain()

    def work() -> None:
        with progress.bar("asking", 4) as bar:
            bar.advance(3)
            clock.now += 7
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert stream.getvalue().splitlines()[-1] == "asking: 3 of 4, stopped after 7 s"


def test_nothing_to_do_is_not_told() -> None:
    progress, stream, clock = plain()
    with progress.bar("asking", 0) as bar:
        clock.now += 11
        bar.advance(0)
    progress.note("done")
    assert stream.getvalue().splitlines() == ["done"]


def test_nothing_to_do_is_not_drawn() -> None:
    stream = io.StringIO()
    progress = TerminalProgress(Console(file=stream, force_terminal=True, width=120))
    with progress.bar("asking", 0) as bar:
        bar.advance(0, loss="1")
    assert stream.getvalue() == ""


def test_a_terminal_shows_label_count_and_fields_and_bars_may_overlap() -> None:
    stream = io.StringIO()
    progress = TerminalProgress(Console(file=stream, force_terminal=True, width=120))
    with progress.bar("epochs [1]", 2) as outer, progress.bar("steps", 3) as inner:
        inner.advance(2, loss="1.23")
        inner.advance(1, rate="7")
        progress.note("a [bold] remark")
        outer.advance()
    with progress.bar("after", 1) as bar:
        bar.advance()
    shown = stream.getvalue()
    for text in (
        "epochs [1]",
        "1/2",
        "3/3",
        "loss 1.23, rate 7",
        "a [bold] remark",
        "after",
        "1/1",
    ):
        assert text in shown


def test_a_log_file_gets_lines_and_a_terminal_bars(monkeypatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert isinstance(console_progress(), PlainProgress)
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert isinstance(console_progress(), TerminalProgress)
