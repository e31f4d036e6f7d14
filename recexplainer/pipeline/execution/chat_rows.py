"""Chat models as rows of the fidelity table: requirements, questions and costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from recexplainer.chat import ANSWERS, AnswerBook, ChatClient, ChatServer, Limits, missing_for
from recexplainer.config import RunConfig
from recexplainer.config.chat_models import ChatModelConfig, ChatRowConfig
from recexplainer.records import Example, Recipe
from recexplainer.runs.journal import Journal

if TYPE_CHECKING:
    from recexplainer.evaluation import ChatSubject, Shots, Subject
    from recexplainer.pipeline.execution.bench import Bench

__all__ = ["chat_notes", "chat_problems", "chat_subjects"]


def chat_problems(config: RunConfig) -> Iterator[str]:
    """Say what keeps the chat models of ``config`` from being asked."""
    for position, chat in enumerate(config.fidelity.chat_models):
        for line in missing_for(chat, chat.model):
            yield f"fidelity.chat_models[{position}]: {line}"


@contextmanager
def chat_subjects(
    bench: Bench, examples: Sequence[Example], shots: Shots | None
) -> Iterator[list[Subject]]:
    """Yield the chat models that are measured, ready to be asked.

    Args:
        bench: the run.
        examples: all that is measured; each row gets as many as a model may be sent.
        shots: answered questions; each model gets a second row, in which they precede the others.
    """
    from recexplainer.evaluation import InContextSubject

    chats = bench.config.fidelity.chat_models
    if not chats:
        yield []
        return
    # Beside the stages: answers that were paid for outlive the stage's settings.
    with Journal(bench.folder.path / ANSWERS) as journal, ExitStack() as clients:
        book = AnswerBook(journal)
        rows: list[Subject] = []
        for chat in chats:
            # A client counts what it has sent, so that every row may be sent as much.
            asks = [clients.enter_context(_client(chat, book)) for _ in range(2 if shots else 1)]
            plain, *further = [_subject(bench, chat, examples, client) for client in asks]
            rows.append(plain)
            if shots:
                rows += [InContextSubject(chat.in_context_row, one, shots) for one in further]
        yield rows


def _subject(
    bench: Bench, chat: ChatRowConfig, examples: Sequence[Example], client: ChatClient
) -> ChatSubject:
    from recexplainer.alignment.modes import render
    from recexplainer.evaluation import ChatSubject, affordable

    measured = [task.name for task in bench.measured_tasks.values() if task.answer_kind]
    return ChatSubject(
        chat.row,
        client,
        catalogue=bench.catalogue,
        render=render,
        asked=affordable(examples, measured, chat.max_requests, bench.config.seed),
    )


def _client(chat: ChatModelConfig, book: AnswerBook) -> ChatClient:
    # How many questions it is asked is seen to beforehand; a further try must not end them.
    limits = replace(Limits.of(chat), max_requests=None)
    return ChatClient(ChatServer(chat, "fidelity.chat_models"), book, limits=limits)


def chat_notes(config: RunConfig, recipe: Recipe) -> Iterator[str]:
    """Yield what a reader must know of the rows that were not asked as the surrogate was."""
    from recexplainer.evaluation import CHAT_NOTE

    for chat in config.fidelity.chat_models:
        yield f"{chat.row} {CHAT_NOTE}; it was sent at most {chat.max_requests:,} questions."
    if recipe.source is not None and config.alignment.mode != "behavior":
        yield (
            f"unaligned is {config.surrogate.backbone_name} as it was published, asked with titles "
            "alone: its projectors are untrained, so vectors would tell it nothing."
        )
