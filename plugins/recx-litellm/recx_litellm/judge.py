"""Grades explanations by asking a chat model, several at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from recexplainer.judging import instructions, known_grade, question, read_rating
from recexplainer.plugins.interfaces import Judge, JudgeKit
from recexplainer.records import Case, Catalogue, Explanation, Verdict
from recx_litellm.asking import ChatModel, NoAnswerError
from recx_litellm.options import ChatJudgeOptions

__all__ = ["NAME", "ChatJudge", "ChatJudgeOptions", "build"]

NAME = "litellm"


class ChatJudge(Judge):
    """Asks a chat model for the rating of each explanation.

    Verdicts are signed ``litellm:MODEL``, which is also a name that the judge goes by. What the
    target is undecided about is not asked, nor is an explanation that says nothing.
    """

    def __init__(self, options: ChatJudgeOptions, catalogue: Catalogue) -> None:
        self._options = options
        self._catalogue = catalogue
        self._model = ChatModel(options)

    def grade(self, pairs: Sequence[tuple[Case, Explanation]]) -> Iterable[Verdict]:
        """Yield one verdict per pair, in order.

        Raises:
            UserError: the provider refuses the key or does not have the model.
        """
        with ThreadPoolExecutor(self._options.concurrency, thread_name_prefix=NAME) as threads:
            # Giving up half-way, also by an error, cancels what has not been asked yet.
            yield from threads.map(self._verdict, pairs)

    def _verdict(self, pair: tuple[Case, Explanation]) -> Verdict:
        case, explanation = pair
        grade, reason = known_grade(case, explanation) or self._asked(case, explanation)
        return Verdict(
            case=case.id,
            explainer=explanation.explainer,
            judge=f"{NAME}:{self._options.model}",
            grade=grade,
            reason=reason,
        )

    def _asked(self, case: Case, explanation: Explanation) -> tuple[int | None, str]:
        try:
            reply = self._model.answer(instructions(), question(case, explanation, self._catalogue))
        except NoAnswerError as failure:
            return None, f"{self._options.model} {failure}"
        return read_rating(reply)


def build(options: ChatJudgeOptions, kit: JudgeKit) -> ChatJudge:
    """Return the judge; imports litellm."""
    return ChatJudge(options, kit.catalogue)
