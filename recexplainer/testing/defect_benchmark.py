"""Benchmark of an audit: what it says of twelve planted defects and of their sound twins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from recexplainer.audit.probes import bugs_of
from recexplainer.audit.subject import Subject, drawn_contexts
from recexplainer.oracle import Oracle
from recexplainer.plugins.interfaces import Target
from recexplainer.testing.planted_defects import DEFECTS, Defect
from recexplainer.testing.planted_target import World
from recexplainer.testing.planted_world import (
    MAX_HISTORY,
    planted_log,
    planted_split,
    recency_target,
    trained_sasrec,
)

__all__ = ["DefectResult", "benchmark", "recency_world", "sasrec_world", "subject_of"]


@dataclass(frozen=True)
class DefectResult:
    """What an audit said of one defect and of its twin.

    Attributes:
        defect: which.
        alarms: names of the probes that gave an alarm on the broken target, the first to look at
            first.
        false_alarms: the same on the twin, without those of the target before anything was planted.
        known: alarms of the sound target itself.
    """

    defect: Defect
    alarms: tuple[str, ...]
    false_alarms: tuple[str, ...]
    known: tuple[str, ...] = ()

    @property
    def found(self) -> bool:
        """Whether the right probe gave an alarm, in any place."""
        return self.defect.probe in self.alarms

    @property
    def first(self) -> bool:
        """Whether it is the first one."""
        return self.alarms[:1] == (self.defect.probe,)


def recency_world(seed: int) -> World:
    """Return the world of a seed with a linear target: no training to wait for."""
    log = planted_log(seed)
    return World(log, planted_split(log, seed), recency_target(log, seed), MAX_HISTORY)


def sasrec_world(seed: int) -> World:
    """Return the same world with a small SASRec that is trained on it."""
    log = planted_log(seed)
    return World(log, planted_split(log, seed), trained_sasrec(log, seed), MAX_HISTORY)


def subject_of(world: World, target: Target, users: int = 300) -> Subject:
    """Return what is audited: ``target`` on the world's data."""
    return Subject(
        Oracle(target, world.catalogue),
        world.log,
        world.split,
        world.max_history,
        drawn_contexts(world.split, users, 0),
        sequential=True,
    )


def benchmark(world: World, defects: Iterable[Defect] = DEFECTS) -> Iterator[DefectResult]:
    """Audit each defect and its twin, and yield what was said."""
    known = _alarms(world, world.target)
    for defect in defects:
        twin = _alarms(world, defect.twin(world))
        false = tuple(name for name in twin if name not in known)
        yield DefectResult(defect, _alarms(world, defect.broken(world)), false, known)


def _alarms(world: World, target: Target) -> tuple[str, ...]:
    return tuple(one.probe for one in bugs_of(subject_of(world, target)) if one.alarm)
