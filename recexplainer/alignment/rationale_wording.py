"""Wording of rationales: the sentences that are taught, about attributes those that are true.

A rationale says the decision, then the causes, then what else there is to say. Which decision,
which titles and which attribute is for the speaker to choose; what it may say of an attribute is
true of the item, of the causes that it has named, and of the history.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from recexplainer.alignment import rationale_sentences as patterns
from recexplainer.alignment.rationale_facts import attribute_facts
from recexplainer.plugins.wording_interface import ANY_TITLE, NextSentences, Said
from recexplainer.records import Catalogue, Decision

__all__ = ["RationaleWording"]


class RationaleWording:
    """See ``plugins.wording_interface.Wording``.

    Args:
        catalogue: the items.
        attributes: those that are spoken of.
        most_causes: the most titles that one sentence gives as causes.
        what_ifs: whether what-ifs are taught.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        attributes: Sequence[str],
        *,
        most_causes: int,
        what_ifs: bool,
    ) -> None:
        self._catalogue, self._attributes = catalogue, attributes
        self._most, self._what_ifs = most_causes, what_ifs

    def next_sentences(
        self, history: Sequence[str], item: str, said: Sequence[Said]
    ) -> NextSentences:
        """Return what may be said after ``said``: the decision first, and then its causes."""
        own = [one for one in said if one.sentence]
        decision = self._decision(item, own)
        if decision is None:
            openings = [text for texts in self._decisions(item) for text in texts]
            return NextSentences(openings, may_end=False)
        causes = next((one for one in own if one.sentence in self._causes[decision]), None)
        if causes is None:
            given = [*self._causes[decision], *self._leanings(history)]
            return NextSentences(given, may_end=True)
        told = {one.sentence for one in own}
        further = self._further(decision, history, item, causes)
        return NextSentences([text for text in further if text not in told], may_end=True)

    def _decisions(self, item: str) -> Iterator[list[str]]:
        title = f"“{self._catalogue.title(item)}”"
        for texts in patterns.DECISION.values():
            yield [text.format(item=title) for text in texts]

    def _decision(self, item: str, said: Sequence[Said]) -> Decision | None:
        told = {one.sentence for one in said}
        by_decision = zip(patterns.DECISION, self._decisions(item), strict=True)
        return next((decision for decision, texts in by_decision if told.intersection(texts)), None)

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

    def _leanings(self, history: Sequence[str]) -> Iterator[str]:
        items = [self._catalogue.item(one) for one in history]
        for name in self._attributes:
            facts = attribute_facts(name, items[-1], (), items)
            if facts.leaning:
                yield from patterns.leaning_sentences(facts)

    def _further(
        self, decision: Decision, history: Sequence[str], item: str, causes: Said
    ) -> Iterator[str]:
        """Yield what may follow the causes, in any order."""
        titles = {self._catalogue.title(one): one for one in history}
        named = [titles[title] for title in causes.titles if title in titles]
        items = [self._catalogue.item(one) for one in history]
        yield from self._leanings(history)
        for name in self._attributes:
            about = self._catalogue.item(item)
            facts = attribute_facts(
                name, about, [self._catalogue.item(one) for one in named], items
            )
            yield from patterns.attribute_sentences(decision, facts, self._catalogue, named)
        yield from self._others[decision]
        if self._what_ifs and causes.titles:
            first = f"“{causes.titles[0]}”"
            yield from (text.format(first=first) for text in patterns.WHAT_IF[decision])
