"""Engine: who makes the shards. What they hold is the same whoever it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from recexplainer.batch.shard_files import ShardRecord
from recexplainer.batch.shard_work import Work

__all__ = ["Engine", "Lost"]


@dataclass(frozen=True, slots=True)
class Lost:
    """A shard that was set aside.

    Attributes:
        shard: its number.
        deaths: how many workers died of it.
    """

    shard: int
    deaths: int


class Engine(ABC):
    """Makes shards; a context manager that ends its workers with it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    @property
    @abstractmethod
    def workers(self) -> int:
        """How many shards are made at a time."""

    @abstractmethod
    def trial(self, work: Work, shard: int, count: int) -> tuple[float, float]:
        """Return the seconds and bytes that one worker takes per user; see ``Work.trial``."""

    @abstractmethod
    def each(self, work: Work, shards: Sequence[int]) -> Iterator[ShardRecord | Lost]:
        """Yield each shard when it is made or set aside, in any order.

        Raises:
            RecxError: a worker could not go on, for a reason that is no single user's.
        """
