"""Training examples for models of user-item pairs: pairs taken, and drawn negatives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from recexplainer.targets.recbole.recbole_data import ITEM, LABEL, NEGATIVE, USER, Interactions

__all__ = ["pair_batches", "user_batches"]

_DRAWS = 50
"""How often an item that the user took is drawn anew before it is left at that."""

Batch = Mapping[str, Tensor]


def pair_batches(
    data: Interactions, batch_size: int, negatives: int, *, compared: bool
) -> Iterator[Batch]:
    """Yield all interactions once in a new order, each with items that the user did not take.

    Args:
        data: who took what.
        batch_size: interactions per batch.
        negatives: items drawn per interaction.
        compared: items drawn stand beside the item taken; else they are rows with label 0.
    """
    users, items = torch.from_numpy(data.user_ids), torch.from_numpy(data.item_ids)
    taken = (users * data.item_num + items).sort().values
    order = torch.randperm(len(users))
    for start in range(0, len(order), batch_size):
        part = order[start : start + batch_size].repeat(negatives)
        drawn = _not_taken(users[part], data.item_num, taken)
        if compared:
            yield {USER: users[part], ITEM: items[part], NEGATIVE: drawn}
            continue
        once = part[: len(part) // negatives]
        yield {
            USER: torch.cat([users[once], users[part]]),
            ITEM: torch.cat([items[once], drawn]),
            LABEL: torch.cat([torch.ones(len(once)), torch.zeros(len(drawn))]),
        }


def user_batches(data: Interactions, batch_size: int) -> Iterator[Batch]:
    """Yield all users once, in a new order."""
    order = torch.randperm(data.users) + 1
    for start in range(0, len(order), batch_size):
        yield {USER: order[start : start + batch_size]}


def _not_taken(users: Tensor, items: int, taken: Tensor) -> Tensor:
    """Draw an item for each user, evenly from those whose pair is not in sorted ``taken``."""
    drawn = torch.randint(1, items, users.shape)
    for _ in range(_DRAWS):
        pairs = users * items + drawn
        place = torch.searchsorted(taken, pairs).clamp(max=len(taken) - 1)
        again = (taken[place] == pairs).nonzero()[:, 0]
        if not len(again):
            break
        drawn[again] = torch.randint(1, items, again.shape)
    return drawn
