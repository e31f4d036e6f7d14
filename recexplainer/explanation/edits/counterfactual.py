"""Counterfactual: an edit that brings an item where it is wanted, in numbers and words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recexplainer.explanation.edits.changes import Edit, Kind
from recexplainer.explanation.edits.edit_words import edit_words
from recexplainer.explanation.sentences import ordinal, quoted
from recexplainer.records import Case, Catalogue, Decision

__all__ = ["EditedStanding", "WhatIf"]


@dataclass(frozen=True)
class EditedStanding:
    """An edit, and what the target answered after it.

    Attributes:
        edit: the changes.
        history: the items that the target read, oldest first: to ask it again.
        score: of the item in question.
        rank: its 1-based rank among the candidates, which are the items of neither history.
        candidates: how many these are.
        decision: the target's decision.
    """

    edit: Edit
    history: tuple[str, ...]
    score: float
    rank: int
    candidates: int
    decision: Decision | None


@dataclass(frozen=True)
class WhatIf:
    """Answer to what would bring an item where it is wanted; nothing is said that was not asked.

    Attributes:
        case: the question, with rank, score and decision as they are.
        aim: where the item is wanted, such as ``top 10``.
        kinds: the changes that were allowed.
        by: ``item`` or ``attribute``.
        met: whether the item is there already, so that nothing was searched.
        found: an edit that brings it there, the smallest that was found.
        nearest: without one, the edit that came nearest.
        minimal: whether no edit of fewer changes does it: all of them were asked.
        irreducible: whether no part of ``found`` can be left out: all such edits were asked.
        complete: up to so many changes, all edits were asked.
        tried, addable: how many items were tried as what comes, and how many there are.
        questions: how many histories were put to the target, the user's own included.
        budget: how many might have been.
        catalogue: the items, for titles.
        notes: sentences about what is unusual of the question, as of an explanation.
    """

    case: Case
    aim: str
    kinds: tuple[Kind, ...]
    by: str
    met: bool
    found: EditedStanding | None
    nearest: EditedStanding | None
    minimal: bool
    irreducible: bool
    complete: int
    tried: int
    addable: int
    questions: int
    budget: int
    catalogue: Catalogue
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The answer in sentences."""
        return " ".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        title = quoted(self.catalogue.title(self.case.item))
        if self.met:
            place = f"{ordinal(self.case.rank)} of {self.case.candidates:,}"
            yield f"{title} is ranked {place} as it is, so the aim ({self.aim}) is met already."
        elif self.found is not None:
            yield f"{self._told(self.found, title)}."
            yield from self._how_small(self.found)
        else:
            yield f"No edit that was asked about meets the aim ({self.aim}) for {title}."
            if self.complete:
                yield f"{self._every(self.complete)} was asked about."
            if self.nearest is not None:
                yield f"The nearest: {self._told(self.nearest, 'it', capital=False)}."
        times = "once" if self.questions == 1 else f"{self.questions:,} times"
        yield f"The recommender was asked {times}."

    def _told(self, one: EditedStanding, name: str, *, capital: bool = True) -> str:
        words = edit_words(one.edit, self.catalogue)
        words = words[0].upper() + words[1:] if capital else words
        would = f"{words}, {name} would be ranked {ordinal(one.rank)} instead of "
        decided = ""
        if one.decision != self.case.decision:
            decided = f" ({one.decision or 'undecided'}, not {self.case.decision or 'undecided'})"
        return f"{would}{ordinal(self.case.rank)}{decided}"

    def _how_small(self, found: EditedStanding) -> Iterator[str]:
        size = len(found.edit)
        if size > 1 and self.minimal:
            fewer = "single change" if size == 2 else f"edit of fewer than {size} changes"
            yield f"No {fewer}{self._among()} does."
        elif size > 1:
            yield "A guided search found it, so fewer changes may do" + (
                "; none of these can be left out." if self.irreducible else "."
            )

    def _every(self, size: int) -> str:
        upto = "single change" if size == 1 else f"edit of up to {size} changes"
        return f"Every {upto}{self._among()}"

    def _among(self) -> str:
        """Return the words that say which items might come, where not all were tried."""
        everything = self.tried == self.addable and self.by == "item"
        if everything or set(self.kinds) == {"remove"}:
            return ""
        return f" with the {self.tried} items tried as additions"
