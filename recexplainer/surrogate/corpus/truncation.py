"""Truncation of conversations to the context: the oldest items of histories go first.

Only titles go, each with its separator, so no slot is cut and every vector keeps its mark. The
vector of a history stays that of the whole one, which is what the target answered about.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Literal

from recexplainer.records import Rendered
from recexplainer.surrogate.model.token_encoder import Encoded, Encoder

__all__ = ["Cut", "Fitter"]

Cut = Literal["shortened", "skipped"]


class Fitter:
    """Encodes conversations so that none is longer than the context, and tells what that took.

    Args:
        encoder: for the model's tokenizer.
        limit: the most tokens of a conversation.
    """

    def __init__(self, encoder: Encoder, limit: int) -> None:
        self.encoder, self.limit = encoder, limit
        self.noted: Callable[[Rendered, Cut], None] | None = None
        """Told of each conversation that was too long."""

    def fit(self, rendered: Sequence[Rendered], spare: int = 0) -> list[Encoded | None]:
        """Encode conversations, the oldest titles left out of those that are too long.

        Args:
            rendered: conversations; those that end with a question are asked for an answer.
            spare: tokens to leave free, for an answer.

        Returns:
            None for a conversation that is too long even with one title per history, and for one
            whose answer names an item that would have to go: learned, it would be made up.
        """
        room = self.limit - spare
        pairs = zip(rendered, self.encoder.conversations(rendered), strict=True)
        return [
            encoded if len(encoded.ids) <= room else self._shorten(conversation, room)
            for conversation, encoded in pairs
        ]

    def _shorten(self, conversation: Rendered, room: int) -> Encoded | None:
        def encode(count: int) -> Encoded:
            (encoded,) = self.encoder.conversations([conversation.without(count)])
            return encoded

        counts = range(len(conversation.droppable) + 1)
        fewest = bisect_left(counts, -room, key=lambda count: -len(encode(count).ids))
        if fewest == len(counts) or _answers_name(conversation, fewest):
            self._note(conversation, "skipped")
            return None
        self._note(conversation, "shortened")
        return encode(fewest)

    def _note(self, conversation: Rendered, cut: Cut) -> None:
        if self.noted is not None:
            self.noted(conversation, cut)


def _answers_name(conversation: Rendered, count: int) -> bool:
    """Whether an answer says one of the first ``count`` droppable titles."""
    answers = [turn.text for turn in conversation.turns if turn.role == "assistant"]
    dropped = (
        conversation.turns[turn].text[start:stop].rstrip("; ")
        for turn, start, stop in conversation.droppable[:count]
    )
    return any(title in answer for title in dropped for answer in answers)
