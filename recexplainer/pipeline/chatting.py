"""Chat models as rows of the fidelity table: what they need, what they are asked, what is said."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from recexplainer.chat import ADDRESS, KEY, AnswerBook, ChatClient, ChatServer
from recexplainer.config import RunConfig
from recexplainer.config.chat_models import ChatModelConfig
from recexplainer.errors import MissingExtraError
from recexplainer.records import Example, Recipe
from recexplainer.runs.journal import Journal

if TYPE_CHECKING:
    from recexplainer.evaluation import Subject
    from recexplainer.pipeline.bench import Bench

__all__ = ["chat_notes", "chat_problems", "chat_subjects"]

_CACHE = "chat-answers.jsonl"
"""In the run folder, beside the stages: answers that were paid for outlive the stage's settings."""


def chat_problems(config: RunConfig) -> Iterator[str]:
    """Say what keeps the chat models of ``config`` from being asked."""
    chats = config.fidelity.chat_models
    if not chats:
        return
    if importlib.util.find_spec("openai") is None:
        yield f"fidelity.chat_models: {MissingExtraError('openai', 'judge', 'to ask chat models')}"
    for position, chat in enumerate(chats):
        somewhere = chat.base_url or os.environ.get(ADDRESS)
        if not somewhere and not os.environ.get(KEY):
            yield (
                f"fidelity.chat_models[{position}]: {chat.model} needs a key in the environment "
                f"variable {KEY}, or the base_url of a server that needs none"
            )


@contextmanager
def chat_subjects(bench: Bench, examples: Sequence[Example]) -> Iterator[list[Subject]]:
    """Yield the chat models that are measured, ready to be asked.

    Args:
        bench: the run.
        examples: all that is measured; each model gets as many as it may be sent.
    """
    from recexplainer.alignment.modes import render
    from recexplainer.evaluation import ChatSubject, affordable

    chats = bench.config.fidelity.chat_models
    if not chats:
        yield []
        return
    measured = [task.name for task, _ in bench.tasks.values() if task.answer_kind]
    with Journal(bench.folder.path / _CACHE) as journal, ExitStack() as clients:
        book = AnswerBook(journal)
        yield [
            ChatSubject(
                chat.row,
                clients.enter_context(ChatClient(_server(chat), book)),
                catalogue=bench.catalogue,
                render=render,
                max_requests=chat.max_requests,
                asked=affordable(examples, measured, chat.max_requests, bench.config.seed),
            )
            for chat in chats
        ]


def _server(chat: ChatModelConfig) -> ChatServer:
    return ChatServer(
        model=chat.model,
        base_url=chat.base_url,
        timeout=chat.timeout,
        retries=chat.retries,
        concurrency=chat.concurrency,
        setting="fidelity.chat_models",
    )


def chat_notes(config: RunConfig, recipe: Recipe) -> Iterator[str]:
    """Yield what a reader must know of the rows that were not asked as the surrogate was."""
    from recexplainer.evaluation import CHAT_NOTE

    for chat in config.fidelity.chat_models:
        yield f"{chat.row} {CHAT_NOTE}; it was sent at most {chat.max_requests:,} questions."
    if recipe.source is not None and config.alignment.mode != "behavior":
        yield (
            f"unaligned is {config.surrogate.backbone} as it was published, asked with titles "
            "alone: its projectors are untrained, so vectors would tell it nothing."
        )
