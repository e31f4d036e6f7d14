"""Check of an answer: read as what its question asks for, and put to the target."""

from __future__ import annotations

import re
from collections.abc import Sequence

from recexplainer.explanation.checks.plain_reading import moved_words
from recexplainer.explanation.checks.settlement import settle_claims
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.claims.title_index import TitleIndex
from recexplainer.explanation.questions.asked_kind import Understood
from recexplainer.explanation.questions.checked_lists import Listing
from recexplainer.explanation.questions.checked_sentences import Sentence, checked_sentences
from recexplainer.explanation.sentences import decided, enumerated, quoted
from recexplainer.oracle import Oracle, leaning, question_without
from recexplainer.records import Case, Claim, Explanation

__all__ = ["AnswerCheck"]

_LISTED = re.compile(r"[;\n]")
_MARKS = " \t“”\"'‘’*_.,:-•0123456789)"


class AnswerCheck:
    """Reads answers, and says what the target answers itself.

    Args:
        reader: reads titles, values and claims.
        oracle: asks the target.
        seed: of random groups of titles, which groups with an attribute are compared with.
    """

    def __init__(self, reader: ClaimReader, oracle: Oracle, seed: int) -> None:
        self._reader, self._oracle, self._seed = reader, oracle, seed
        self._title = oracle.catalogue.title
        self._titles = TitleIndex(oracle.catalogue)

    def sentences(self, text: str, understood: Understood, case: Case) -> list[Sentence]:
        """Return the sentences of an answer with what was found of each claim.

        None where the answer says nothing that can be read, or nothing on what was asked.

        Args:
            text: the answer.
            understood: the question.
            case: the item in question, after the history that is asked about.
        """
        kind, listing = understood.kind, Listing(case, self._oracle)
        found: list[Sentence] = []
        if kind == "next":
            named = self._named(text, case)
            found = listing.first(text, named) if named else []
        elif kind == "order":
            named = self._named(text, case)
            asked_about = set(named).intersection(understood.items)
            found = listing.order(text, named, understood.items) if asked_about else []
        elif kind == "taste":
            values = self._values(text, understood.attribute, case)
            found = self._text(text, case, listing, values) if values else []
        else:
            found = self._text(text, case, listing)
        return found if any(sentence.claims for sentence in found) else []

    def recommender(self, understood: Understood, case: Case, left: Case) -> str:
        """Return the target's own answer, in words.

        Args:
            understood: the question.
            case: the item in question after the whole history.
            left: the same after the history without what is supposed to be missing.
        """
        kind, listing, title = understood.kind, Listing(case, self._oracle), self._title(case.item)
        if kind == "order":
            return listing.own_order(understood.items)
        if kind == "taste":
            return listing.own_taste(understood.attribute, understood.value)
        if kind == "next":
            return f"its first choice is {quoted(title)}"
        if kind == "removal":
            whole, without = self._oracle.ask([question_without(one) for one in (case, left)])
            gone = enumerated([quoted(self._title(item)) for item in understood.removed])
            return f"without {gone}, {moved_words(whole, without)}; {decided(left, title)}"
        words = decided(case, title)
        if case.item in (*case.history, *case.earlier):
            words += " The user had it already."
        if kind == "relevance" and understood.value:
            words += f" On {quoted(understood.value)}: {self._relevance(understood.value, case)}."
        return words

    def _text(
        self, text: str, case: Case, listing: Listing, values: Sequence[str] = ()
    ) -> list[Sentence]:
        tastes = {value: listing.taste(value) for value in values}
        return checked_sentences(
            text, case, self._reader, self._oracle, seed=self._seed, of_values=tastes
        )

    def _named(self, text: str, case: Case) -> list[str]:
        """Return the items that a list names; else those that a text does, in its order."""
        listed = [
            self._titles.match(piece, case.history)
            for raw in _LISTED.split(text)
            for piece in [raw.strip() if self._titles.strict(raw.strip()) else raw.strip(_MARKS)]
            if piece
        ]
        if listed and all(item is not None for item in listed):
            return [item for item in dict.fromkeys(listed) if item is not None]
        mentions, _ = self._reader.mentions(text, case)
        named = [one.item for one in mentions if one.item] or [one for one in listed if one]
        return list(dict.fromkeys(named))

    def _values(self, text: str, attribute: str, case: Case) -> list[str]:
        _, values = self._reader.mentions(text, case)
        return [
            one.text
            for one in values
            if not attribute or attribute in self._reader.attributes_of(one.text)
        ]

    def _relevance(self, value: str, case: Case) -> str:
        """Return what the target answers without the titles of the history that have the value."""
        claim = Claim(kind="relevance", text=value, start=0, end=0, real=True, toward=leaning(case))
        said = Explanation(case=case.id, explainer="question", text=value, claims=(claim,))
        (settled,) = settle_claims([said], [case], self._oracle, seed=self._seed)
        return settled.claims[0].detail
