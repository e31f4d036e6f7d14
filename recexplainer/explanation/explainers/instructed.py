"""Explanations under an instruction to keep to one attribute, compared with plain ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recexplainer.explanation.claims.attribute_values import NamedValues
from recexplainer.explanation.claims.title_mentions import masked
from recexplainer.explanation.instruction import named_in
from recexplainer.metrics import summarize
from recexplainer.records import Case, Catalogue, Explanation, Figure, Metric, spoken_attribute

__all__ = ["FIGURES", "INSTRUCTION_TASK", "AttributeTalk", "instruction_metrics"]

INSTRUCTION_TASK = "instruction"
"""The ``task`` of how instructions are followed; their split names the instruction."""


class AttributeTalk:
    """Tells which attributes of one catalogue a text talks of."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._values = NamedValues(catalogue)
        self._names = tuple(catalogue.attribute_values)

    def mentions(self, explanation: Explanation) -> list[frozenset[str]]:
        """Return the attributes that each mention may mean; a value may belong to several.

        An attribute is mentioned by its name or by one of its values. Words of titles mention none.
        """
        claims = explanation.claims
        titles = [claim for claim in claims if claim.kind in ("cause", "item")]
        named = named_in(masked(explanation.text, titles), self._names)
        spoken = {spoken_attribute(name).casefold() for name in self._names}
        values = (claim.text for claim in claims if claim.kind == "attribute")
        return [
            *(frozenset({name}) for name in named),
            *(self._values.attributes_of(one) for one in values if one.casefold() not in spoken),
        ]


def instruction_metrics(
    told: Sequence[Explanation],
    plain: Sequence[Explanation],
    cases: Sequence[Case],
    *,
    attribute: str,
    talk: AttributeTalk,
    seed: int,
) -> list[Metric]:
    """Return how an instruction to keep to ``attribute`` was followed, with intervals over users.

    Args:
        told: one explainer's texts under the instruction.
        plain: its texts without one, matched by case.
        cases: the cases they are about, matched by id.
        attribute: what was asked for.
        talk: reads what texts talk of.
        seed: makes the intervals repeatable.
    """
    without = {explanation.case: explanation for explanation in plain}
    users = {case.id: case.user for case in cases}
    pairs = [_Pair.of(one, without[one.case], attribute, talk) for one in told]
    return [
        summarize(
            figure,
            [value(pair) for pair in pairs],
            subject=told[0].explainer,
            split=f"only {attribute}",
            seed=seed,
            groups=[users[one.case] for one in told],
        )
        for figure, value in _VALUES
    ]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A text under the instruction, the plain one about the same case, and what each talks of."""

    told: Explanation
    plain: Explanation
    attribute: str
    said: list[frozenset[str]]
    before: list[frozenset[str]]

    @classmethod
    def of(
        cls, told: Explanation, plain: Explanation, attribute: str, talk: AttributeTalk
    ) -> _Pair:
        return cls(told, plain, attribute, talk.mentions(told), talk.mentions(plain))


def _decision_kept(pair: _Pair) -> float | None:
    """Return whether both decide alike; None where the plain text decides nothing."""
    same = pair.told.decision == pair.plain.decision
    return None if pair.plain.decision is None else float(same)


_VALUES: tuple[tuple[Figure, Callable[[_Pair], float | None]], ...] = (
    (
        Figure(
            task=INSTRUCTION_TASK,
            metric="instruction_changed",
            note="share of texts that differ from the plain ones",
            order=1,
        ),
        lambda pair: float(pair.told.text.split() != pair.plain.text.split()),
    ),
    (
        Figure(
            task=INSTRUCTION_TASK,
            metric="instruction_decision_kept",
            note="share of texts that decide as the plain ones do",
            better="higher",
            order=2,
        ),
        _decision_kept,
    ),
    (
        Figure(
            task=INSTRUCTION_TASK,
            metric="instruction_followed",
            note="share of texts that talk of the attribute",
            better="higher",
            order=3,
        ),
        lambda pair: float(any(pair.attribute in one for one in pair.said)),
    ),
    (
        Figure(
            task=INSTRUCTION_TASK,
            metric="instruction_followed_unasked",
            note="the same of the plain texts, to compare",
            order=4,
        ),
        lambda pair: float(any(pair.attribute in one for one in pair.before)),
    ),
    (
        Figure(
            task=INSTRUCTION_TASK,
            metric="instruction_kept_to",
            note="share of texts that talk of the attribute and of no other",
            better="higher",
            order=5,
        ),
        lambda pair: float(bool(pair.said) and all(pair.attribute in one for one in pair.said)),
    ),
)
FIGURES = tuple(figure for figure, _ in _VALUES)
