"""Task 5 of the paper (section 3.2.5): general instructions, against forgetting language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from recexplainer.alignment.conversations import hub_conversations, read_conversations
from recexplainer.plugins.interfaces import AlignmentTask, Options
from recexplainer.records import Example, Turn

__all__ = ["InstructionFollowing", "InstructionFollowingOptions"]


class InstructionFollowingOptions(Options):
    """Where the conversations come from: a file, a data set of the Hugging Face hub, or nowhere."""

    path: Path | None = None
    """A JSONL file with ``{"messages": [{"role": ..., "content": ...}, ...]}`` on every line."""
    dataset: str | None = None
    """A hub data set with a ``messages`` column; downloaded only when this is given."""
    split: str = "train"
    """The hub data set's split."""
    limit: int = Field(10_000, ge=1)
    """How many conversations are used, drawn at random (the paper: 10,000 of ShareGPT)."""
    max_characters: int = Field(2_000, ge=50)
    """Longer conversations lose their last turns; those whose first answer is beyond it are out."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.path is not None and self.dataset is not None:
            raise ValueError("give path or dataset, not both")
        return self


class InstructionFollowing(AlignmentTask):
    """Repeats conversations as they are; the loss is taken on the assistant's turns."""

    name: ClassVar[str] = "instruction_following"

    def __init__(self, options: InstructionFollowingOptions) -> None:
        self._options = options

    def skipped(self) -> str | None:
        """Return a note when neither a file nor a data set is given."""
        if self._options.path is None and self._options.dataset is None:
            return "no conversations given; set its option `path` or `dataset`"
        return None

    def on_items(self, rng: np.random.Generator) -> Iterator[Example]:
        """Yield up to ``limit`` conversations in random order.

        Raises:
            DataError: the file or data set cannot be used; names the line.
        """
        conversations = self._conversations()
        for number in rng.permutation(len(conversations))[: self._options.limit]:
            yield Example(id=f"{number}", task=self.name, turns=conversations[number])

    def _conversations(self) -> list[tuple[Turn, ...]]:
        options = self._options
        if options.path is not None:
            return read_conversations(options.path, options.max_characters)
        if options.dataset is not None:
            return hub_conversations(options.dataset, options.split, options.max_characters)
        return []
