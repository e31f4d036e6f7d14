"""Work of one process: it loads a run once and makes one shard after another."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from recexplainer.batch.explained_shard import ShardExplainer
from recexplainer.batch.job import Job
from recexplainer.batch.shard_files import ShardRecord
from recexplainer.batch.shards import SharedUsers
from recexplainer.runs.artifacts import read_json
from recexplainer.runs.quiet import quiet_libraries

__all__ = ["Work"]

_WARM_UP = 8
_THREADS = "OMP_NUM_THREADS"


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker is sent.

    Attributes:
        job: what is made.
        shared: the users of each shard.
    """

    job: Job
    shared: SharedUsers

    @quiet_libraries()
    def make(self, shard: int) -> ShardRecord:
        """Make one shard, unless it is there; return what is known of it."""
        known = self.job.folder.done(shard)
        if known is not None:
            return known
        explainer = _explainer(self.job)
        users, began = self.shared.rows(shard), time.perf_counter()
        with _one_thread():
            table = explainer.table(users)
        seconds = time.perf_counter() - began
        return self.job.folder.write(shard, table, users=len(users), seconds=seconds)

    @quiet_libraries()
    def trial(self, shard: int, count: int) -> tuple[float, float]:
        """Explain some users of a shard and write nothing.

        Returns:
            Seconds and bytes in memory, per user; those for loading the run are not counted.
        """
        explainer, users = _explainer(self.job), self.shared.rows(shard)
        with _one_thread():
            explainer.table(users[:_WARM_UP])
            began = time.perf_counter()
            table = explainer.table(users[:count])
        asked = len(users[:count])
        return (time.perf_counter() - began) / asked, _written_bytes(table) / asked


def _written_bytes(table: Any) -> int:
    """Return how many bytes the table takes as a file."""
    import pyarrow as pa  # type: ignore[import-untyped]
    from pyarrow import parquet

    sink = pa.BufferOutputStream()
    parquet.write_table(table, sink, compression="zstd")
    return int(sink.getvalue().size)


@lru_cache(maxsize=1)
def _explainer(job: Job) -> ShardExplainer:
    fingerprint = read_json(job.folder.job)["fingerprint"]
    return ShardExplainer(job.opened(), fingerprint, job.top, job.instruction)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Compute on one thread: more add up in another order, so that last digits would differ."""
    from threadpoolctl import threadpool_limits

    from recexplainer.surrogate.model.cpu_threads import on_threads

    before = os.environ.get(_THREADS)
    os.environ[_THREADS] = "1"  # read by libraries that are loaded only now
    try:
        with on_threads(1), threadpool_limits(1):
            yield
    finally:
        if before is None:
            del os.environ[_THREADS]
        else:
            os.environ[_THREADS] = before
