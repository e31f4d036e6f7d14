"""Facts of a decision that the oracle has established, in plain sentences that hold as read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from recexplainer.explanation.checks.account import account_of
from recexplainer.explanation.checks.plain_reading import moved_words
from recexplainer.explanation.checks.settlement import is_true_as_read, settle_claims
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.explainers.minimal_edits import find_edit
from recexplainer.explanation.explainers.reasons import (
    Surroundings,
    no_cause_sentence,
    reason_opening,
)
from recexplainer.explanation.explainers.title_marks import ITEM, TitleMarks
from recexplainer.explanation.sentences import (
    attribute_sentence,
    decided,
    enumerated,
    rank_change,
    re_scored,
)
from recexplainer.oracle import Oracle, Pulls, direction_of, leaning, longest_joint, pulls_of
from recexplainer.plugins.interfaces import ExplainerKit
from recexplainer.records import Case, Written

__all__ = ["Audience", "FactFinder", "Facts", "Length"]

Audience = Literal["user", "product owner", "engineer"]
Length = Literal["short", "medium", "long"]

_CAUSES: dict[Length, int] = {"short": 1, "medium": 3, "long": 5}
"""The most history items that are named as causes."""
_ATTRIBUTES: dict[Length, int] = {"short": 0, "medium": 1, "long": 2}
"""The most attribute values that are said to matter."""
_FEWEST_HOLDERS = 2
"""A value that one title of the history has says no more than that title."""
_MOST_VALUES = 4
"""How many of the item's values are put to the recommender."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one case, in sentences with marks for titles.

    Attributes:
        case: what it is about.
        marks: what the marks stand for.
        decision: the decision, with the item's rank.
        reasons: the causes, the attributes, what would change the decision.
        beside: what only the recommender's answers show, and no reader of a text can check.
    """

    case: Case
    marks: TitleMarks
    decision: str
    reasons: tuple[str, ...]
    beside: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it, in the order in which it is told."""
        return self.decision, *self.reasons, *self.beside

    @property
    def plain(self) -> str:
        """All of it as a text, titles in place of marks."""
        return self.marks.show(" ".join(self.sentences))


class FactFinder:
    """Asks the oracle what a text about a case may say.

    Args:
        oracle: asks the target.
        reader: reads the sentences about attributes, which are facts only if they hold as read.
        kit: other users' histories and the seed.
        audience: a user is told no scores, and ranks of the item alone; an engineer is told both.
        length: how much is told.
    """

    def __init__(
        self,
        oracle: Oracle,
        reader: ClaimReader,
        kit: ExplainerKit,
        *,
        audience: Audience,
        length: Length,
    ) -> None:
        self._oracle, self._reader, self._seed = oracle, reader, kit.seed
        self._audience, self._length = audience, length
        self._surroundings = Surroundings.of(oracle, kit)

    def facts(self, cases: Sequence[Case], focus: str | None = None) -> list[Facts]:
        """Return what is known of each case, in order.

        Args:
            cases: what is explained.
            focus: the only attribute to speak of, whether it matters or not.
        """
        asked = pulls_of(self._oracle, cases)
        most = _CAUSES[self._length]
        causes = longest_joint(self._oracle, asked, [pulls.causes()[:most] for pulls in asked])
        bare = [pulls for pulls, items in zip(asked, causes, strict=True) if not items]
        known = iter(self._surroundings.sentences(bare))
        values = self._values_that_matter(cases, focus)
        return [
            self._of_case(pulls, items, matter, focus, "" if items else next(known))
            for pulls, items, matter in zip(asked, causes, values, strict=True)
        ]

    def _of_case(
        self,
        pulls: Pulls,
        causes: Sequence[str],
        values: Sequence[tuple[str, str]],
        focus: str | None,
        surroundings: str,
    ) -> Facts:
        case, marks = pulls.case, TitleMarks(pulls.case, self._oracle.catalogue)
        reasons = [*self._causes(pulls, causes, marks)] if causes else [no_cause_sentence(case)]
        reasons += [matters_sentence(case, name, marks.value(value)) for name, value in values]
        if focus is not None:
            reasons.append(attribute_sentence(case, focus, self._oracle.catalogue))
        reasons += self._what_if(case, marks)
        beside = (marks.hide(surroundings),) if surroundings else ()
        return Facts(case, marks, decided(case, ITEM), tuple(reasons), beside)

    def _causes(self, pulls: Pulls, items: Sequence[str], marks: TitleMarks) -> Iterator[str]:
        titles = [marks.title(item) for item in items]
        then = f", then {enumerated(titles[1:])}" if len(titles) > 1 else ""
        yield f"{reason_opening(pulls.case)} {titles[0]}{then}."
        for item, title in zip(items, titles, strict=True):
            moved = self._moved(pulls, item)
            if moved:
                yield f"Without {title}, its {moved}."

    def _moved(self, pulls: Pulls, item: str) -> str:
        """Return where the item goes without ``item``; nothing where that would mislead.

        A score that falls while others fall further gains ranks, which no title is blamed for.
        """
        case, without = pulls.case, pulls.without[item]
        if self._audience == "engineer":
            return moved_words(pulls.whole, without).removeprefix("the ")
        alike = (without.rank - case.rank) * direction_of(case) > 0
        told = self._audience == "product owner" and alike
        return f"rank goes from {case.rank:,} to {without.rank:,}" if told else ""

    def _what_if(self, case: Case, marks: TitleMarks) -> Iterator[str]:
        edit = find_edit(self._oracle, case) if self._length != "short" else None
        if edit is None:
            return
        titles = enumerated([marks.title(item) for item in edit.removed])
        would = f"it would not be {'recommended' if case.decision == 'Yes' else 'rejected'}"
        numbers = {
            "user": "",
            "product owner": f" ({rank_change(case.rank, edit.rank)})",
            "engineer": f" ({re_scored(case, edit.rank, edit.score)})",
        }
        yield f"Without {titles} {would}{numbers[self._audience]}."

    def _values_that_matter(
        self, cases: Sequence[Case], focus: str | None
    ) -> list[list[tuple[str, str]]]:
        """Return of each case the attributes and values that are reasons, as a reader takes it."""
        most = _ATTRIBUTES[self._length]
        drafts = [
            (row, name, value)
            for row, case in enumerate(cases if most else ())
            for name, value in self._shared_values(case, focus)
        ]
        written = [
            Written(
                case=cases[row].id,
                explainer="facts",
                text=f"{_opening(cases[row])}{matters_sentence(cases[row], name, value)}",
            )
            for row, name, value in drafts
        ]
        about = [cases[row] for row, _, _ in drafts]
        read = [
            account_of(one, case, self._reader) for one, case in zip(written, about, strict=True)
        ]
        settled = settle_claims(read, about, self._oracle, seed=self._seed)
        found: list[list[tuple[str, str]]] = [[] for _ in cases]
        for (row, name, value), text in zip(drafts, settled, strict=True):
            relevant = any(claim.kind == "relevance" for claim in text.claims)
            if relevant and is_true_as_read(text, cases[row]) and len(found[row]) < most:
                found[row].append((name, value))
        return found

    def _shared_values(self, case: Case, focus: str | None) -> list[tuple[str, str]]:
        """Return the item's values that titles of the history have, the most frequent first."""
        catalogue = self._oracle.catalogue
        history = [catalogue.item(item) for item in dict.fromkeys(case.history)]
        found = [
            (sum(value in one.attributes.get(name, ()) for one in history), value, name)
            for name, values in catalogue.item(case.item).attributes.items()
            if focus is None or name == focus
            for value in values
        ]
        frequent = sorted((one for one in found if one[0] >= _FEWEST_HOLDERS), reverse=True)
        return [(name, value) for _, value, name in frequent[:_MOST_VALUES]]


def matters_sentence(case: Case, attribute: str, value: str) -> str:
    """Return that the titles with an attribute value move the decision more than others do."""
    way = "for" if leaning(case) == "Yes" else "against"
    return f"The {attribute.replace('_', ' ').strip()} {value} also speaks {way} it."


def _opening(case: Case) -> str:
    return "" if case.decision is None else f"{case.decision}. "
