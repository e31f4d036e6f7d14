"""Rules on the wording of a task: what it offers is what the task teaches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import pytest

from recexplainer.plugins.interfaces import AlignmentTask, Asked, TaskKit
from recexplainer.plugins.wording_interface import ANY_TITLE, About, NextSentences, Said, Wording
from recexplainer.records import Example, HistorySlot, ItemSlot, Text
from recexplainer.testing.contracts.rules import broken, inapplicable, require, survives

__all__ = ["WordingRules"]

Worded = tuple[Wording, Sequence[tuple[About, str]]]
"""A wording, and what each answer that is taught is about."""

_MOST = 200
"""Answers that are looked at."""
_FIX = (
    "let next_sentences() give every sentence that an answer may go on with, in the words of the "
    f"answers, {ANY_TITLE} in the place of a quoted title of the history; those that may end an "
    "answer among last"
)


class WordingRules:
    """Rules on the wording that a task may have; none applies to a task without one."""

    @pytest.fixture
    def worded(
        self,
        make_task: Callable[[TaskKit], AlignmentTask],
        kit: TaskKit,
        asked: Asked,
        examples: list[Example],
    ) -> Worded:
        """The wording, and the answers that are taught to questions about a history and an item."""
        wording = make_task(kit).wording()
        if wording is None:
            inapplicable("the task has no wording")
        found = (pair for example in examples for pair in _questions_of(example, asked))
        taught = list(islice(found, _MOST))
        if not taught:
            inapplicable("no example is about one history and one item")
        return wording, taught

    def test_its_wording_says_all_that_it_teaches(self, worded: Worded) -> None:
        """A surrogate says only sentences of the wording, so it must hold those it is taught."""
        wording, taught = worded
        for about, answer in taught:
            said: list[Said] = []
            rest = answer
            while rest:
                offered = _offered(wording, about, said)
                found = _read(rest, offered)
                if found is None:
                    broken(f"of {answer!r}, {rest!r} is not among what may be said next", _FIX)
                one, rest = found
                said.append(one)

    def test_its_wording_gives_whole_sentences(self, worded: Worded) -> None:
        """What may be said next is sentences, each ending with a full stop."""
        wording, taught = worded
        for about, _ in taught:
            try:
                offered = wording.next_sentences(about, ())
            except Exception:  # noqa: BLE001  # told by the other rule
                inapplicable("rests on the rule 'its wording says all that it teaches'")
            halves = [one for one in (*offered.inner, *offered.last) if not one.endswith(".")]
            require(not halves, f"offered as a sentence: {halves[:2]}", "end each with a full stop")


def _questions_of(example: Example, asked: Asked) -> Iterator[tuple[About, str]]:
    """Yield what the first question of ``example`` is about, and its answer.

    Nothing is yielded of one that is not about one history and one item.
    """
    question, answer = example.turns[:2]
    shown = [part.context for part in question.content if isinstance(part, HistorySlot)]
    items = [part.item for part in question.content if isinstance(part, ItemSlot)]
    if len(shown) == len(items) == 1:
        history = asked.contexts[list(asked.rows).index(shown[0])].history
        words, said = (
            "".join(part.text for part in turn.content if isinstance(part, Text))
            for turn in (question, answer)
        )
        yield About(history, items[0], words), said


def _offered(wording: Wording, about: About, said: Sequence[Said]) -> NextSentences:
    return survives(
        lambda: wording.next_sentences(about, said),
        f"next_sentences() after {[one.sentence for one in said]}",
        "return NextSentences, empty where nothing can follow",
    )


def _read(text: str, offered: NextSentences) -> tuple[Said, str] | None:
    """Return the offered sentence that ``text`` begins with, and what comes after its space.

    The longest is taken; one that others have to follow does not end a text.
    """
    for sentence in sorted((*offered.last, *offered.inner), key=len, reverse=True):
        places = "“([^”]*)”".join(map(re.escape, sentence.split(ANY_TITLE)))
        found = re.match(rf"{places}(?: |$)", text)
        if found and (found.end() < len(text) or sentence in offered.last):
            return Said(sentence, found.groups()), text[found.end() :]
    return None
