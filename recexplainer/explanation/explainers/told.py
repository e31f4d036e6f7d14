"""Told explainer: a language model words for a reader what the oracle has established.

The model decides nothing and reads no title: it gets plain sentences that hold, with marks in
place of titles, and what it says beyond them is cut (``held_wording``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

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
    missing_for,
)
from recexplainer.errors import CapabilityError
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.explainers.chat_model import said
from recexplainer.explanation.explainers.established_facts import (
    Audience,
    FactFinder,
    Facts,
    Length,
)
from recexplainer.explanation.explainers.focused_explainer import FocusedExplainer
from recexplainer.explanation.explainers.held_wording import Holder
from recexplainer.explanation.explainers.wording_request import (
    facts_message,
    is_english,
    wording_instructions,
)
from recexplainer.explanation.explainers.writer import context
from recexplainer.oracle import oracle_of
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.interfaces import ExplainerKit, Speaker
from recexplainer.records import Case, Text, Turn, Written

__all__ = ["NAME", "Telling", "ToldExplainer", "ToldOptions", "build", "capabilities", "ready"]

NAME = "told"
_CASES_AT_ONCE = 32
_LANGUAGE = r"^[^\W\d_][\w ()-]*$"
_TOO_LITTLE = "This is plain wording: too little of what the language model wrote held."

Answers = Callable[[Sequence[Facts]], Sequence[str | NoAnswerError]]


class ToldOptions(ChatOptions):
    """Who reads the text, and which language model words it."""

    writer: Literal["chat", "backbone"] = "chat"
    """Who words the facts: the chat model of the options below, or the run's own backbone as it was
    before training, which must be a pretrained chat model."""
    audience: Audience = "user"
    """Who reads: a user is told the item's rank alone, a product owner the ranks without each
    cause, an engineer scores as well."""
    language: Annotated[str, Field(max_length=40, pattern=_LANGUAGE)] = "English"
    """Any language that the model writes, by its name. In another one than English only titles,
    numbers and the decision are held against the facts."""
    length: Length = "medium"
    """How much is said: the decision and its first cause; three causes, an attribute and what would
    change the decision; or five causes and two attributes."""
    max_tokens: int = Field(default=300, ge=16)
    """Where a text is cut off; models that think first need more."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How one text came about.

    Attributes:
        facts: what the language model was told.
        said: what it answered, or why it did not.
        written: what is given.
        plain: whether that is plain wording.
    """

    facts: Facts
    said: str | NoAnswerError
    written: Written
    plain: bool


class ToldExplainer(FocusedExplainer):
    """Has a language model word facts of the oracle, and keeps it to them.

    Where it gives no answer, or too little of one holds, the facts are given in plain English, and
    the text says so. Texts are signed ``told``, or ``told:MODEL`` for a chat model.

    Args:
        options: who reads, who writes, and what it may cost.
        kit: the target, the items, the folder of answers, the backbone.
    """

    def __init__(self, options: ToldOptions, kit: ExplainerKit) -> None:
        super().__init__(kit)
        self._options = options
        self._name = f"{NAME}:{options.model}" if options.writer == "chat" else NAME
        oracle, reader = oracle_of(kit), ClaimReader(kit.catalogue)
        self._english = is_english(options.language)
        self._finder = FactFinder(
            oracle, reader, kit, audience=options.audience, length=options.length
        )
        self._holder = Holder(oracle, reader, seed=kit.seed, language=options.language)
        self._instructions = wording_instructions(
            options.audience, options.language, options.length
        )

    def _explain(self, cases: Sequence[Case], focus: str | None) -> Iterable[Written]:
        return (one.written for one in self.tell(cases, focus))

    def tell(self, cases: Sequence[Case], focus: str | None = None) -> Iterator[Telling]:
        """Yield a text about each case, with what it was made of.

        Args:
            cases: what to explain.
            focus: the attribute to keep to.

        Raises:
            UserError: the service refuses the key or does not have the model.
            StageError: the service stopped answering.
        """
        if not cases:
            return
        facts = self._finder.facts(cases, focus)
        with self._answering(facts) as answers:
            for start in range(0, len(facts), _CASES_AT_ONCE):
                batch = facts[start : start + _CASES_AT_ONCE]
                yield from self._told(batch, answers(batch))

    def _told(
        self, facts: Sequence[Facts], answers: Sequence[str | NoAnswerError]
    ) -> Iterator[Telling]:
        words = [one if isinstance(one, str) else "" for one in answers]
        held = self._holder.hold(words, facts, self._name)
        for one, answer, wording in zip(facts, answers, held, strict=True):
            if wording.text is not None:
                text = self._with_beside(wording.text, one)
            elif isinstance(answer, NoAnswerError):
                text = f"{one.plain} This is plain wording: {str(answer).rstrip('.')}."
            else:
                text = f"{one.plain} {_TOO_LITTLE}"
            written = Written(
                case=one.case.id, explainer=self._name, text=text, left_out=wording.cut
            )
            yield Telling(one, answer, written, plain=wording.text is None)

    def _with_beside(self, text: str, facts: Facts) -> str:
        """Return the text with what only the target's answers show, in our own words."""
        beside = facts.beside if self._english else ()
        return " ".join((text, *map(facts.marks.show, beside)))

    def _messages(self, facts: Facts) -> tuple[str, str]:
        return self._instructions, facts_message(facts, self._options.language)

    @contextmanager
    def _answering(self, facts: Sequence[Facts]) -> Iterator[Answers]:
        """Yield what answers for a batch of ``facts``; a chat model is asked for all at once."""
        if self._options.writer == "backbone":
            yield self._asked_backbone(self._backbone())
            return
        options = self._options
        requests = {one.case.id: self._request(one) for one in facts}
        with (
            answers_in(options.answers_folder(self._kit.folder)) as book,
            ChatClient(ChatServer(options), book, limits=Limits.of(options)) as client,
            asking_aloud(client, requests.values(), self._name, self._kit.progress) as reply,
        ):
            yield lambda batch: [_answer(reply, requests[one.case.id]) for one in batch]

    def _request(self, facts: Facts) -> ChatRequest:
        system, user = self._messages(facts)
        messages = (Message("system", system), Message("user", user))
        return ChatRequest(messages, self._options.max_tokens)

    def _asked_backbone(self, speaker: Speaker) -> Answers:
        """Return what asks the backbone; in one turn, as not every template has a system's."""

        def answers(batch: Sequence[Facts]) -> Sequence[str]:
            questions = [
                (Turn("user", (Text("\n\n".join(self._messages(one))),)),) for one in batch
            ]
            contexts = [context(one.case) for one in batch]
            found = speaker.answer(questions, contexts, max_new_tokens=self._options.max_tokens)
            return [texts[0] for texts in found]

        return answers

    def _backbone(self) -> Speaker:
        if self._kit.unaligned is None:
            raise CapabilityError(
                "the explainer told was to have the run's backbone word its facts and was given "
                "none; run the surrogate stage first, or name a chat model with "
                "explanations.options.told.writer=chat"
            )
        return self._kit.unaligned


def build(options: ToldOptions, kit: ExplainerKit) -> ToldExplainer:
    """Return the explainer; asks no language model anything yet."""
    return ToldExplainer(options, kit)


def capabilities(options: ToldOptions) -> frozenset[str]:
    """Return what the explainer needs with these options."""
    own = {
        "chat": {Capability.SAMPLES, Capability.SPEAKS},
        "backbone": {Capability.UNALIGNED, Capability.PRETRAINED},
    }
    return frozenset(own[options.writer])


def ready(options: ToldOptions) -> Iterator[str]:
    """Yield one line for each thing that must be there and is not; asks nobody anything."""
    if options.writer == "chat":
        yield from missing_for(options, "the explainer told")


def _answer(reply: Callable[[ChatRequest], Answer], request: ChatRequest) -> str | NoAnswerError:
    try:
        return said(reply(request))
    except NoAnswerError as failure:
        return failure
