"""Age of a title in a prompt: how many titles of the list come after it.

A recommender that reads sequences looks at the latest items first. A causal model that sees a title
cannot know how many follow, though the whole prompt is there; so the prompt tells it.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["asked_tokens", "list_ages"]


def asked_tokens(input_ids: Tensor, user_turn: int, answer: int) -> Tensor:
    """Return which tokens are of a user's turn, ``(B, T)``; see ``list_ages``."""
    return (input_ids == user_turn).cumsum(1) > (input_ids == answer).cumsum(1)


def list_ages(
    input_ids: Tensor, separator: int, user_turn: int, answer: int
) -> tuple[Tensor, Tensor]:
    """Return the age of each token and where it counts, both ``(B, T)``.

    Only the tokens of user turns have one: what follows in an answer is not known yet.

    Args:
        input_ids: ``(B, T)``.
        separator: the token between the titles of a list.
        user_turn: the token that begins a user's turn.
        answer: the token that begins the answer.
    """
    answers, asked = input_ids == answer, asked_tokens(input_ids, user_turn, answer)
    separators = ((input_ids == separator) & asked).long()
    after = separators.flip(1).cumsum(1).flip(1) - separators  # in this turn and later ones
    last = input_ids.shape[1] - 1
    places = torch.arange(last + 1, device=input_ids.device).expand_as(input_ids)
    ends = places.masked_fill(~answers, last).flip(1).cummin(1).values.flip(1)  # of each turn
    return after - after.gather(1, ends), asked
