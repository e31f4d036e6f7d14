"""Schedule of a corpus: which contexts each task is asked about, and how often."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recexplainer.alignment.seeded_draws import generator
from recexplainer.plugins.interfaces import AlignmentTask
from recexplainer.records import Context

__all__ = [
    "Schedule",
    "Times",
    "asks_about_contexts",
    "balance_shares",
    "item_passes",
    "schedule",
    "times_asked",
]

Times = NDArray[np.uint16]
"""``(N,)``, how often a task is asked about each context; two bytes each, as there are many."""

_CONTEXTS_PER_USER = 103.0
"""Of ml-100k, on which the default weights of the tiny backbone were chosen."""


@dataclass(frozen=True)
class Schedule:
    """What every task of a corpus is asked about.

    Attributes:
        tasks: those that have something to offer, with their weights.
        times: name to how often each context is asked about, for those that ask about contexts.
    """

    tasks: Sequence[tuple[AlignmentTask, float]]
    times: Mapping[str, Times]

    def thinned(self, share: float, seed: int) -> Schedule:
        """Return a random part of the questions: each, of every task, is as likely to be in it.

        Args:
            share: how many of them, up to chance, as a part of 1.
            seed: of the draws.
        """
        tasks = [(task, weight * share) for task, weight in self.tasks]
        times = {
            name: generator(seed, "thinned", name).binomial(drawn, share).astype(drawn.dtype)
            for name, drawn in self.times.items()
        }
        return Schedule(tasks, times)


def schedule(
    tasks: Sequence[tuple[AlignmentTask, float]],
    adapted: Collection[str],
    contexts: Sequence[Context],
    seed: int,
) -> Schedule:
    """Return what ``tasks`` are asked about; arguments as of ``build_training``."""
    offering = [(task, weight) for task, weight in tasks if task.skipped() is None]
    about_contexts = {task.name for task, _ in offering if asks_about_contexts(task)}
    users = len({context.user for context in contexts})
    balanced = balance_shares(offering, about_contexts & set(adapted), len(contexts), users)
    times = {
        task.name: times_asked(task, weight, contexts, seed)
        for task, weight in balanced
        if task.name in about_contexts
    }
    return Schedule(balanced, times)


def asks_about_contexts(task: AlignmentTask) -> bool:
    """Whether ``task`` makes examples of contexts at all."""
    return type(task).on_contexts is not AlignmentTask.on_contexts


def balance_shares(
    tasks: Sequence[tuple[AlignmentTask, float]],
    adapted: Collection[str],
    contexts: int,
    users: int,
) -> list[tuple[AlignmentTask, float]]:
    """Return weights that keep tasks about users from crowding out those about contexts.

    A weight counts contexts for most tasks, but users for ``per_user`` ones, whose share of all
    questions therefore grows as histories get shorter. How often they ask for one question of the
    others becomes the geometric mean of that and of what it is on ml-100k. As many questions are
    asked as before.

    Args:
        tasks: tasks about contexts, with their weights.
        adapted: names of those whose weights may be changed.
        contexts: how many training contexts there are.
        users: how many users they are of.
    """
    own = [(task, weight) for task, weight in tasks if task.name in adapted]
    if not (own and contexts and users):
        return list(tasks)
    fewer = math.sqrt(contexts / users / _CONTEXTS_PER_USER)
    asked = {task.name: weight * (users if task.per_user else contexts) for task, weight in own}
    wanted = sum(asked[task.name] * (fewer if task.per_user else 1) for task, _ in own)
    factor = sum(asked.values()) / wanted if wanted else 1.0
    return [
        (task, weight * factor * (fewer if task.per_user else 1))
        if task.name in asked
        else (task, weight)
        for task, weight in tasks
    ]


def times_asked(
    task: AlignmentTask, weight: float, contexts: Sequence[Context], seed: int
) -> Times:
    """Return how often to ask about each context; pass k is about those drawn more than k times.

    At weight 1 these are all contexts, or each user's last one for ``per_user`` tasks. A weight
    below 1 draws that part of them; one above 1 adds random draws from all contexts, so that
    ``per_user`` tasks reach earlier prefixes too.

    Args:
        task: the task.
        weight: how many contexts, as a multiple of those at weight 1; at least 0.
        contexts: N training contexts.
        seed: of the draws.
    """
    rng = generator(seed, "contexts", task.name)
    base = _last_of_users(contexts) if task.per_user else np.arange(len(contexts))
    wanted = round(weight * len(base))
    drawn: Times = np.zeros(len(contexts), dtype=np.uint16)
    chosen = base if wanted >= len(base) else rng.choice(base, wanted, replace=False)
    drawn[chosen] += 1
    missing = wanted - len(chosen)
    while missing > 0:
        extra = rng.permutation(len(contexts))[:missing]
        drawn[extra] += 1
        missing -= len(extra)
    return drawn


def item_passes(weight: float) -> list[float]:
    """Return the part of a task's item examples that each pass keeps: ``2.5`` is ``1, 1, 0.5``."""
    whole, rest = divmod(weight, 1.0)
    return [1.0] * int(whole) + ([rest] if rest > 0 else [])


def _last_of_users(contexts: Sequence[Context]) -> NDArray[np.int64]:
    last: dict[str, tuple[int, int]] = {}
    for row, context in enumerate(contexts):
        if context.user not in last or context.end > last[context.user][0]:
            last[context.user] = (context.end, row)
    return np.array(sorted(row for _, row in last.values()), dtype=np.int64)
