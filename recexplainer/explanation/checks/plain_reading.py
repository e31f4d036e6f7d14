"""Plain reading: the rules that settle a claim about causes: removals, and what they must show.

With e(x) the fall of the target's score without x: x speaks for a Yes if e(x) is above noise, for a
No if -e(x) is. See docs/decisions/0012.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from recexplainer.explanation.claims.phrase_index import lowered
from recexplainer.explanation.sentences import quoted
from recexplainer.oracle import Answer, Pulls, Question, case_rng, question_without
from recexplainer.records import Case, Catalogue, Claim, ClaimKind

__all__ = ["ASKED", "PlainReading", "moved_words", "spellings"]

ASKED: tuple[ClaimKind, ...] = (
    "direction",
    "reason",
    "together",
    "strongest",
    "order",
    "relevance",
    "no_cause",
)
"""Kinds of claims that single removals, or removals of a group, decide."""
_DRAWS = 10
"""How many random groups a group of items with an attribute is compared with."""


@dataclass(frozen=True)
class PlainReading:
    """One claim and the questions behind it, beside the pulls of single items.

    Attributes:
        claim: of one of the kinds ``ASKED``.
        case: what it is about.
        catalogue: the items.
        seed: of the random groups; the same for every text about a case.
        as_reasons: of titles together, whether they are given as the reasons: the strongest is
            then one of them.
    """

    claim: Claim
    case: Case
    catalogue: Catalogue
    seed: int
    as_reasons: bool = False

    @cached_property
    def groups(self) -> list[tuple[str, ...]]:
        """The groups of items that are removed together; the first is what is claimed."""
        if self.claim.kind == "together":
            return [self.claim.items]
        if self.claim.kind != "relevance":
            return []
        having = self._having
        return [having, *self._draws(len(having))] if having else []

    @property
    def questions(self) -> list[Question]:
        """What the target is asked, beside single removals."""
        return [question_without(self.case, group) for group in self.groups]

    def settled(self, pulls: Pulls, answers: Sequence[Answer]) -> Claim:
        """Return the claim with what was found.

        Args:
            pulls: of the case.
            answers: to ``questions``.
        """
        if not self.claim.real:
            return self.claim
        if any(item not in pulls.without for item in self.claim.items):
            detail = "the item in question is no reason for itself"
            return self.claim.model_copy(update={"real": False, "detail": detail})
        holds, detail = self._found(pulls, answers)
        return self.claim.model_copy(update={"real": holds, "detail": detail})

    def _found(self, pulls: Pulls, answers: Sequence[Answer]) -> tuple[bool, str]:
        kind = self.claim.kind
        if kind == "no_cause":
            return self._no_cause(pulls)
        if kind == "relevance":
            return self._relevance(pulls, answers)
        if kind == "together":
            return self._together(pulls, answers[0])
        if kind == "strongest":
            return self._strongest(pulls)
        if kind == "order":
            return self._order(pulls)
        return self._single(pulls, self.claim.items[0], reason=kind == "reason")

    def _single(self, pulls: Pulls, item: str, *, reason: bool) -> tuple[bool, str]:
        toward, pull = self.claim.toward, pulls.of(item, self.claim.toward)
        detail = f"without it, {moved_words(pulls.whole, pulls.without[item])}"
        if pull <= pulls.noise or not reason:
            return pull > pulls.noise, detail
        if item in pulls.causes(toward):
            return True, detail
        first = pulls.strongest(toward)[0]
        further = moved_words(pulls.whole, pulls.without[first])
        return False, f"{detail}, no more than other titles do; {self._title(first)}: {further}"

    def _together(self, pulls: Pulls, without: Answer) -> tuple[bool, str]:
        toward, detail = self.claim.toward, f"without them all, {moved_words(pulls.whole, without)}"
        if pulls.moved(without, toward) <= pulls.noise:
            return False, detail
        own = max(pulls.of(item, toward) for item in self.claim.items)
        for first in pulls.strongest(toward)[:1]:
            if self.as_reasons and pulls.of(first, toward) > own + pulls.noise:
                moved = moved_words(pulls.whole, pulls.without[first])
                return False, f"{self._title(first)} counts for more than any of them: {moved}"
        return True, detail

    def _strongest(self, pulls: Pulls) -> tuple[bool, str]:
        named, toward = self.claim.items, self.claim.toward
        own = [pulls.of(item, toward) for item in named]
        if min(own) <= pulls.noise:
            weak = named[own.index(min(own))]
            moved = moved_words(pulls.whole, pulls.without[weak])
            return False, f"without {self._title(weak)}, {moved}"
        others = [item for item in pulls.strongest(toward) if item not in named]
        if others and pulls.of(others[0], toward) > min(own) + pulls.noise:
            moved = moved_words(pulls.whole, pulls.without[others[0]])
            return False, f"{self._title(others[0])} counts for more: without it, {moved}"
        if own[0] < max(own) - pulls.noise:
            first = named[own.index(max(own))]
            return False, f"{self._title(first)} counts for more than the first one named"
        return True, "no other title of the history counts for more"

    def _order(self, pulls: Pulls) -> tuple[bool, str]:
        named, toward = self.claim.items, self.claim.toward
        own = [pulls.of(item, toward) for item in named]
        for place in range(len(named) - 1):
            if own[place] < own[place + 1] - pulls.noise:
                later = self._title(named[place + 1])
                return False, f"{later} counts for more than {self._title(named[place])}"
        return True, "each counts for no more than the one before it"

    def _no_cause(self, pulls: Pulls) -> tuple[bool, str]:
        pulling = pulls.strongest(self.claim.toward)
        if not pulling:
            return True, f"asked without each of the {len(pulls.without)} titles by itself"
        moved = moved_words(pulls.whole, pulls.without[pulling[0]])
        return False, f"without {self._title(pulling[0])}, {moved}"

    def _relevance(self, pulls: Pulls, answers: Sequence[Answer]) -> tuple[bool, str]:
        if not answers:
            return False, "no title of the history has it"
        toward = self.claim.toward
        pull = pulls.moved(answers[0], toward)
        titles = f"the {len(self._having)} titles that have it"
        detail = f"without {titles}, {moved_words(pulls.whole, answers[0])}"
        if pull <= pulls.noise or len(answers) == 1:
            return pull > pulls.noise, detail
        drawn = [pulls.moved(answer, toward) for answer in answers[1:]]
        mean = sum(drawn) / len(drawn)
        if pull > mean + pulls.noise:
            return True, f"{detail}, further than without as many others"
        return False, f"{detail}, no further than without as many others"

    @cached_property
    def _having(self) -> tuple[str, ...]:
        wanted = lowered(self.claim.text)
        return tuple(
            item
            for item in dict.fromkeys(self.case.history)
            for values in [chain(*self.catalogue.item(item).attributes.values())]
            if any(wanted in spellings(lowered(value)) for value in values)
        )

    def _draws(self, size: int) -> list[tuple[str, ...]]:
        others = [item for item in dict.fromkeys(self.case.history) if item not in self._having]
        if size > len(others):
            return []
        rng = case_rng(self.seed, f"{self.case.id}/{self.claim.text}")
        return [tuple(rng.choice(others, size, replace=False).tolist()) for _ in range(_DRAWS)]

    def _title(self, item: str) -> str:
        return quoted(self.catalogue.title(item))


def spellings(value: str) -> tuple[str, ...]:
    """Return the value, with and without a full stop, and its plurals: what texts may name it."""
    return value, value.rstrip("."), f"{value}s", f"{value[:-1]}ies"


def moved_words(whole: Answer, without: Answer) -> str:
    """Return where score and rank go, in words."""
    if abs(whole.score - without.score) <= whole.noise:
        return f"the score stays at {whole.score:.4g}"
    verb = "falls" if without.score < whole.score else "rises"
    score = f"the score {verb} from {whole.score:.4g} to {without.score:.4g}"
    rank = "" if whole.rank == without.rank else f", rank {whole.rank:,} to {without.rank:,}"
    return f"{score}{rank}"
