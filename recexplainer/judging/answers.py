"""Answers of chat models, kept on disk so that none is asked for, or paid for, twice."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError

from recexplainer.errors import RunFolderError
from recexplainer.judging.chat_options import ChatOptions, address_of
from recexplainer.judging.rubric import RUBRIC_VERSION
from recexplainer.records.outcomes import Record
from recexplainer.runs.journal import Journal
from recexplainer.runs.lock import locked

__all__ = ["Answer", "AnswerBook"]

_FILE = "chat-answers.jsonl"


class Answer(Record):
    """What a model said, as it came.

    ``finish`` is why it stopped: ``stop``, ``length`` when it was cut off, ``content_filter``...
    """

    text: str
    refusal: str = ""
    finish: str = "stop"
    tokens_in: int = 0
    tokens_out: int = 0


class AnswerBook(AbstractContextManager["AnswerBook"]):
    """Answers by question. Each is on disk once ``keep`` returns; threads may share the book.

    Args:
        folder: where the file is kept; None keeps the answers in memory.
        options: of the judge, for all that an answer depends on besides the question.
    """

    def __init__(self, folder: Path | None, options: ChatOptions) -> None:
        self._folder, self._options = folder, options
        self._answers: dict[str, Answer] = {}
        self._journal: Journal | None = None
        self._lock, self._opened = threading.Lock(), ExitStack()

    def __enter__(self) -> Self:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._opened.enter_context(locked(self._folder))
            self._journal = self._opened.enter_context(Journal(self._folder / _FILE))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._opened.close()

    def find(self, system: str, user: str) -> Answer | None:
        """Return the answer to this question, or None when it has not been asked."""
        key = self._key(system, user)
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

    def keep(self, system: str, user: str, answer: Answer) -> None:
        """Remember an answer; once this returns, a killed process does not lose it."""
        key = self._key(system, user)
        with self._lock:
            if self._journal is None:
                self._answers[key] = answer
            elif not self._journal.seen(key):
                self._journal.append(key, answer.model_dump(mode="json"))

    def _key(self, system: str, user: str) -> str:
        """Return a digest of all that the answer depends on; the key of the service is no part."""
        options = self._options
        parts = [RUBRIC_VERSION, address_of(options), options.model, options.temperature]
        text = json.dumps([*parts, options.max_tokens, system, user])
        return hashlib.sha256(text.encode()).hexdigest()
