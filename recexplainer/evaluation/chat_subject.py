"""A chat model behind an API as a row of the fidelity table (the paper's ChatGPT row).

It reads the evaluation's own questions with titles in the slots. What an API does not offer is left
unmeasured: decoding over the catalogue, and questions that show the target's vectors alone. Beams
and label likelihoods are replaced by asking for five titles and for the label itself, in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from recexplainer.chat import ChatClient, ChatRequest, Message
from recexplainer.errors import StageError
from recexplainer.evaluation.example_questions import labels_of, shows_vector_only
from recexplainer.evaluation.subjects import MAX_NEW_TOKENS
from recexplainer.metrics import fold
from recexplainer.plugins.interfaces import AnswerKind
from recexplainer.records import Catalogue, Context, Example, Form, Rendered, Turn

__all__ = ["CHAT_NOTE", "ChatSubject", "affordable"]

CHAT_NOTE = (
    "was asked over an API, in words: five titles in place of beams, the label in place of its "
    "likelihood. Decoding over the catalogue and questions that show vectors alone cannot be had "
    "there, so these figures are absent"
)

Renderer = Callable[[Sequence[Turn], Sequence[Context], Catalogue, Form], Rendered | None]

_HOW_TO_ANSWER: Mapping[AnswerKind, str] = MappingProxyType(
    {
        "item": "Answer with five titles, the likeliest first, one on each line, and nothing else.",
        "order": "Answer with the titles in order, separated by '; ', and nothing else.",
        "list": "Answer with the titles, separated by '; ', and nothing else.",
        "label": "Answer with one of these and nothing else: {labels}.",
    }
)
_LABEL_TOKENS = 16
_TITLES = 5
_NUMBERING = re.compile(r"^\s*(?:\(?\d{1,2}[.):]\s+|[-*•]\s+)")


class ChatSubject:
    """Asks one chat model; see ``Subject``.

    Args:
        name: what its row is called.
        client: how it is reached.
        catalogue: the items.
        render: writes a question in a form.
        asked: the examples that it may be asked; None for all.
    """

    def __init__(
        self,
        name: str,
        client: ChatClient,
        *,
        catalogue: Catalogue,
        render: Renderer,
        asked: frozenset[Example] | None = None,
    ) -> None:
        self.name = name
        self._client, self._catalogue, self._render = client, catalogue, render
        self._asked = asked

    def can_answer(self, example: Example, *, constrained: bool) -> bool:
        """Return whether the question can be put in words, and is among those to be asked."""
        chosen = self._asked is None or example in self._asked
        return chosen and not constrained and not shows_vector_only(example)

    def answer(
        self,
        examples: Sequence[Example],
        contexts: Sequence[Context],
        *,
        kind: AnswerKind,
        constrained: bool,
    ) -> list[tuple[str, ...]]:
        """Ask the model; see ``Subject.answer``.

        Raises:
            StageError: the server fails in spite of retries, or the cap is reached; what was
                answered is kept, and the same command goes on from there.
            UserError: the server refuses the key, the model or a question.
        """
        if constrained:
            raise ValueError("an API cannot be kept to the catalogue's titles")
        requests = [self._request(example, contexts, kind) for example in examples]
        self._check_cap(requests)
        texts = self._client.complete(requests)
        return [_read(text, example, kind) for text, example in zip(texts, examples, strict=True)]

    def _check_cap(self, requests: Sequence[ChatRequest]) -> None:
        """Raise StageError before anything is sent that could pass ``max_requests``.

        What the book answers does not count.
        """
        client, new = self._client, len(self._client.new(requests))
        chat = client.server.chat
        if client.answered + new > chat.max_requests:
            raise StageError(
                f"{chat.model} has answered {client.answered} questions, and {new} more would "
                f"exceed max_requests ({chat.max_requests}); raise it in {client.server.setting} "
                "and run the same command again"
            )

    def _request(
        self, example: Example, contexts: Sequence[Context], kind: AnswerKind
    ) -> ChatRequest:
        rendered = self._render(example.question, contexts, self._catalogue, "behavior")
        if rendered is None:
            raise ValueError(f"example {example.id} of {example.task} cannot be put in words")
        how = _HOW_TO_ANSWER[kind].format(labels=" or ".join(labels_of(example)))
        return ChatRequest(
            (
                Message("system", how),
                *(Message(turn.role, turn.text) for turn in rendered.turns),
            ),
            max_tokens=_LABEL_TOKENS if kind == "label" else MAX_NEW_TOKENS[kind],
        )


def affordable(
    examples: Sequence[Example], tasks: Iterable[str], limit: int, seed: int
) -> frozenset[Example]:
    """Return the examples that ``limit`` requests are spent on.

    Every task gets an equal share of them, sampled with the seed; a task that has fewer leaves the
    rest to the others.

    Args:
        examples: all that are measured.
        tasks: names of the measured ones.
        limit: the most requests.
        seed: of the sample.
    """
    rng = np.random.default_rng(seed)
    by_task: dict[str, list[Example]] = {task: [] for task in tasks}
    for example in examples:
        if example.task in by_task and not shows_vector_only(example):
            by_task[example.task].append(example)
    chosen: set[Example] = set()
    smallest_first = sorted(by_task.values(), key=len)
    for position, own in enumerate(smallest_first):
        share = (limit - len(chosen)) // (len(smallest_first) - position)
        chosen.update(own[row] for row in rng.permutation(len(own))[:share])
    return frozenset(chosen)


def _read(text: str, example: Example, kind: AnswerKind) -> tuple[str, ...]:
    """Return the answers that a text holds; numbering and quotes around titles are left out."""
    if kind == "label":
        return (_label(text, labels_of(example)),)
    if kind == "item":
        lines = [_bare(line) for line in text.splitlines() if line.strip()]
        return tuple(dict.fromkeys(lines))[:_TITLES]
    return (" ".join(text.split()),)


def _bare(line: str) -> str:
    title = _NUMBERING.sub("", line).strip()
    quoted = len(title) > 2 and title[0] == title[-1] and title[0] in "\"'"
    return title[1:-1] if quoted else title


def _label(text: str, labels: Sequence[str]) -> str:
    """Return the label that the text begins with; the text itself, which is wrong, if none."""
    said = fold(text.lstrip("\"'*"))
    matches = (label for label in labels if re.match(rf"{re.escape(fold(label))}(?!\w)", said))
    return next(matches, text)
