"""Task 4 of the paper (section 3.2.4): title, attributes and neighbors of an item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from recexplainer.alignment.neighbors import Similarity, nearest_items
from recexplainer.alignment.prompt_texts import SEPARATOR, fill
from recexplainer.alignment.seeded_draws import choose
from recexplainer.alignment.templates import templates
from recexplainer.plugins.interfaces import AlignmentTask, Options, TaskKit
from recexplainer.records import Example, Item, ItemSlot, Prompt, Text, ask, spoken_attribute

__all__ = ["ItemDiscrimination", "ItemDiscriminationOptions"]

Facet = Literal["title", "attributes", "items", "similar"]


class ItemDiscriminationOptions(Options):
    """What is asked of each item."""

    facets: tuple[Facet, ...] = ("title", "attributes", "items", "similar")
    """``title`` and ``attributes`` of an item, the ``items`` that an attribute identifies, and the
    items most ``similar`` to it."""
    similar: int = Field(1, ge=1, le=10)
    """How many similar items an answer names, nearest first."""
    similarity: Similarity = "cosine"
    """What near means between the target's item vectors."""
    max_characters: int = Field(300, ge=20)
    """Longer attribute texts (descriptions) are cut at a word."""


class ItemDiscrimination(AlignmentTask):
    """Makes four kinds of examples per item; those about vectors need a target that has them."""

    name: ClassVar[str] = "item_discrimination"

    def __init__(self, options: ItemDiscriminationOptions, kit: TaskKit) -> None:
        self._options = options
        self._catalogue = kit.catalogue
        self._vectors = kit.item_vectors

    def skipped(self) -> str | None:
        """Return a note when no facet applies."""
        if next(self.on_items(np.random.default_rng(0)), None) is None:
            return "the items have none of its facets: no attributes, or a target without vectors"
        return None

    def on_items(self, rng: np.random.Generator) -> Iterator[Example]:
        """Yield the examples of every facet in turn, items in catalogue order."""
        facets = self._options.facets
        if "title" in facets:
            yield from (self._title(item, rng) for item in self._catalogue)
        for attribute in self._catalogue.attribute_values:
            texts = self._attribute_texts(attribute)
            if "attributes" in facets:
                yield from self._attributes(attribute, texts, rng)
            if "items" in facets:
                yield from self._identified(attribute, texts, rng)
        if "similar" in facets:
            yield from self._similar(rng)

    def _title(self, item: Item, rng: np.random.Generator) -> Example:
        prompt = fill(
            choose(templates()["item_title"], rng), item=ItemSlot(item.id, vector_only=True)
        )
        return self._example(f"title:{item.id}", prompt, item.title)

    def _attributes(
        self, attribute: str, texts: dict[str, str], rng: np.random.Generator
    ) -> Iterator[Example]:
        name = Text(spoken_attribute(attribute))
        for item, text in texts.items():
            prompt = fill(
                choose(templates()["attribute"], rng), attribute=name, item=ItemSlot(item)
            )
            yield self._example(f"{attribute}:{item}", prompt, text)

    def _identified(
        self, attribute: str, texts: dict[str, str], rng: np.random.Generator
    ) -> Iterator[Example]:
        """Yield questions from a text to its item, for texts that only one item has."""
        name, holders = Text(spoken_attribute(attribute)), Counter(texts.values())
        for item, text in texts.items():
            if holders[text] == 1:
                template = choose(templates()["attribute_to_item"], rng)
                prompt = fill(template, attribute=name, value=Text(text))
                title = self._catalogue.title(item)
                yield self._example(f"item:{attribute}:{item}", prompt, title)

    def _similar(self, rng: np.random.Generator) -> Iterator[Example]:
        if self._vectors is None or len(self._catalogue) <= self._options.similar:
            return
        count = self._options.similar
        tail = () if count == 1 else (Text(f" Name {count}, nearest first."),)
        neighbors = nearest_items(self._vectors, count, self._options.similarity)
        for item, rows in zip(self._catalogue, neighbors, strict=True):
            prompt = fill(choose(templates()["similar_item"], rng), item=ItemSlot(item.id)) + tail
            answer = SEPARATOR.join(self._catalogue.titles[row] for row in rows)
            yield self._example(f"similar:{item.id}", prompt, answer)

    def _attribute_texts(self, attribute: str) -> dict[str, str]:
        """Return item id to the text of its values, for the items that have the attribute."""
        return {
            item.id: _cut(SEPARATOR.join(values), self._options.max_characters)
            for item in self._catalogue
            if (values := item.attributes.get(attribute))
        }

    def _example(self, name: str, prompt: Prompt, answer: str) -> Example:
        return Example(id=name, task=self.name, turns=ask(prompt, answer))


def _cut(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    whole_words = text[:length].rsplit(None, 1)[0]
    return whole_words.rstrip(" ,;:")
