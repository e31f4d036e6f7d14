"""Task ``rationale``: the target's decision and its causes in words (ours, not the paper's).

The question is the paper's explanation instruction (section 3.4). The answer is put together from
what the target itself does: its decision, the items of the history whose removal moves its score
most, how the item's attributes agree with those or with the history, and whether the target decides
otherwise without the first of those items. Everything said is true of the target and of the data;
``rationale_facts`` finds it, ``rationale_sentences`` says it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from pydantic import Field

from recexplainer.alignment.leave_one_out import scores_without
from recexplainer.alignment.rationale_facts import (
    AttributeFacts,
    Facts,
    attribute_facts,
    causes_of,
    common_values,
    speakable_attributes,
    tells_something,
)
from recexplainer.alignment.rationale_sentences import say, say_cause
from recexplainer.alignment.rationale_wording import RationaleWording
from recexplainer.alignment.seeded_draws import choose, draw_decided, generators
from recexplainer.oracle import standing_of
from recexplainer.plugins.interfaces import AlignmentTask, Asked, FloatArray, Options, TaskKit
from recexplainer.records import Context, Decision, Example, ItemSlot, Text, ask
from recexplainer.records.question_texts import explanation_prompt

__all__ = ["Rationale", "RationaleOptions"]


class RationaleOptions(Options):
    """What rationales say."""

    causes: int = Field(3, ge=1, le=5)
    """The most items of a history that are named: causes, then others that pull the same way."""
    focus_share: float = Field(0.2, ge=0.0, le=1.0)
    """The part of the questions that ask for one attribute only (controllable, section 3.5.2)."""
    causeless_share: float = Field(0.25, ge=0.0, le=1.0)
    """The part that is kept of examples in which no single item carries the target's decision.
    Greedy decoding prefers what is worded in few ways: taught all of them (18 % on ml-100k), the
    tiny model said so in 46 % of its explanations."""
    follow_ups: int = Field(3, ge=0)
    """How many items more each conversation asks about, answered by the decision and the items that
    pull that way most."""
    what_if_share: float = Field(0.0, ge=0.0, le=1.0)
    """The part of the answers that name a decisive cause: the strongest, where the target decides
    otherwise without it (22 % of the questions on ml-100k). None by default: taught wherever they
    hold, the tiny model's what-ifs held in one case of ten, and it ordered items less well (ndcg@5
    0.70 instead of 0.80, seed 0)."""


class Rationale(AlignmentTask):
    """Explains one item that the target likes and one that it rejects, per context."""

    name: ClassVar[str] = "rationale"

    def __init__(self, options: RationaleOptions, kit: TaskKit) -> None:
        self._options = options
        self._catalogue = kit.catalogue
        self._attributes = speakable_attributes(kit.catalogue)
        self._common = common_values(kit.catalogue)

    def wording(self) -> RationaleWording:
        """Return the sentences that rationales are put together from."""
        most, what_ifs = self._options.causes, self._options.what_if_share > 0
        known = self._catalogue, self._attributes, self._common
        return RationaleWording(*known, most_causes=most, what_ifs=what_ifs)

    def on_contexts(self, asked: Asked, rng: np.random.Generator) -> Iterator[Example]:
        """Yield up to two conversations per context, in random order."""
        draws = list(generators(asked.contexts, rng))
        drawn = [
            self._conversations(asked.scores[position], own) for position, own in enumerate(draws)
        ]
        removals = scores_without(asked, [bool(conversations) for conversations in drawn])
        for position, (own, conversations) in enumerate(zip(draws, drawn, strict=True)):
            context, row = asked.contexts[position], asked.rows[position]
            scores, without = asked.scores[position], next(removals)
            for pairs in conversations:
                first, *further = (self._facts(*pair, scores, without) for pair in pairs)
                if self._is_said(first, own):
                    others = [facts for facts in further if self._is_said(facts, own)]
                    yield self._example(context, row, first, others, own)

    def _conversations(
        self, scores: FloatArray, rng: np.random.Generator
    ) -> list[list[tuple[Decision, int]]]:
        """Return for each conversation the decisions it is about: one explained, others asked."""
        conversations = []
        for pair in draw_decided(scores, rng):
            further = (draw_decided(scores, rng)[0] for _ in range(self._options.follow_ups))
            conversations.append(list(dict.fromkeys((pair, *further))))
        return conversations

    def _is_said(self, facts: Facts, rng: np.random.Generator) -> bool:
        return bool(facts.causes) or rng.random() < self._options.causeless_share

    def _facts(
        self, decision: Decision, row: int, scores: FloatArray, without: Mapping[str, FloatArray]
    ) -> Facts:
        """Return the facts, from scores ``(I,)`` after the whole history and after each removal."""
        effects = {item: float(left[row]) for item, left in without.items()}
        causes, others = causes_of(decision, float(scores[row]), effects, self._options.causes)
        decisive = False
        if causes and self._options.what_if_share:  # or nobody says it: each takes a pass over I
            # What is removed stays seen: the item is ranked among the same ones as before.
            seen = np.flatnonzero(~np.isfinite(scores))
            decisive = standing_of(without[causes[0]], row, seen).decision != decision
        return Facts(decision, self._catalogue.ids[row], causes, others, decisive=decisive)

    def _example(
        self,
        context: Context,
        row: int,
        facts: Facts,
        others: Sequence[Facts],
        rng: np.random.Generator,
    ) -> Example:
        """Return a conversation that explains a decision, and asks after the causes of others."""
        focused = rng.random() < self._options.focus_share and self._attributes
        focus = choose(self._attributes, rng) if focused else None
        share = self._options.what_if_share
        facts = replace(
            facts,
            attribute=self._attribute(context, facts, focus, rng),
            decisive=share > 0 and facts.decisive and rng.random() < share,
        )
        turns = ask(explanation_prompt(row, facts.item, focus), say(facts, self._catalogue, rng))
        for other in others:
            question = (Text("And the item: "), ItemSlot(other.item), Text(" ?"))
            turns += ask(question, say_cause(other, self._catalogue, rng))
        return Example(
            id=f"{context.id}:{facts.item}", task=self.name, turns=turns, names_history=True
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
        every = (attribute_facts(name, item, causes, history) for name in known)
        found = [attribute for attribute in every if tells_something(attribute, self._common)]
        most = max((_tells(facts.decision, attribute) for attribute in found), default=0)
        best = [attribute for attribute in found if _tells(facts.decision, attribute) == most]
        return choose(best, rng) if best else None


def _tells(decision: Decision, attribute: AttributeFacts) -> int:
    """Return how well an attribute fits the decision: 2 well, 1 somewhat, 0 not at all."""
    if decision == "Yes":
        return 2 if attribute.shared else 1 if attribute.fitting else 0
    return 1 if attribute.fitting else 2 if attribute.leaning else 0
