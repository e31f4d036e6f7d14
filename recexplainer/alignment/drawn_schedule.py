"""Drawn schedule: questions for a corpus of a wanted size, spread over all tasks and users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from recexplainer.alignment.example_forms import ExampleForms
from recexplainer.alignment.modes import render_all
from recexplainer.alignment.schedule import Schedule, Times, asks_about_contexts
from recexplainer.alignment.seeded_draws import generator
from recexplainer.plugins.interfaces import AlignmentTask, Asked
from recexplainer.records import Catalogue, Context, Example

__all__ = ["conversations_at_once", "drawn_schedule", "users_in_turn"]

_TRIED = 64
"""Contexts, and examples about items, from which conversations per question are counted."""

Ask = Callable[[NDArray[np.int64]], Iterable[Asked]]
"""Returns the target's answers on the contexts at sorted rows."""


def drawn_schedule(
    tasks: Sequence[tuple[AlignmentTask, float]],
    wanted: int,
    at_once: Mapping[str, float],
    contexts: Sequence[Context],
    seed: int,
) -> Schedule:
    """Return the questions of about ``wanted`` conversations.

    Each task has as large a share of them as of the weights; one that offers nothing leaves its
    share to the others. No more are drawn than asking every question once would give.

    Args:
        tasks: tasks with their weights.
        wanted: how many conversations.
        at_once: task to how many there are if each of its questions is asked once.
        contexts: the training contexts.
        seed: of the draws.
    """
    offering = [(task, weight) for task, weight in tasks if at_once.get(task.name)]
    wanted = min(wanted, round(sum(at_once[task.name] for task, _ in offering)))
    total = sum(weight for _, weight in offering)
    drawn = [
        (task, wanted * weight / total / at_once[task.name]) for task, weight in offering if weight
    ]
    times = {
        task.name: users_in_turn(contexts, round(share * len(contexts)), seed, task.name)
        for task, share in drawn
        if asks_about_contexts(task)
    }
    return Schedule(drawn, times)


def conversations_at_once(
    tasks: Sequence[tuple[AlignmentTask, float]],
    contexts: Sequence[Context],
    ask: Ask,
    forms: ExampleForms,
    catalogue: Catalogue,
) -> dict[str, float]:
    """Return task to the conversations that all its questions give, from a few of them.

    Args:
        tasks: tasks with their weights.
        contexts: N training contexts.
        ask: asks the target.
        forms: the forms of an example.
        catalogue: the items.
    """
    seed = forms.seed

    def written(examples: Iterable[Example]) -> int:
        return sum(
            len(render_all(one.turns, contexts, catalogue, forms.of(one))) for one in examples
        )

    offering = [task for task, _ in tasks if task.skipped() is None]
    found = dict.fromkeys((task.name for task in offering), 0.0)
    for task in offering:
        about_items = list(task.on_items(generator(seed, "items", task.name, 0)))
        few = min(_TRIED, len(about_items))
        if few:
            drawn = generator(seed, "tried", task.name).choice(len(about_items), few, replace=False)
            found[task.name] += written(about_items[k] for k in drawn) / few * len(about_items)
    asking = [task for task in offering if asks_about_contexts(task)]
    rows = np.flatnonzero(users_in_turn(contexts, min(_TRIED, len(contexts)), seed, "tried"))
    for asked in ask(rows) if asking else ():
        for task in asking:
            examples = task.on_contexts(asked, generator(seed, "train", task.name, 0))
            found[task.name] += written(examples) * len(contexts) / len(rows)
    return found


def users_in_turn(contexts: Sequence[Context], wanted: int, seed: int, name: str) -> Times:
    """Return how often to ask about each context, so that every user comes about as often.

    The users take turns, in random order, each time with another of their contexts; when one has
    none left, the others go on, and when nobody has, all begin anew.

    Args:
        contexts: N contexts.
        wanted: the sum of what is returned.
        seed: of the draws.
        name: of the stream of draws, a task's.
    """
    rng = generator(seed, "users in turn", name)
    rounds, rest = divmod(wanted, len(contexts)) if contexts else (0, 0)
    times: Times = np.full(len(contexts), rounds, dtype=np.uint16)
    shuffled = rng.permutation(len(contexts))
    users = np.unique([contexts[row].user for row in shuffled], return_inverse=True)[1]
    by_user = np.argsort(users, kind="stable")
    sizes = np.bincount(users, minlength=0)
    turn = np.arange(len(shuffled)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    order = by_user[np.lexsort((rng.random(len(turn)), turn))]
    times[shuffled[order[:rest]]] += 1
    return times
