"""Chat model as a judge: many questions at a time, none of them asked twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence

from recexplainer.chat import (
    Answer,
    ChatClient,
    ChatOptions,
    ChatRequest,
    ChatServer,
    Limits,
    Message,
    NoAnswerError,
    answers_in,
    asking_aloud,
)
from recexplainer.judging.prompt import (
    ANSWER_SCHEMA,
    instructions,
    known_grade,
    question,
)
from recexplainer.judging.rating_reader import read_rating
from recexplainer.judging.rubric import PAPER, REWORDED, RUBRIC_VERSION, Wording
from recexplainer.plugins.interfaces import Judge, JudgeKit
from recexplainer.records import Case, Explanation, Verdict

__all__ = ["NAME", "REWORDED_NAME", "ChatJudge", "build", "build_reworded"]

NAME = "chat"
REWORDED_NAME = "chat-reworded"

_Pair = tuple[Case, Explanation]
_FORM = {
    "type": "json_schema",
    "json_schema": {"name": "rating", "strict": True, "schema": dict(ANSWER_SCHEMA)},
}


class ChatJudge(Judge):
    """Asks a chat model for the rating of each explanation, by the paper's rubric.

    Verdicts are signed ``chat:MODEL``, which is also a name that the judge goes by. What the target
    is undecided about is not asked, nor is an explanation that says nothing. Answers are kept on
    disk as they come, so an interrupted judge continues with the first question that has none.

    Args:
        options: which model, how it is asked, and what it may cost.
        kit: the items, where answers are kept, and where costs are reported.
        name: what it is called before the colon.
        wording: the rubric's words.
    """

    def __init__(
        self, options: ChatOptions, kit: JudgeKit, name: str = NAME, wording: Wording = PAPER
    ) -> None:
        self._options, self._kit = options, kit
        self._system = instructions(wording)
        self._name = f"{name}:{options.model}"

    def grade(self, pairs: Sequence[_Pair]) -> Iterable[Verdict]:
        """Yield one verdict per pair, in order.

        Raises:
            UserError: the service refuses the key or does not have the model.
            StageError: the service stopped answering.
        """
        if not pairs:
            return
        options = self._options
        with (
            answers_in(options.answers_folder(self._kit.folder)) as book,
            ChatClient(
                ChatServer(options), book, limits=Limits.of(options), form=_FORM, key=self._key
            ) as client,
        ):
            yield from self._grade(pairs, client)

    def _grade(self, pairs: Sequence[_Pair], client: ChatClient) -> Iterator[Verdict]:
        requests = {
            place: self._request(pairs[place])
            for place in _by_case(pairs)
            if known_grade(*pairs[place]) is None
        }
        # Two explainers may say the same of a case: that is one question.
        asked = requests.values()
        with asking_aloud(client, asked, self._name, self._kit.progress) as reply:
            for place, pair in enumerate(pairs):
                found = known_grade(*pair) or _graded(reply, requests[place])
                yield self._verdict(pair[1], *found)

    def _request(self, pair: _Pair) -> ChatRequest:
        asked = question(*pair, self._kit.catalogue)
        messages = Message("system", self._system), Message("user", asked)
        return ChatRequest(messages, self._options.max_tokens)

    def _key(self, request: ChatRequest) -> str:
        """Return a digest of all that the answer depends on; the key of the service is no part."""
        chat, address = self._options, ChatServer(self._options).address
        parts = [RUBRIC_VERSION, address, chat.model, chat.temperature]
        contents = [message.content for message in request.messages]
        text = json.dumps([*parts, request.max_tokens, *contents])
        return hashlib.sha256(text.encode()).hexdigest()

    def _verdict(self, explanation: Explanation, grade: int | None, reason: str) -> Verdict:
        return Verdict(
            case=explanation.case,
            explainer=explanation.explainer,
            judge=self._name,
            grade=grade,
            reason=reason,
        )


def build(options: ChatOptions, kit: JudgeKit) -> ChatJudge:
    """Return the judge; asks nobody anything yet."""
    return ChatJudge(options, kit)


def build_reworded(options: ChatOptions, kit: JudgeKit) -> ChatJudge:
    """Return the judge that asks by the same rubric in other words; asks nobody anything yet."""
    return ChatJudge(options, kit, REWORDED_NAME, REWORDED)


def _by_case(pairs: Sequence[_Pair]) -> list[int]:
    """Return the places of ``pairs``, all explainers of a case together.

    So a judge that is stopped by a cap has asked as much about each of them.
    """
    first: dict[str, int] = {}
    for case, _ in pairs:
        first.setdefault(case.id, len(first))
    return sorted(range(len(pairs)), key=lambda place: first[pairs[place][0].id])


def _graded(reply: Callable[[ChatRequest], Answer], request: ChatRequest) -> tuple[int | None, str]:
    """Return the grade in the answer to ``request``, or None and why there is none."""
    try:
        return _read(reply(request))
    except NoAnswerError as failure:
        return None, str(failure)


def _read(answer: Answer) -> tuple[int | None, str]:
    """Return the grade and its reason, or None and why the answer holds none."""
    if answer.refusal or answer.finish == "content_filter":
        return None, f"the model refuses: {answer.refusal or 'its filter stopped the answer'}"
    grade, reason = read_rating(answer.text, answer.reasoning)
    if grade is None and answer.finish == "length":
        return None, "the answer was cut off; raise max_tokens"
    return grade, reason
