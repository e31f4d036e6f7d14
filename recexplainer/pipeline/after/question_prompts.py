"""Prompts of questions in free words: in the taught wording, or in the words of who asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recexplainer.alignment.prompt_texts import fill, offered
from recexplainer.alignment.templates import templates
from recexplainer.records import Case, Catalogue, HistorySlot, ItemSlot, Prompt, Segment, Text
from recexplainer.records.question_texts import decision_prompt, explanation_prompt

if TYPE_CHECKING:
    from recexplainer.explanation.questions.asked_kind import Understood

__all__ = ["AskedAs", "free_prompt", "taught_prompt"]

_HISTORY = HistorySlot(0)


@dataclass(frozen=True, slots=True)
class AskedAs:
    """A prompt about one history, and how its answer is decoded.

    Attributes:
        prompt: what the surrogate is asked.
        constrained: whether the answer is to be a title of the catalogue.
        ordered: the items (ids) that the prompt offers, of which the answer is an order.
        quoting: whether it explains, and so quotes titles that the prompt names.
    """

    prompt: Prompt
    constrained: bool = False
    ordered: tuple[str, ...] = ()
    quoting: bool = False

    def words(self, catalogue: Catalogue) -> str:
        """Return the prompt as a reader sees it: items by title, the history as ``...``."""
        return "".join(_words(self.prompt, catalogue))


def taught_prompt(understood: Understood, case: Case, ordered: Sequence[str]) -> AskedAs | None:
    """Return the question in the wording that was taught; None where none was for its kind.

    Args:
        understood: what is asked, with an attribute where it is about taste or relevance.
        case: the item in question, or the target's first choice where none is.
        ordered: the items (ids) to order; none where that is not asked.
    """
    kind, item = understood.kind, case.item
    if kind in ("liking", "removal"):
        return AskedAs(decision_prompt(0, item))
    if kind == "why":
        return AskedAs(explanation_prompt(0, item), quoting=True)
    if kind in ("taste", "relevance"):
        return AskedAs(explanation_prompt(0, item, understood.attribute), quoting=True)
    if kind == "next":
        template = templates()["next_item_retrieval"][0]
        return AskedAs(fill(template, history=_HISTORY), constrained=True)
    if kind == "order":
        items = offered(ordered)
        prompt = fill(templates()["item_ranking"][0], history=_HISTORY, items=items)
        return AskedAs(prompt, ordered=tuple(ordered))
    return None


def free_prompt(question: str, understood: Understood) -> AskedAs:
    """Return the question in its own words after the history, each title of an item in its slot."""
    segments: list[Segment] = [Text("The user has the following history: "), _HISTORY, Text(" . ")]
    place = 0
    for start, end, item in understood.spans:
        if start >= place:
            segments += [Text(question[place:start]), ItemSlot(item)]
            place = end
    segments.append(Text(question[place:]))
    return AskedAs(tuple(one for one in segments if one != Text("")))


def _words(prompt: Prompt, catalogue: Catalogue) -> Iterator[str]:
    for segment in prompt:
        if isinstance(segment, Text):
            yield segment.text
        elif isinstance(segment, ItemSlot):
            yield catalogue.title(segment.item)
        else:
            yield "..."
