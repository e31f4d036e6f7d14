"""Plan of refits: which blocks of users or items are left out of trainings, and the controls."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from recexplainer.audit.subject import Subject
from recexplainer.records import TrainingHistories

__all__ = ["FEWEST_REFITS", "Block", "Refit", "planned_refits", "training_without"]

FEWEST_REFITS = 3
"""Two trainings tell how much a seed alone changes; a third leaves a block out."""
_PARTS = 5
_PLACES = ("{most}", "second {most}", "middle", "second {least}", "{least}")


class Block(NamedTuple):
    """What one training does without.

    Attributes:
        words: such as ``the most active fifth of the users``.
        users, items: ids that are left out; one of both is empty.
    """

    words: str
    users: frozenset[str]
    items: frozenset[str]


class Refit(NamedTuple):
    """One training: its name, by how much its seed differs, and what it leaves out, if anything."""

    name: str
    seed: int
    block: Block | None


def planned_refits(subject: Subject, count: int) -> list[Refit]:
    """Return ``count`` trainings: a third with another seed alone, the others each without a block.

    Blocks are fifths of users by their number of items and fifths of items by popularity, drawn at
    random; more trainings than there are blocks change the seed alone. What a smaller count plans
    is planned by a larger one as well, so that no training is lost.
    """
    blocks = [*_user_blocks(subject), *_item_blocks(subject)]
    drawn = [blocks[place] for place in subject.rng("refits").permutation(len(blocks))]
    left_out = min(len(drawn), count - max(2, count // 3))
    seeds = [Refit(f"seed {place}", place, None) for place in range(1, count - left_out + 1)]
    return [*seeds, *(Refit(f"without {one.words}", 0, one) for one in drawn[:left_out])]


def training_without(training: TrainingHistories, block: Block) -> TrainingHistories:
    """Return the training data without a block.

    A user whose validation item is left out does not validate; one without items is left out.
    """
    histories = {
        user: kept
        for user, history in training.histories.items()
        if user not in block.users
        and (kept := tuple(item for item in history if item not in block.items))
    }
    validation = {
        user: item
        for user, item in training.validation.items()
        if user in histories and item not in block.items
    }
    return TrainingHistories(histories, validation)


def _user_blocks(subject: Subject) -> list[Block]:
    histories = subject.split.training.histories
    order = sorted(histories, key=lambda user: -len(histories[user]))
    words = [one.format(most="most active", least="least active") for one in _PLACES]
    return [
        Block(f"the {name} fifth of the users", frozenset(order[k] for k in part), frozenset())
        for name, part in zip(words, np.array_split(np.arange(len(order)), _PARTS), strict=True)
    ]


def _item_blocks(subject: Subject) -> list[Block]:
    order = np.argsort(-subject.split.popularity, kind="stable")
    ids = subject.catalogue.ids
    words = [one.format(most="most popular", least="least popular") for one in _PLACES]
    return [
        Block(f"the {name} fifth of the items", frozenset(), frozenset(ids[k] for k in part))
        for name, part in zip(words, np.array_split(order, _PARTS), strict=True)
    ]
