"""Size of a pool of runs: how many at a time, and with how many threads each."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from recexplainer.pipeline.ablation.ablation_plan import AblationPlan
from recexplainer.runs.artifacts import read_json, write_json
from recexplainer.surrogate.model.training_settings import SurrogateSettings

__all__ = ["PoolSize", "pool_size"]

_KEPT = "pool.json"
_BESIDE_TRAINING = 1.5
"""Gigabytes that a run takes besides its training: libraries, data, the target."""
_ROWS = 8
"""Rows of a round whose memory is counted: before there is a corpus every row counts as full, and
where memory is short, training makes rounds of fewer rows by itself."""


@dataclass(frozen=True)
class PoolSize:
    """How many runs go on at a time.

    Attributes:
        workers: runs at a time.
        threads: CPU threads of each.
        reason: why not more, in words.
    """

    workers: int
    threads: int
    reason: str = ""

    @property
    def words(self) -> str:
        """The size in words."""
        runs = "1 run" if self.workers == 1 else f"{self.workers} runs"
        threads = "1 thread" if self.threads == 1 else f"{self.threads} threads"
        return f"{runs} at a time, {threads} each{self.reason and ': '}{self.reason}"

    def keep(self, out: Path) -> None:
        """Keep the number of threads for when the same command goes on."""
        write_json(out / _KEPT, {"threads": self.threads})


def pool_size(plan: AblationPlan, asked: int | None) -> PoolSize:
    """Return how many runs go on at a time here.

    Sums in floating point depend a little on the number of threads, so all runs of an ablation
    have as many as the first had, whatever was asked for since.

    Args:
        plan: what is run.
        asked: how many at a time; None leaves it to the cores and the memory that are free.
    """
    cores = len(os.sched_getaffinity(0))
    workers, reason = (asked, "") if asked else _fitting(plan, cores)
    workers = min(workers, len(plan.runs))
    kept = plan.out / _KEPT
    threads = read_json(kept)["threads"] if kept.exists() else max(1, cores // workers)
    return PoolSize(workers, threads, reason)


def _fitting(plan: AblationPlan, cores: int) -> tuple[int, str]:
    """Return how many runs fit this machine, and what limits them where it is not the cores."""
    import psutil

    from recexplainer.surrogate.estimate.training_estimate import estimate
    from recexplainer.surrogate.model.compute_type import choose_device

    configs = [run.config for run in plan.runs]
    if any(config.training.minutes is not None for config in configs):
        return 1, "training.minutes counts time, which runs side by side would take from each other"
    if any(config.training.processes > 1 for config in configs):
        return 1, "each run trains in several processes"
    if any(choose_device(config.surrogate.device) == "cuda" for config in configs):
        return 1, "the runs share a GPU; --workers N lets more of them on it"
    each = 0.0
    for checked in plan.checked.values():
        settings = SurrogateSettings.of(checked.plan.config, checked.plan.recipe)
        small = settings.model_copy(update={"micro_batch_size": _ROWS})
        gigabytes = estimate(small, 1, None).gigabytes
        if gigabytes is None:
            return 1, "the memory that a run takes is not known"
        each = max(each, gigabytes + _BESIDE_TRAINING)
    free = psutil.virtual_memory().available / 1e9
    fitting = max(1, int(free / each))
    if fitting >= cores:
        return cores, ""
    return fitting, f"each takes about {each:.0f} GB, and {free:.0f} GB are free"
