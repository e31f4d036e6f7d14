"""Callbacks of a training: progress bar, log and checkpoints."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback
from transformers.trainer_callback import ExportableState

from recexplainer.records import Bar, Progress
from recexplainer.runs.memory import release_memory
from recexplainer.surrogate.corpus.batches import LengthBatches
from recexplainer.surrogate.model.process_group import as_the_first_says
from recexplainer.surrogate.model.training_settings import TrainingPoint

__all__ = ["Recorder"]

_SECONDS_BETWEEN_RELEASES = 60.0
"""It costs most of a second: what is given back is soon asked for again."""


class Recorder(TrainerCallback, ExportableState):
    """Moves the progress bar, asks for checkpoints, and keeps ``log.jsonl``.

    A resumed run continues the log. Of several processes only the first writes, and its clock
    alone decides when all of them save.

    Args:
        path: the log.
        batches: what is trained on.
        save_every: seconds between checkpoints.
        written_by: kept in every checkpoint: who can read it.
        progress: where to report.
    """

    bar: Bar

    def __init__(
        self,
        path: Path,
        batches: LengthBatches,
        save_every: float,
        written_by: dict[str, Any],
        progress: Progress,
    ) -> None:
        self.path, self.batches, self.progress = path, batches, progress
        self.save_every, self.written_by = save_every, written_by
        self.tokens = torch.tensor([batches.lengths[b].sum() for b in batches.batches()])

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps of this object."""
        return {"args": {}, "attributes": self.written_by}

    def on_train_begin(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """Drop log lines past the checkpoint."""
        kept = [point for point in self.curve() if point.step <= state.global_step]
        if state.is_world_process_zero:
            self.path.write_text("".join(f"{point.model_dump_json()}\n" for point in kept), "utf-8")
        self.before = kept[-1].seconds if kept else 0.0
        self.last_step, self.clock = state.global_step, time.perf_counter()
        self.started = self.saved = self.released = self.clock
        self.fields: dict[str, str] = {}
        if state.global_step:
            self.progress.note(f"training continues at step {state.global_step}")

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Move the bar by one step, and ask for a checkpoint when one is due.

        The last step has none: what was trained is written next, and the trainer would make one
        step more after a checkpoint that leaves it none.
        """
        self.bar.advance(1, **self.fields)
        left, now = state.global_step < state.max_steps, time.perf_counter()
        if as_the_first_says(left and now - self.saved >= self.save_every, args.device):
            self.saved = now
            control.should_save = True
        if now - self.released >= _SECONDS_BETWEEN_RELEASES:
            self.released = now
            release_memory()

    def on_save(self, *_: Any, **__: Any) -> None:
        """Count the time to the next checkpoint from the end of this one, which may be long."""
        self.saved = time.perf_counter()

    def on_log(self, _args: Any, state: Any, _control: Any, logs: Any = None, **_: Any) -> None:
        """Append one point of the curve."""
        if not logs or "loss" not in logs or not state.is_world_process_zero:
            return
        now = time.perf_counter()
        steps = range(self.last_step, state.global_step)
        tokens = sum(int(self.tokens[step % len(self.tokens)]) for step in steps)
        point = TrainingPoint(
            step=state.global_step,
            examples=state.global_step * self.batches.batch_size,
            loss=float(logs["loss"]),
            tokens_per_second=round(tokens / max(now - self.clock, 1e-9), 1),
            seconds=round(self.before + now - self.started, 2),
        )
        with self.path.open("a", encoding="utf-8") as log:
            log.write(point.model_dump_json() + "\n")
        self.last_step, self.clock = state.global_step, now
        self.fields = {"loss": f"{point.loss:.3f}", "tokens/s": f"{point.tokens_per_second:,.0f}"}

    def curve(self) -> tuple[TrainingPoint, ...]:
        """Return the points logged so far; a line torn by a crash is left out."""
        points = []
        for line in self.path.read_text("utf-8").splitlines() if self.path.exists() else ():
            try:
                points.append(TrainingPoint.model_validate(json.loads(line)))
            except ValueError:
                continue
        return tuple(points)
