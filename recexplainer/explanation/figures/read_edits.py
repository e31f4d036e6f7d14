"""Edits in the light of a text: what a reader of its claims expects of a shortened history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from recexplainer.explanation.figures.edited_histories import Edit
from recexplainer.oracle import held_outcome
from recexplainer.records import Case, Claim, Explanation

__all__ = ["WORDED", "Told"]

_PULLS = frozenset({"direction", "reason", "together", "strongest"})
_SEVERAL = 3
WORDED = 8
"""How many features, the first ones, speak against the decision where the text is believed."""


@dataclass(frozen=True)
class Told:
    """What one text says of a case, as it bears on edits of it.

    Only claims are read, and of these only what they say: whether they hold is not known to a
    reader.

    Attributes:
        speaking: items that are said to pull toward the target's decision, as they come.
        opposing: items that are said to pull the other way.
        merely: items that are named without a pull.
        breaking: groups of items without which the decision is said to change.
        lasting: groups without which it is said to stay.
        no_cause: whether no single item is said to be the cause.
        agrees: whether the text states the target's decision.
    """

    speaking: tuple[str, ...]
    opposing: tuple[str, ...]
    merely: tuple[str, ...]
    breaking: tuple[frozenset[str], ...]
    lasting: tuple[frozenset[str], ...]
    no_cause: bool
    agrees: bool

    @classmethod
    def of(cls, text: Explanation, case: Case) -> Told:
        """Return what ``text`` says; titles that are not in the history say nothing of it."""
        history = set(case.history)
        pulling = sorted(
            (claim for claim in text.claims if claim.kind in _PULLS),
            key=lambda claim: claim.kind != "strongest",
        )
        speaking = _items((one for one in pulling if one.toward == case.decision), history)
        opposing = _items((one for one in pulling if one.toward != case.decision), history)
        named = [one.item for one in text.claims if one.kind == "cause" and one.item in history]
        merely = dict.fromkeys(one for one in named if one not in {*speaking, *opposing})
        breaking: list[frozenset[str]] = []
        lasting: list[frozenset[str]] = []
        for one in text.claims:
            if one.outcome is not None and history.issuperset(one.items):
                stays = held_outcome(one.outcome, case.decision)
                (lasting if stays else breaking).append(frozenset(one.items))
        return cls(
            speaking=speaking,
            opposing=opposing,
            merely=tuple(merely),
            breaking=tuple(breaking),
            lasting=tuple(lasting),
            no_cause=any(claim.kind == "no_cause" for claim in text.claims),
            agrees=text.decision == case.decision,
        )

    def features(self, edit: Edit) -> list[float]:
        """Return the ``WORDED`` features of an edit, then those that may speak either way."""
        gone = edit.removed
        told = (bool(self.speaking), bool(self.breaking), self.no_cause, self.agrees)
        return [
            _share(self.speaking, gone),
            float(bool(self.speaking) and self.speaking[0] in gone),
            float(bool(self.speaking) and gone.issuperset(self.speaking)),
            min(len(gone.intersection(self.speaking)), _SEVERAL) / _SEVERAL,
            -_share(self.opposing, gone),
            _share(self.merely, gone),
            float(any(gone.issuperset(group) for group in self.breaking))
            - float(any(gone <= group for group in self.lasting)),
            max((_share(tuple(group), gone) for group in self.breaking), default=0.0),
            *(float(one) for one in told),
            *(float(one) * edit.share for one in told),
            min((len(group) for group in self.breaking), default=0) / len(edit.case.history),
        ]


def _items(claims: Iterable[Claim], history: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(x for claim in claims for x in claim.items if x in history))


def _share(named: tuple[str, ...], gone: frozenset[str]) -> float:
    return sum(item in gone for item in named) / len(named) if named else 0.0
