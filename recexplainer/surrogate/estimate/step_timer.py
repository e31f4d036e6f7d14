"""Step timer: duration of training steps on this machine, from a few real ones.

They are made by the training's own trainer, on a copy of the model that is thrown away, with
batches of the corpus that differ in length as all of them do.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Sampler
from transformers import TrainerCallback

from recexplainer.runs.memory import release_memory
from recexplainer.surrogate.corpus.batches import RankBatches
from recexplainer.surrogate.model.process_group import as_the_first_says

__all__ = ["StepTimes", "TimedTrainer", "fit_times", "spread", "time_steps"]

_STEPS = 10
_WARM_UP = 2
"""Steps before those that count: the first ones also ask for memory and make the optimizer's."""
_SHARE = 5
"""At most one step in so many is timed: a short training is not worth more."""
_PATIENCE_SECONDS = 60.0
_ROUND_SECONDS = 15.0
"""Rounds that would take longer are timed on a part of their examples, and on half of that by turns
so that what a round costs however few its examples are is told from what each of them costs."""
_FIRST_PART = 0.125

Clock = Callable[[], float]
Steps = Sequence[Sequence[list[int]]]
"""The rounds (micro-batches) of each step, each a list of rows of the corpus."""


class TimedTrainer(Protocol):
    """What is asked of the trainer that makes the timed steps."""

    def train(self) -> Any:
        """Make the steps."""


@dataclass(frozen=True)
class StepTimes:
    """Seconds that steps take: ``fixed + each * positions``.

    Attributes:
        fixed, each: what was fitted to the timed steps.
        timed: how many those were; 0 where only parts of steps were.
        positions: ``(S,)``, tokens, padding included, of all steps in order where their number is
            known, else of a pass; in a shared training, this process's.
    """

    fixed: float
    each: float
    timed: int
    positions: NDArray[np.int64]

    def mean(self, steps: int | None = None) -> float:
        """Return the seconds of a step, averaged over the first ``steps`` of them, or over all."""
        return self.fixed + self.each * float(self.positions[:steps].mean())

    def seconds(self, steps: int) -> NDArray[np.float64]:
        """Return the seconds of each step, ``(steps,)``; past a pass, the same comes again."""
        return np.asarray(self.fixed + self.each * np.resize(self.positions, steps), np.float64)


def time_steps(
    trainer: Callable[[Sampler[list[int]], Sequence[TrainerCallback], int], TimedTrainer],
    share: RankBatches,
    wanted: int | None,
    clock: Clock = time.perf_counter,
) -> StepTimes:
    """Time about ten steps, for a minute at most, or four rounds where these are so slow.

    Of several processes each calls this at once; the first one's clock decides when all stop.

    Args:
        trainer: makes a trainer on a copy of the model, from what yields the rows of each round,
            callbacks, and the number of steps; random numbers that are drawn are given back.
        share: of the batches of a pass, for this process.
        wanted: how many steps the training has; None where that is to be chosen.
        clock: tells seconds.
    """
    batches = share.batch_sampler.batches()[:wanted]
    positions = share.positions(len(batches) if wanted is None else wanted)
    count = _STEPS if wanted is None else min(_STEPS, max(2, wanted // _SHARE))
    chosen = spread(positions[: len(batches)], count)
    steps = [max(chosen, key=positions.__getitem__)] * _WARM_UP + chosen
    watch = _Stopwatch(clock)
    rounds = _Rounds([share.cut(batches[k]) for k in steps], watch)
    with _random_state_kept():
        trainer(rounds, [watch], len(steps)).train()
        release_memory()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    made = rounds.yielded[: len(watch.seconds)]
    yielded = np.array([share.padded(rows) for rows in made])
    return StepTimes(*_fitted(rounds, yielded), positions)


def spread(positions: NDArray[np.int64], count: int) -> list[int]:
    """Return ``count`` of the steps, from short to long as all are, extremes first.

    Each stands for an equal share of the steps and is as long as these are on average, which few
    very long ones can raise; where there are fewer steps, they are taken again.
    """
    order = np.argsort(positions, kind="stable")
    starts = [k * len(order) // count for k in range(count + 1)]
    alike = [order[start : max(start + 1, stop)] for start, stop in pairwise(starts)]
    means = [int(s[np.searchsorted(positions[s], positions[s].mean())]) for s in alike]
    ends = [k // 2 if k % 2 == 0 else count - 1 - k // 2 for k in range(count)]
    return [means[k] for k in ends]


def fit_times(positions: NDArray[Any], seconds: NDArray[Any]) -> tuple[float, float]:
    """Return ``(fixed, each)`` that fit ``seconds`` best, neither of them negative."""
    away = positions - positions.mean()
    spread_of = float((away**2).sum())
    each = max(0.0, float((away * seconds).sum()) / spread_of) if spread_of else 0.0
    fixed = float(seconds.mean()) - each * float(positions.mean())
    if fixed < 0:
        return 0.0, float(seconds.sum() / positions.sum())
    return fixed, each


def _fitted(rounds: _Rounds, positions: NDArray[np.int64]) -> tuple[float, float, int]:
    """Return ``(fixed, each, timed)`` of a step: from whole ones, or from parts of their rounds.

    In a round of one example, reading the weights takes most of the time: what it says of a whole
    one in proportion is several times too much.

    Args:
        rounds: with what their stopwatch saw.
        positions: of each round that was made.
    """
    seconds, parts = np.array(rounds.watch.seconds), rounds.watch.parts
    ends = np.cumsum([len(step) for step in rounds.steps])
    ends = ends[ends <= len(seconds)]
    timed, first = len(ends) - _WARM_UP, ends[_WARM_UP - 1 : _WARM_UP].sum()
    if timed >= 2 and min(parts[first : ends[-1]]) == 1.0:
        steps = ends[_WARM_UP - 1 : -1]
        sums = (np.add.reduceat(found[: ends[-1]], steps) for found in (positions, seconds))
        return *fit_times(*sums), timed
    fixed, each = fit_times(positions[first:], seconds[first:])
    return fixed * len(rounds) / len(rounds.steps), each, 0


class _Stopwatch(TrainerCallback):
    """Times every round, and ends the training when it has been patient enough.

    Attributes:
        seconds: of each round that was made.
        parts: of each round that was handed out: how much of its examples.
        part: how much of their examples the next rounds are to have.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock, self.seconds, self.parts = clock, list[float](), list[float]()
        self.part = _FIRST_PART

    def on_train_begin(self, args: Any, *_: Any, **__: Any) -> None:
        """Start the clock."""
        self.last = self._now(args)

    def on_substep_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Take the time of a round that is not its step's last."""
        self._take(args, control, warming_up=state.global_step < _WARM_UP)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Take the time of a step's last round, and of the update."""
        self._take(args, control, warming_up=state.global_step <= _WARM_UP)

    def _take(self, args: Any, control: Any, *, warming_up: bool) -> None:
        self.seconds.append(self._now(args) - self.last)
        count = len(self.seconds)
        if warming_up:
            whole = self.seconds[-1] / self.parts[count - 1]
            self.part = min(1.0, _ROUND_SECONDS / max(whole, 1e-9))
        impatient = count >= _WARM_UP + 2 and sum(self.seconds) > _PATIENCE_SECONDS
        if as_the_first_says(impatient, args.device):
            control.should_training_stop = True
        self.last = self._now(args)

    def _now(self, args: Any) -> float:
        if args.device.type == "cuda":
            torch.cuda.synchronize()
        return self.clock()


class _Rounds(Sampler[list[int]]):
    """Yields the rounds of ``steps``, of slow ones a part, as the stopwatch says meanwhile."""

    def __init__(self, steps: Steps, watch: _Stopwatch) -> None:
        self.steps, self.watch = steps, watch
        self.yielded: list[list[int]] = []

    def __len__(self) -> int:
        return sum(len(step) for step in self.steps)

    def __iter__(self) -> Iterator[list[int]]:
        warm_up = sum(map(len, self.steps[:_WARM_UP]))
        for number, rows in enumerate(rows for step in self.steps for rows in step):
            halved = self.watch.part < 1.0 and number >= warm_up and number % 2 == 1
            part = self.watch.part / 2 if halved else self.watch.part
            kept = max(1, round(part * len(rows))) if rows else 0
            places = np.linspace(len(rows) - 1, 0, kept).astype(int)  # the longest is the last
            self.yielded.append([rows[place] for place in places])
            self.watch.parts.append(kept / len(rows) if rows else 1.0)
            yield self.yielded[-1]


@contextmanager
def _random_state_kept() -> Iterator[None]:
    """Give back the state of every generator that a trainer seeds."""
    plain, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002  # others use it
    with torch.random.fork_rng():
        try:
            yield
        finally:
            random.setstate(plain)
            np.random.set_state(legacy)  # noqa: NPY002
