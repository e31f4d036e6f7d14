"""Explanations under an instruction to keep to one attribute, compared with plain ones."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.explanation.claims.attribute_values import NamedValues
from recexplainer.explanation.claims.title_mentions import masked
from recexplainer.explanation.instruction import named_in
from recexplainer.metrics import summarize
from recexplainer.records import Case, Catalogue, Explanation, Metric

__all__ = ["AttributeTalk", "instruction_metrics"]


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
        values = (claim.text for claim in claims if claim.kind == "attribute")
        return [
            *(frozenset({name}) for name in named),
            *(self._values.attributes_of(value) for value in values),
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

    ``instruction_changed`` is the share of texts that differ from the plain ones, written without
    instruction; ``instruction_decision_kept`` of those that decide as the plain one does;
    ``instruction_followed`` of those that talk of the attribute, ``instruction_followed_unasked``
    the same of the plain texts; ``instruction_kept_to`` of those that talk of it and of no other.

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
    pairs = [(one, without[one.case]) for one in told]
    values = _values(pairs, attribute, talk)
    return [
        summarize(
            column,
            subject=told[0].explainer,
            task="instruction",
            metric=f"instruction_{name}",
            split=f"only {attribute}",
            seed=seed,
            groups=[users[one.case] for one in told],
        )
        for name, column in values.items()
    ]


def _values(
    pairs: Sequence[tuple[Explanation, Explanation]], attribute: str, talk: AttributeTalk
) -> dict[str, list[float | None]]:
    """Return each figure's values for pairs of a text under the instruction and a plain one."""
    said = [talk.mentions(told) for told, _ in pairs]
    before = [talk.mentions(plain) for _, plain in pairs]
    return {
        "changed": [float(told.text.split() != plain.text.split()) for told, plain in pairs],
        "decision_kept": [_decision_kept(told, plain) for told, plain in pairs],
        "followed": [float(any(attribute in one for one in found)) for found in said],
        "followed_unasked": [float(any(attribute in one for one in found)) for found in before],
        "kept_to": [
            float(bool(found) and all(attribute in one for one in found)) for found in said
        ],
    }


def _decision_kept(told: Explanation, plain: Explanation) -> float | None:
    """Return whether both decide alike; None where the plain text decides nothing."""
    return None if plain.decision is None else float(told.decision == plain.decision)
