"""Pool of runs: each in a process of its own, several at a time, none twice for what they share."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from recexplainer.config import dump_config
from recexplainer.errors import RunFolderError
from recexplainer.pipeline.ablation.ablation_plan import AblationPlan
from recexplainer.pipeline.ablation.pool_size import PoolSize
from recexplainer.pipeline.ablation.shared_stages import take_over
from recexplainer.pipeline.ablation.variant_runs import VariantRun
from recexplainer.records import Bar, Progress
from recexplainer.runs.artifacts import read_text
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.steps import Stage
from recexplainer.surrogate.training.parent_watch import environment_of_workers

__all__ = ["LOGS", "RunPool", "is_finished"]

LOGS = "logs"
"""Folder with what each run has to say."""
_WORKER = "recexplainer.pipeline.ablation.variant_worker"
_SECONDS_BETWEEN_LOOKS = 0.3
_SECONDS_TO_END = 30
_TRIES = 20
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass
class _Running:
    run: VariantRun
    process: subprocess.Popen[bytes]
    began: float = field(default_factory=time.monotonic)
    stage: str = ""


class RunPool:
    """Does all runs of an ablation.

    A run waits while another one is making what both need, and takes that over when it is done.

    Args:
        plan: the runs.
        size: how many at a time.
        command: how the ablation was asked for, for the runs' reports.
        progress: told what begins and ends.
    """

    def __init__(
        self, plan: AblationPlan, size: PoolSize, command: str, progress: Progress
    ) -> None:
        self._plan, self._size, self._command = plan, size, command
        self._progress = progress
        self._running: list[_Running] = []
        self.failures: dict[str, str] = {}
        """Run name to what went wrong."""

    def finish(self) -> None:
        """Do every run that is not finished; one that fails is noted, and the others go on."""
        waiting = [run for run in self._plan.runs if not is_finished(self._plan, run)]
        (self._plan.out / LOGS).mkdir(exist_ok=True)
        with self._progress.bar("runs", len(self._plan.runs)) as bar:
            bar.advance(len(self._plan.runs) - len(waiting))
            try:
                while waiting or self._running:
                    self._reap(bar)
                    for run in self._startable(waiting):
                        waiting.remove(run)
                        self._start(run, bar)
                    time.sleep(_SECONDS_BETWEEN_LOOKS)
            finally:
                self._end_all()

    def _startable(self, waiting: list[VariantRun]) -> Iterator[VariantRun]:
        """Yield runs for which there is room, and nothing to wait for."""
        for run in list(waiting):
            if len(self._running) >= self._size.workers:
                return
            if not self._is_held_up(run):
                yield run

    def _is_held_up(self, run: VariantRun) -> bool:
        """Whether a run that goes on is about to make what this one needs."""
        coming = {
            stage.fingerprint
            for one in self._running
            for stage in self._plan.stages(one.run)
            if not stage.done
        }
        made = {stage.fingerprint for stage in self._all_stages() if stage.done} if coming else ()
        needed = {stage.fingerprint for stage in self._plan.stages(run)}
        return bool(needed & coming - set(made))

    def _all_stages(self) -> Iterator[Stage]:
        for run in self._plan.runs:
            yield from self._plan.stages(run)

    def _start(self, run: VariantRun, bar: Bar) -> None:
        plan = self._plan
        try:
            folder = RunFolder.create(plan.out / run.name)
            with _lock_soon(folder):
                folder.write_config(dump_config(run.config))
                copied = take_over(plan.stages(run), self._all_stages())
        except (RunFolderError, OSError) as error:
            self._fail(run, str(error), bar)
            return
        has = f", with {', '.join(stage.name for stage in copied)} of another run" if copied else ""
        self._progress.note(f"{run.name}: begins{has}")
        until = [] if plan.until is None else [plan.until]
        with self._log(run).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603  # our own
                [sys.executable, "-m", _WORKER, str(folder.path), self._command, *until],
                env=environment_of_workers() | dict.fromkeys(_THREADS, str(self._size.threads)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # an interrupt from the terminal is passed on once, by us
            )
        self._running.append(_Running(run, process))

    def _reap(self, bar: Bar) -> None:
        """Note what began and ended since the last look."""
        for one in list(self._running):
            code = one.process.poll()
            if code is None:
                self._note_stage(one)
                continue
            self._running.remove(one)
            seconds = time.monotonic() - one.began
            if code == 0:
                self._progress.note(f"{one.run.name}: done in {seconds:.0f} s")
                bar.advance()
            else:
                self._fail(one.run, _last_words(self._log(one.run), code), bar)

    def _note_stage(self, one: _Running) -> None:
        left = (stage.name for stage in self._plan.stages(one.run) if not stage.done)
        stage = next(left, "report")
        if stage != one.stage:
            one.stage = stage
            self._progress.note(f"{one.run.name}: {stage}")

    def _fail(self, run: VariantRun, message: str, bar: Bar) -> None:
        self.failures[run.name] = message
        self._progress.note(f"{run.name}: failed: {message}")
        bar.advance()

    def _log(self, run: VariantRun) -> Path:
        return self._plan.out / LOGS / f"{run.name}.log"

    def _end_all(self) -> None:
        """End what still goes on, since this process was interrupted."""
        for one in self._running:
            one.process.send_signal(signal.SIGINT)
        for one in self._running:
            try:
                one.process.wait(_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                one.process.kill()
        self._running.clear()


@contextmanager
def _lock_soon(folder: RunFolder) -> Iterator[None]:
    """Hold the folder; a process whose starter was killed may need a moment to let go of it."""
    for _ in range(_TRIES):
        with suppress(RunFolderError), folder.lock():
            yield
            return
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    with folder.lock():
        yield


def is_finished(plan: AblationPlan, run: VariantRun) -> bool:
    """Whether a run is done as it is asked for, its report included."""
    folder = RunFolder(plan.out / run.name)
    if not folder.config_path.is_file() or read_text(folder.config_path) != dump_config(run.config):
        return False
    if not all(stage.done for stage in plan.stages(run)):
        return False
    return plan.until is not None or (folder.path / "report.json").is_file()


def _last_words(log: Path, code: int) -> str:
    """Return what a process said before it failed, on one line."""
    text = log.read_text(encoding="utf-8", errors="replace")
    _, found, told = text.rpartition("recx: ")
    lines = told.split() if found else text.strip().rpartition("\n")[2].split()
    return " ".join(lines) or f"it ended with exit code {code}; {shlex.quote(os.fspath(log))}"
