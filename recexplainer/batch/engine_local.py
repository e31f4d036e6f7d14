"""Engine ``none``: this process makes one shard after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recexplainer.batch.engine import Engine, Lost
from recexplainer.batch.shard_files import ShardRecord
from recexplainer.batch.shard_work import Work

__all__ = ["LocalEngine"]


class LocalEngine(Engine):
    """Works in this process."""

    @property
    def workers(self) -> int:
        """One."""
        return 1

    def trial(self, work: Work, shard: int, count: int) -> tuple[float, float]:
        """See ``Engine``."""
        return work.trial(shard, count)

    def each(self, work: Work, shards: Sequence[int]) -> Iterator[ShardRecord | Lost]:
        """See ``Engine``."""
        return (work.make(shard) for shard in shards)
