"""Grades explanations by asking a chat model, many questions at a time, none of them twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from recexplainer.judging.answers import Answer, AnswerBook
from recexplainer.judging.asking import Asker, NoAnswerError
from recexplainer.judging.chat_options import ChatOptions
from recexplainer.judging.prompt import instructions, question, read_rating
from recexplainer.judging.service import ChatService
from recexplainer.judging.spending import Spending, estimate
from recexplainer.plugins.interfaces import Judge, JudgeKit
from recexplainer.records import Case, Explanation, Verdict

__all__ = ["NAME", "ChatJudge", "build"]

NAME = "chat"

_Pair = tuple[Case, Explanation]


class ChatJudge(Judge):
    """Asks a chat model for the rating of each explanation, by the paper's rubric.

    Verdicts are signed ``chat:MODEL``, which is also a name that the judge goes by. What f is
    undecided about is not asked, nor is an explanation that says nothing. Answers are kept on disk
    as they come, so an interrupted judge continues with the first question that has none.

    Args:
        options: which model, how it is asked, and what it may cost.
        kit: the items, where answers are kept, and where is told what it will and did take.
    """

    def __init__(self, options: ChatOptions, kit: JudgeKit) -> None:
        self._options, self._kit = options, kit
        self._system = instructions()
        self._name = f"{NAME}:{options.model}"

    def grade(self, pairs: Sequence[_Pair]) -> Iterable[Verdict]:
        """Yield one verdict per pair, in order.

        Raises:
            UserError: the service refuses the key or does not have the model.
            StageError: the service stopped answering.
        """
        if pairs:
            with AnswerBook(self._folder, self._options) as book:
                yield from self._grade(pairs, book)

    @property
    def _folder(self) -> Path | None:
        given = self._options.cache_dir
        return self._kit.folder if given is None else Path(given).expanduser()

    def _grade(self, pairs: Sequence[_Pair], book: AnswerBook) -> Iterator[Verdict]:
        # Two explainers may say the same of a case: that is one question.
        questions = {
            place: question(*pairs[place], self._kit.catalogue)
            for place in _by_case(pairs)
            if _unasked(*pairs[place]) is None
        }
        distinct = tuple(dict.fromkeys(questions.values()))
        service, spending = ChatService(self._options), Spending(self._options)
        asker = Asker(self._options, service, spending)
        threads = ThreadPoolExecutor(self._options.concurrency, thread_name_prefix=NAME)
        self._announce(distinct, book)
        try:
            grades = {asked: threads.submit(self._ask, asked, asker, book) for asked in distinct}
            for place, pair in enumerate(pairs):
                found = _unasked(*pair) or grades[questions[place]].result()
                yield self._verdict(pair[1], *found)
        finally:
            # Giving up half-way, also by an error, lets no further question out.
            asker.halt()
            threads.shutdown(wait=True, cancel_futures=True)
            service.close()
            self._sum_up(spending, asker.failures)

    def _announce(self, questions: Sequence[str], book: AnswerBook) -> None:
        """Say what is asked and what it takes at most, before anything is asked."""
        new = [asked for asked in questions if book.find(self._system, asked) is None]
        expected = estimate(self._options, [self._system + asked for asked in new])
        kept = len(questions) - len(new)
        self._kit.progress.note(f"{self._name}: {expected}; {kept:,} answers are kept from before")

    def _sum_up(self, spending: Spending, failures: Counter[str]) -> None:
        cost = f", ${spending.cost:.2f}" if self._options.price_in is not None else ""
        counted = "".join(f", {count:,} x {kind}" for kind, count in sorted(failures.items()))
        self._kit.progress.note(f"{self._name}: {spending.requests:,} requests{cost}{counted}")

    def _verdict(self, explanation: Explanation, grade: int | None, reason: str) -> Verdict:
        return Verdict(
            case=explanation.case,
            explainer=explanation.explainer,
            judge=self._name,
            grade=grade,
            reason=reason,
        )

    def _ask(self, asked: str, asker: Asker, book: AnswerBook) -> tuple[int | None, str]:
        answer = book.find(self._system, asked)
        if answer is None:
            try:
                answer = asker.answer(self._system, asked)
            except NoAnswerError as failure:
                return None, str(failure)
            book.keep(self._system, asked, answer)
        return _read(answer)


def build(options: ChatOptions, kit: JudgeKit) -> ChatJudge:
    """Return the judge; asks nobody anything yet."""
    return ChatJudge(options, kit)


def _unasked(case: Case, explanation: Explanation) -> tuple[int | None, str] | None:
    """Return the grade of what needs no judge, or None for what is to be asked about."""
    if case.decision is None:
        return None, "f is undecided about this item"
    if not explanation.text.strip():
        return 1, "nothing is said"
    return None


def _by_case(pairs: Sequence[_Pair]) -> list[int]:
    """Return the places of ``pairs``, all explainers of a case together.

    So a judge that is stopped by a cap has asked as much about each of them.
    """
    first: dict[str, int] = {}
    for case, _ in pairs:
        first.setdefault(case.id, len(first))
    return sorted(range(len(pairs)), key=lambda place: first[pairs[place][0].id])


def _read(answer: Answer) -> tuple[int | None, str]:
    """Return the grade and its reason, or None and why the answer holds none."""
    if answer.refusal or answer.finish == "content_filter":
        return None, f"the model refuses: {answer.refusal or 'its filter stopped the answer'}"
    if answer.finish == "length":
        return None, "the answer was cut off; raise max_tokens"
    return read_rating(answer.text)
