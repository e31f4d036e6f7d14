"""Question reader: the kind of a question in free words, and the titles and values it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from recexplainer.errors import UnknownNameError, UserError
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.instruction import named_in
from recexplainer.explanation.questions.asked_kind import Understood, what_can_be_asked
from recexplainer.explanation.questions.question_words import (
    ASKS_WHAT,
    LISTED,
    NAMED,
    NEXT,
    ORDERS,
    RELEVANT,
    RELEVANT_FOR,
    REMOVED,
    TASTE,
    WHICH,
    WHY,
)
from recexplainer.explanation.questions.title_spans import (
    MARKS,
    Span,
    TitleSpans,
    items_of,
    without_spans,
)
from recexplainer.records import Case, Catalogue

__all__ = ["QuestionReader"]

_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class _Said:
    """A question's words, titles masked in ``bare``, and what was found in it."""

    words: str
    bare: str
    spans: tuple[Span, ...]
    value: str
    attribute: str
    case: Case


class QuestionReader:
    """Reads questions about one catalogue; titles are data, and no word in them asks anything.

    Args:
        reader: finds titles and values as in any text.
        catalogue: the items.
    """

    def __init__(self, reader: ClaimReader, catalogue: Catalogue) -> None:
        self._reader, self._catalogue = reader, catalogue
        self._spans = TitleSpans(reader, catalogue)

    def read(self, question: str, case: Case) -> Understood:
        """Return what is asked; ``free`` where it is of no kind that is known.

        Args:
            question: the words.
            case: its history's items are preferred where a title could mean several.

        Raises:
            UnknownNameError: a title is no item's; the nearest are named.
            UserError: nothing is asked, or about too many titles at once.
        """
        if not question.strip(MARKS) or len(question) > _LONGEST:
            much = f"longer than {_LONGEST} characters" if len(question) > _LONGEST else "empty"
            raise UserError(f"the question is {much}. {what_can_be_asked()}")
        titles, values = self._reader.mentions(question, case)
        spans: list[Span] = []
        for title in titles:
            if title.item is None:
                raise self._spans.unknown(title.text)
            spans.append((title.start, title.end, title.item))
        bare = without_spans(question, spans)
        value = values[0].text if values else ""
        attribute = self._attribute(bare, value)
        said = _Said(question, bare, tuple(spans), value, attribute, case)
        understood = self._understood(said)
        self._check_one(understood)
        return understood

    def _understood(self, said: _Said) -> Understood:
        removed = self._named(said, REMOVED)
        if removed:
            return self._removal(said, removed)
        if said.attribute and RELEVANT.search(said.bare):
            named = said.spans or self._named(said, RELEVANT_FOR)
            items = items_of(named)
            return Understood("relevance", items, (), said.value, said.attribute, named)
        if WHY.search(said.bare):
            named = said.spans or self._named(said, NAMED)
            return Understood("why", items_of(named), spans=named)
        if ORDERS.search(said.bare):
            named = max(said.spans, self._listed(said), key=lambda spans: len(items_of(spans)))
            if len(items_of(named)) > 1:
                return Understood("order", items_of(named), spans=named)
        return self._plain(said)

    def _plain(self, said: _Said) -> Understood:
        """Return what is asked of one title, or of none."""
        asks_what = ASKS_WHAT.search(said.bare) is not None
        if said.spans:
            return Understood("liking", items_of(said.spans), spans=said.spans)
        of_attribute = said.attribute and (said.value or asks_what)
        if of_attribute or TASTE.search(said.bare):
            return Understood("taste", value=said.value, attribute=said.attribute)
        named = () if asks_what else self._named(said, NAMED)
        if named:
            return Understood("liking", items_of(named), spans=named)
        return Understood("next" if NEXT.search(said.bare) else "free")

    def _removal(self, said: _Said, removed: tuple[Span, ...]) -> Understood:
        gone = {item for *_, item in removed}
        others = tuple(one for one in said.spans if one[2] not in gone)
        if not others:
            hit = next(filter(None, (pattern.search(said.bare) for pattern in REMOVED)))
            left = f"{said.bare[: hit.start()]}{'?' * len(hit[0])}{said.bare[hit.end() :]}"
            others = self._named(replace(said, bare=left, spans=()), NAMED)
        spans = tuple(sorted({*others, *removed}))
        return Understood("removal", items_of(others), items_of(removed), spans=spans)

    def _check_one(self, understood: Understood) -> None:
        """Raise UserError where a question of one title names several."""
        if understood.kind != "order" and len(understood.items) > 1:
            named = " and ".join(repr(self._catalogue.title(x)) for x in understood.items[:3])
            raise UserError(
                f"the question is about {named}: ask about one title at a time, or which of them "
                "would come first"
            )

    def _attribute(self, bare: str, value: str) -> str:
        """Return the attribute that has the value or that is named; empty where none is."""
        having = sorted(self._reader.attributes_of(value)) if value else []
        named = named_in(bare, tuple(self._catalogue.attribute_values))
        fitting = [one for one in named if not having or one in having]
        return next(iter([*fitting, *having]), "")

    def _named(self, said: _Said, patterns: Sequence[re.Pattern[str]]) -> tuple[Span, ...]:
        """Return the titles where the first pattern that fits has them."""
        for pattern in patterns:
            hit = pattern.search(said.bare)
            if hit is not None:
                start, end = hit.span("titles")
                return tuple(self._spans.find(said.words, start, end, said.spans, said.case))
        return ()

    def _listed(self, said: _Said) -> tuple[Span, ...]:
        try:
            return self._named(said, LISTED)
        except UnknownNameError:
            if said.spans or WHICH.search(said.bare):
                raise
            return ()  # an "or" between other things than titles
