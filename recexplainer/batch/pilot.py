"""Pilot: what the whole will take, told by explaining to a few first."""

from __future__ import annotations

from dataclasses import dataclass

from recexplainer.batch.engine import Engine
from recexplainer.batch.shard_work import Work

__all__ = ["Pilot", "piloted"]

_USERS = 64


@dataclass(frozen=True, slots=True)
class Pilot:
    """What some users took, and what all will take at this rate.

    Attributes:
        users: whom it is told for: the rows of the shards that are not done.
        workers: how many work at a time.
        seconds_per_user: of one worker.
        bytes_per_user: on disk.
    """

    users: int
    workers: int
    seconds_per_user: float
    bytes_per_user: float

    @property
    def hours(self) -> float:
        """How long all will take."""
        return self.users * self.seconds_per_user / self.workers / 3600

    def told(self) -> str:
        """Return it as a sentence."""
        took = f"{self.hours * 60:.1f} minutes" if self.hours < 1 else f"{self.hours:.1f} hours"
        return (
            f"pilot: {1 / self.seconds_per_user:.1f} users per second and worker, "
            f"{self.bytes_per_user / 1000:.1f} kB per user; {self.users:,} users on "
            f"{self.workers} worker{'s' if self.workers > 1 else ''} take about {took} and "
            f"{self.users * self.bytes_per_user / 1e6:,.1f} MB"
        )


def piloted(engine: Engine, work: Work, shard: int, users: int) -> Pilot | None:
    """Return what explaining to so many users will take; None where they are few.

    Args:
        engine: who works.
        work: what is made.
        shard: whose first users are taken.
        users: how many there are in all.
    """
    if users < 4 * _USERS:
        return None
    seconds, size = engine.trial(work, shard, _USERS)
    return Pilot(users, engine.workers, seconds, size)
