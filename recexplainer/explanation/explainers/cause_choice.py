"""What a speaker could have named where it named a cause, and which of these f leans on most."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recexplainer.oracle import direction_of, oracle_of, question_without
from recexplainer.plugins.interfaces import ExplainerKit, FloatArray
from recexplainer.records import Case, Catalogue, Claim, Explanation

__all__ = ["Opening", "heaviest_causes", "likeliest", "open_causes"]

_SIGNS = "“\"'*_«‘"
_CLAUSE_ENDS = re.compile(r"\W?\s*([.,;!]|and\b|$)")


@dataclass(frozen=True)
class Opening:
    """A text up to a cause, and the items of the history that could stand there.

    Attributes:
        text: what comes before the cause.
        titles: item id to its title, with the sign that follows it in the text, such as a quote.
        sign: what stands right before a title, such as a quote.
        picked: the causes that the text names already.
    """

    text: str
    titles: dict[str, str]
    sign: str = ""
    picked: tuple[str, ...] = ()

    def up_to(self, item: str) -> str:
        """Return the text with ``item``, one of ``titles``, at this place."""
        return self.text + self.titles[item]

    def behind(self, item: str) -> Opening:
        """Return the place of a second cause behind ``item``.

        Args:
            item: one of ``titles``; it stands at this place.
        """
        left = {other: title for other, title in self.titles.items() if other != item}
        text = f"{self.up_to(item)} and {self.sign}"
        return Opening(text, left, self.sign, (*self.picked, item))


def open_causes(explanation: Explanation, case: Case, catalogue: Catalogue) -> Opening | None:
    """Return the explanation up to the first title that it gives as a cause; None without one.

    A speaker may say of an item that it is its own cause ("Its score owes most to" itself); that is
    no reason, but a place for one.
    """
    first = _first_cause(explanation)
    if first is None:
        return None
    closing = explanation.text[first.end : first.end + 1]
    titles = {item: catalogue.title(item) + closing for item in dict.fromkeys(case.history)}
    before = explanation.text[: first.start]
    return Opening(before, titles, before[len(before.rstrip(_SIGNS)) :])


def _first_cause(explanation: Explanation) -> Claim | None:
    named = sorted(explanation.claims, key=lambda claim: claim.start)
    causes = [claim for claim in named if claim.kind == "cause"]
    own = [claim for claim in named if claim.kind == "item"]
    again = [claim for claim in own[1:] if _CLAUSE_ENDS.match(explanation.text, claim.end)]
    return next(iter([*causes, *again]), None)


def likeliest(opening: Opening, weights: FloatArray, count: int) -> list[str]:
    """Return the ``count`` items of the largest weights; of equal ones the earlier.

    Args:
        opening: the text.
        weights: one per title of the opening, in its order.
        count: how many.
    """
    items = list(opening.titles)
    return [items[place] for place in np.argsort(-weights, kind="stable")[:count]]


def heaviest_causes(
    cases: Sequence[Case],
    openings: Sequence[Opening],
    shortlists: Sequence[Sequence[str]],
    kit: ExplainerKit,
) -> list[str]:
    """Return, of each case's shortlist, the item without which f's decision weakens most.

    Args:
        cases: what is explained.
        openings: the place in each case's text; what it names already is left out with the item.
        shortlists: for each place some of its items, at least one.
        kit: f and the catalogue.
    """
    questions = [
        question_without(case, (*opening.picked, item))
        for case, opening, items in zip(cases, openings, shortlists, strict=True)
        for item in items
    ]
    answers = iter(oracle_of(kit).ask(questions))
    heaviest = []
    for case, items in zip(cases, shortlists, strict=True):
        direction = direction_of(case)
        left = {item: direction * next(answers).score for item in items}
        heaviest.append(min(left, key=left.__getitem__))
    return heaviest
