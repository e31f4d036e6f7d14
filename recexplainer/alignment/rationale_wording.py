"""Wording of rationales: the sentences that are taught, about attributes those that are true.

A rationale says the decision, then the causes, then what else there is to say. Which decision,
which titles and which attribute is for the speaker to choose; what it may say of an attribute is
true of the item, of the causes that it has named, and of the history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

from recexplainer.alignment import rationale_sentences as patterns
from recexplainer.alignment.rationale_facts import (
    AttributeFacts,
    attribute_facts,
    tells_something,
)
from recexplainer.oracle import causes_among, sign_of
from recexplainer.plugins.wording_interface import ANY_TITLE, About, NextSentences, Said
from recexplainer.records import Catalogue, Decision
from recexplainer.records.question_texts import focus_sentence

__all__ = ["RationaleWording"]

_UNSURE, _FURTHER = 0.1, 0.2
"""An item that is estimated to pull less than this part of what pulls furthest is not named, as
the first or after it."""
_LEVEL = 0.85
"""An item that is estimated to pull less than this part of the first is not named beside it as what
counts most, but as what counts too. On seed 7, whose figures are not reported, every claim held in
49 instead of 45 % of texts (games) than with the half that makes a cause, at 4 % less drop."""


class RationaleWording:
    """See ``plugins.wording_interface.Wording``.

    Args:
        catalogue: the items.
        attributes: those that are spoken of.
        common: the values of each attribute that half of the items have, or more.
        most_causes: the most titles that one sentence gives as causes.
        what_ifs: whether what-ifs are taught.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        attributes: Sequence[str],
        common: Mapping[str, frozenset[str]],
        *,
        most_causes: int,
        what_ifs: bool,
    ) -> None:
        self._catalogue, self._attributes, self._common = catalogue, attributes, common
        self._most, self._what_ifs = most_causes, what_ifs

    def next_sentences(self, about: About, said: Sequence[Said]) -> NextSentences:
        """Return what may be said after ``said``: the decision first, and then its causes.

        Where the question asks for one attribute, that one is spoken of; else none of which half
        of the items have the value. Nothing is said twice, in other words either.
        """
        decision = self._decision(about.item, said)
        if decision is None and said:  # it began in words of others
            return NextSentences()
        if decision is None:
            openings = [text for texts in self._decisions(about.item) for text in texts]
            return NextSentences(inner=openings)
        told = {one.sentence for one in said}
        focus = [name for name in self._attributes if about.question.endswith(focus_sentence(name))]
        causes = next((one for one in said if one.sentence in self._causes[decision]), None)
        named = self._named(about.history, causes) if causes else ()
        facts = list(self._facts(about, named, focus))
        leanings = _unless_said(
            told,
            [text for one in facts if one.leaning for text in patterns.leaning_sentences(one)],
        )
        titles = self._estimated(about, decision, causes)
        if causes is None:
            given = _naming(self._causes[decision], titles)
            inner = [*leanings, *(given if focus else ())]
            return NextSentences(inner, () if focus else given, titles)
        attributes = [
            text
            for one in facts
            for text in patterns.attribute_sentences(decision, one, self._catalogue, named)
        ]
        left = _unless_said(told, attributes)
        further = [*leanings, *self._last(decision, causes, told, titles)]
        if focus and left:
            return NextSentences(further, left, titles)
        return NextSentences(last=[*left, *further], titles=titles)

    def _estimated(self, about: About, decision: Decision, causes: Said | None) -> list[str] | None:
        """Return the titles to name next, by the speaker's estimates; None where it has none.

        First those that would be causes, were the estimates the target's answers, and are about as
        strong as the strongest; after ``causes``, those that come next.
        """
        if about.pulls is None:
            return None
        sign = sign_of(decision)
        toward = {item: sign * pull for item, pull in about.pulls.items() if item != about.item}
        named = causes_among(toward, _UNSURE)[: self._most]
        named = [item for item in named if toward[item] >= _LEVEL * toward[named[0]]]
        if causes is None:
            return [self._catalogue.title(item) for item in named]
        rest = (item for item, pull in toward.items() if pull > _FURTHER and item not in named)
        further = sorted(rest, key=lambda item: -toward[item])
        titles = [self._catalogue.title(item) for item in (*named, *further)]
        left = [title for title in titles if title not in causes.titles]
        return left[: max(0, self._most - len(causes.titles))]

    def _decisions(self, item: str) -> Iterator[list[str]]:
        title = f"“{self._catalogue.title(item)}”"
        for texts in patterns.DECISION.values():
            yield [text.format(item=title) for text in texts]

    def _decision(self, item: str, said: Sequence[Said]) -> Decision | None:
        """Return what was decided, by a sentence or by the word alone."""
        told = {one.sentence for one in said}
        by_decision = zip(patterns.DECISION, self._decisions(item), strict=True)
        return next(
            (decided for decided, texts in by_decision if told & {*texts, f"{decided}."}), None
        )

    @cached_property
    def _causes(self) -> dict[Decision, dict[str, None]]:
        """What gives causes, or says that there is none, by decision; in order."""
        return {
            decision: dict.fromkeys((*self._listed(texts, "causes"), *patterns.NO_CAUSE[decision]))
            for decision, texts in patterns.CAUSES.items()
        }

    @cached_property
    def _others(self) -> dict[Decision, list[str]]:
        return {
            decision: list(self._listed(texts, "others"))
            for decision, texts in patterns.OTHERS.items()
        }

    def _listed(self, texts: Sequence[str], slot: str) -> Iterator[str]:
        """Yield the patterns with one title, two and so on."""
        for count in range(1, self._most + 1):
            titles = patterns.joined([ANY_TITLE] * count)
            yield from (text.format_map({slot: titles}) for text in texts)

    def _named(self, history: Sequence[str], causes: Said) -> list[str]:
        """Return the items of the history that a sentence gives as causes."""
        titles = {self._catalogue.title(one): one for one in history}
        return [titles[title] for title in causes.titles if title in titles]

    def _facts(
        self, about: About, causes: Sequence[str], focus: Sequence[str]
    ) -> Iterator[AttributeFacts]:
        """Yield what is true of each attribute that may be spoken of."""
        item = self._catalogue.item(about.item)
        named, history = (
            [self._catalogue.item(one) for one in items] for items in (causes, about.history)
        )
        for name in focus or self._attributes:
            facts = attribute_facts(name, item, named, history)
            if focus or (facts.own and tells_something(facts, self._common)):
                yield facts

    def _last(
        self, decision: Decision, causes: Said, told: AbstractSet[str], titles: Sequence[str] | None
    ) -> Iterator[str]:
        """Yield what else pulls, and what would undo the decision, unless that was said."""
        yield from _unless_said(told, _naming(self._others[decision], titles))
        if self._what_ifs and causes.titles:
            first = f"“{causes.titles[0]}”"
            ifs = [text.format(first=first) for text in patterns.WHAT_IF[decision]]
            yield from _unless_said(told, ifs)


def _unless_said(told: AbstractSet[str], ways: Sequence[str]) -> Sequence[str]:
    """Return the ways to say one thing; none where it was said in one of them."""
    return () if not told.isdisjoint(ways) else ways


def _naming(sentences: Iterable[str], titles: Sequence[str] | None) -> tuple[str, ...]:
    """Return the sentences with as many open places as there are ``titles``; all for None."""
    return tuple(one for one in sentences if titles is None or one.count(ANY_TITLE) == len(titles))
