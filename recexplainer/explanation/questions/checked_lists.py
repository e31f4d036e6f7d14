"""Checks of answers that are lists: an order of titles, a first choice, values of a taste."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from recexplainer.explanation.checks.plain_reading import spellings
from recexplainer.explanation.claims.phrase_index import lowered
from recexplainer.explanation.questions.checked_sentences import CheckedClaim, Sentence
from recexplainer.explanation.sentences import enumerated, ordinal, quoted
from recexplainer.oracle import Answer, Oracle, Question, decided_rows
from recexplainer.records import Case, Item

__all__ = ["Listing"]

_FEWEST = 5
"""A value that fewer candidates have is not told as the target's taste."""
_TOLD = 3


class Listing:
    """What the target says of lists, after one history.

    Args:
        case: the history, and what the user had before it; its item is no matter here.
        oracle: asks the target.
    """

    def __init__(self, case: Case, oracle: Oracle) -> None:
        self._case, self._oracle = case, oracle
        self._title = oracle.catalogue.title
        self._seen = frozenset((*case.history, *case.earlier))

    def order(self, text: str, named: Sequence[str], offered: Sequence[str]) -> list[Sentence]:
        """Return whether each item that the answer puts before another does so on the target.

        Args:
            text: the answer.
            named: the items that it names, in its order.
            offered: the items that were asked about.
        """
        answers = dict(zip(offered, self._ask(offered), strict=True))
        ordered = [item for item in dict.fromkeys(named) if item in answers]
        found = [self._before(one, other, answers) for one, other in pairwise(ordered)]
        if len(ordered) == 1:
            others = [item for item in offered if item != ordered[0]]
            found = [self._before(ordered[0], other, answers) for other in others]
        further = [item for item in dict.fromkeys(named) if item not in answers]
        missing = [item for item in offered if item not in ordered]
        for items, what in ((further, "not asked about"), (missing, "not in the answer")):
            if items:
                titles = enumerated([quoted(self._title(item)) for item in items])
                found.append(CheckedClaim(titles, None, what))
        return [Sentence(text, tuple(found))]

    def first(self, text: str, named: Sequence[str]) -> list[Sentence]:
        """Return whether the first title that the answer names is the target's first choice."""
        item = named[0]
        (answer,) = self._ask([item])
        said = f"{quoted(self._title(item))} is the first choice"
        if item in self._seen:
            return [
                Sentence(text, (CheckedClaim(said, holds=False, detail="the user had it already"),))
            ]
        return [Sentence(text, (CheckedClaim(said, answer.standing.ahead == 0, _placed(answer)),))]

    def taste(self, value: str) -> CheckedClaim:
        """Return whether the target recommends items with the value more often than others."""
        liked, candidates = self._liked()
        having, said = self._having(value, candidates), f"a taste for {quoted(value)}"
        if not having.any():
            return CheckedClaim(said, None, "no item that the user has not had has it")
        share, of_all = liked[having].mean(), liked.mean()
        return CheckedClaim(said, bool(share > of_all), _shares(share, of_all))

    def own_order(self, offered: Sequence[str]) -> str:
        """Return the order of the target itself, in words."""
        answers = zip(offered, self._ask(offered), strict=True)
        placed = sorted(answers, key=lambda pair: -pair[1].score)
        named = [f"{quoted(self._title(item))} (rank {one.rank:,})" for item, one in placed]
        return f"its order is {', '.join(named)}"

    def own_taste(self, attribute: str, value: str = "") -> str:
        """Return the values of the attribute that the target recommends most, beyond the others.

        Args:
            attribute: its name.
            value: one that is told in any case.
        """
        liked, candidates = self._liked()
        shares = {}
        for one in self._oracle.catalogue.attribute_values.get(attribute, ()):
            having = self._having(one, candidates)
            if having.sum() >= _FEWEST and liked[having].mean() > liked.mean():
                shares[one] = float(liked[having].mean())
        best = sorted(shares, key=lambda one: -shares[one])[:_TOLD]
        told = enumerated([f"{quoted(one)} ({shares[one]:.0%})" for one in best])
        words = f"no {attribute} stands out among what it recommends"
        if told:
            words = f"it recommends {liked.mean():.0%} of all items, and most of {told}"
        return f"{words}. On {quoted(value)}: {self.taste(value).detail}" if value else words

    def _ask(self, items: Sequence[str]) -> list[Answer]:
        questions = [Question(self._case.history, item, self._seen - {item}) for item in items]
        return self._oracle.ask(questions)

    def _before(self, one: str, other: str, answers: dict[str, Answer]) -> CheckedClaim:
        own, next_one = answers[one], answers[other]
        said = f"{quoted(self._title(one))} before {quoted(self._title(other))}"
        apart = abs(own.score - next_one.score) > own.noise
        ranks = f"they rank {ordinal(own.rank)} and {ordinal(next_one.rank)}"
        holds = own.score > next_one.score if apart else None
        return CheckedClaim(
            said, holds, ranks if apart else "the recommender does not tell them apart"
        )

    def _liked(self) -> tuple[NDArray[np.bool_], list[Item]]:
        """Return whether each candidate is in the target's first fifth, and the candidates."""
        catalogue = self._oracle.catalogue
        scores = next(self._oracle.rows_of_scores([self._case.history])).copy()
        scores[catalogue.rows(tuple(self._seen))] = -np.inf
        rows = np.flatnonzero(np.isfinite(scores))
        return np.isin(rows, decided_rows(scores)[0]), [catalogue[int(row)] for row in rows]

    def _having(self, value: str, candidates: Sequence[Item]) -> NDArray[np.bool_]:
        wanted = lowered(value)
        return np.array(
            [
                any(wanted in spellings(lowered(one)) for one in chain(*item.attributes.values()))
                for item in candidates
            ],
            dtype=bool,
        )


def _placed(answer: Answer) -> str:
    return f"the recommender ranks it {ordinal(answer.rank)} of {answer.candidates:,} candidates"


def _shares(share: float, of_all: float) -> str:
    theirs = f"{share:.0%} of the items that have it"
    return f"the recommender would recommend {theirs}, {of_all:.0%} of all"
