"""Teaches the language model to explain from f (ours; the paper relies on the model's own skill).

The question is the paper's explanation instruction (section 3.4). The answer is put together from
what f itself does: its decision, the items of the history whose removal moves its score most, and
how the item's attributes agree with those or with the history. Everything said is true of f and of
the data; ``rationale_facts`` finds it, ``rationale_wording`` says it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

import numpy as np
from pydantic import Field

from recexplainer.alignment.decisions import draw_decided
from recexplainer.alignment.drawing import choose, generators
from recexplainer.alignment.rationale_facts import (
    AttributeFacts,
    Facts,
    attribute_facts,
    causes_of,
    speakable_attributes,
)
from recexplainer.alignment.rationale_wording import say
from recexplainer.alignment.removal import scores_without
from recexplainer.plugins.interfaces import AlignmentTask, Asked, Options, TaskKit
from recexplainer.records import Context, Decision, Example, ask
from recexplainer.records.instructions import explanation_prompt

__all__ = ["Rationale", "RationaleOptions"]


class RationaleOptions(Options):
    """What rationales say."""

    causes: int = Field(3, ge=1, le=5)
    """The most items of a history that are named as causes."""
    focus_share: float = Field(0.2, ge=0.0, le=1.0)
    """The part of the questions that ask for one attribute only (controllable, section 3.5.2)."""
    causeless_share: float = Field(0.25, ge=0.0, le=1.0)
    """The part that is kept of examples in which no single item carries f's decision. Greedy
    decoding prefers what is worded in few ways: taught all of them (18 % on ml-100k), the tiny
    model said so in 46 % of its explanations."""


class Rationale(AlignmentTask):
    """Explains one item that f likes and one that it rejects, per context."""

    name: ClassVar[str] = "rationale"

    def __init__(self, options: RationaleOptions, kit: TaskKit) -> None:
        self._options = options
        self._catalogue = kit.catalogue
        self._attributes = speakable_attributes(kit.catalogue)

    def on_contexts(self, asked: Asked, rng: np.random.Generator) -> Iterator[Example]:
        """Yield up to two examples per context, in random order."""
        draws = list(generators(asked.contexts, rng))
        drawn = [draw_decided(asked.ranking(position), own) for position, own in enumerate(draws)]
        removals = scores_without(asked, [[row for _, row in pairs] for pairs in drawn])
        for position, (own, pairs) in enumerate(zip(draws, drawn, strict=True)):
            for number, (decision, row) in enumerate(pairs):
                score = float(asked.scores[position, row])
                without = {item: float(s[number]) for item, s in removals[position].items()}
                causes = causes_of(decision, score, without, self._options.causes)
                if not causes and own.random() >= self._options.causeless_share:
                    continue
                facts = Facts(decision, asked.catalogue.ids[row], causes)
                yield self._example(asked.contexts[position], asked.rows[position], facts, own)

    def _example(
        self, context: Context, row: int, facts: Facts, rng: np.random.Generator
    ) -> Example:
        focused = rng.random() < self._options.focus_share and self._attributes
        focus = choose(self._attributes, rng) if focused else None
        facts = replace(facts, attribute=self._attribute(context, facts, focus, rng))
        return Example(
            id=f"{context.id}:{facts.item}",
            task=self.name,
            turns=ask(explanation_prompt(row, facts.item, focus), say(facts, self._catalogue, rng)),
            names_history=True,
        )

    def _attribute(
        self, context: Context, facts: Facts, focus: str | None, rng: np.random.Generator
    ) -> AttributeFacts | None:
        """Return the facts of ``focus``, or of the attribute that tells most; None if none does."""
        item = self._catalogue.item(facts.item)
        causes = [self._catalogue.item(cause) for cause in facts.causes]
        history = [self._catalogue.item(seen) for seen in context.history]
        if focus is not None:
            return attribute_facts(focus, item, causes, history)
        known = [name for name in self._attributes if name in item.attributes]
        found = [attribute_facts(name, item, causes, history) for name in known]
        most = max((_tells(facts.decision, attribute) for attribute in found), default=0)
        best = [attribute for attribute in found if _tells(facts.decision, attribute) == most]
        return choose(best, rng) if best else None


def _tells(decision: Decision, attribute: AttributeFacts) -> int:
    """Return how well an attribute bears out the decision: 2 well, 1 somewhat, 0 not at all."""
    if decision == "Yes":
        return 2 if attribute.shared else 1 if attribute.fitting else 0
    return 1 if attribute.fitting else 2 if attribute.leaning else 0
