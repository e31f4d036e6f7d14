"""Answers of chat models, kept on disk so that none is asked for, or paid for, twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from recexplainer.chat.thoughts import spoken
from recexplainer.errors import RunFolderError
from recexplainer.runs.journal import Journal
from recexplainer.runs.lock import locked

__all__ = ["ANSWERS", "Answer", "AnswerBook", "answers_in"]

ANSWERS = "chat-answers.jsonl"


class Answer(BaseModel):
    """What a model said, as it came.

    Attributes:
        text: the answer; some models think aloud in it first, which ``said`` leaves out.
        reasoning: what it thought, where the service sends that apart.
        finish: why it stopped: ``stop``, ``length`` when it was cut off, ``content_filter``...
        tokens_cached: how many of ``tokens_in`` the service had read before.
        seconds: how long the service took; 0 where it is not known.
    """

    # Chat rows of the fidelity table once kept ``answer`` in place of ``text``, and more with it.
    model_config = ConfigDict(frozen=True, extra="ignore")

    text: str = Field(validation_alias=AliasChoices("text", "answer"))
    reasoning: str = ""
    refusal: str = ""
    finish: str = "stop"
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    seconds: float = 0.0

    @property
    def said(self) -> str:
        """The answer itself, without thoughts and control tokens."""
        return spoken(self.text)


class AnswerBook:
    """Answers by key. Each is on disk once ``keep`` returns; threads may share the book.

    Args:
        journal: where they are kept; None keeps them in memory.
    """

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal, self._lock = journal, threading.Lock()
        self._answers: dict[str, Answer] = {}

    def find(self, key: str) -> Answer | None:
        """Return the answer that is kept as ``key``, or None.

        Raises:
            RunFolderError: what is kept there is no answer.
        """
        with self._lock:
            if self._journal is None or not self._journal.seen(key):
                return self._answers.get(key)
            payload: Any = self._journal.get(key)
        try:
            return Answer.model_validate(payload)
        except ValidationError:
            raise RunFolderError(
                f"{self._journal.path} holds something else than answers. Delete it and run the "
                "same command again; the questions are asked anew."
            ) from None

    def keep(self, key: str, answer: Answer) -> None:
        """Remember an answer; once this returns, a killed process does not lose it."""
        with self._lock:
            if self._journal is None:
                self._answers[key] = answer
            elif not self._journal.seen(key):
                self._journal.append(key, answer.model_dump(mode="json"))


@contextmanager
def answers_in(folder: Path | None) -> Iterator[AnswerBook]:
    """Yield the book of a folder, held for this process; None keeps its answers in memory.

    Raises:
        RunFolderError: another process holds the folder, or the file in it is damaged.
    """
    if folder is None:
        yield AnswerBook()
        return
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder), Journal(folder / ANSWERS) as journal:
        yield AnswerBook(journal)
