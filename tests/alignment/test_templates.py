from __future__ import annotations

import re

import pytest

from recexplainer.alignment.prompt_texts import fill, offered
from recexplainer.alignment.templates import templates
from recexplainer.records import HistorySlot, ItemSlot, Text, spoken_attribute
from recexplainer.records.question_texts import decision_prompt

SLOTS = {
    "next_item_retrieval": ({"history"}, 13),
    "item_ranking": ({"history", "items"}, 13),
    "interest_classification": ({"history", "item"}, 13),
    "item_title": ({"item"}, 11),
    "attribute": ({"attribute", "item"}, 10),
    "attribute_to_item": ({"attribute", "value"}, 10),
    "similar_item": ({"item"}, 9),
    "history_reconstruction": ({"history"}, 11),
}


def test_every_task_has_the_papers_number_of_distinct_templates():
    assert {name: len(set(found)) for name, found in templates().items()} == {
        name: count for name, (_, count) in SLOTS.items()
    }


@pytest.mark.parametrize("name", SLOTS)
def test_templates_have_exactly_their_slots(name):
    for template in templates()[name]:
        found = re.findall(r"\{(\w*)\}", template)
        assert sorted(found) == sorted(SLOTS[name][0]), template


@pytest.mark.parametrize("name", SLOTS)
def test_titles_stand_alone_between_punctuation(name):
    for template in templates()[name]:
        for slot in re.finditer(r"\{(history|item|items|value)\}", template):
            assert template[: slot.start()].endswith(": "), template
            assert re.match(r" [.,?]", template[slot.end() :]), template
        assert "purchase" not in template
        assert template[0].isupper()
        assert template[-1] in ".?"


def test_filling_keeps_the_words_and_puts_segments_in_place():
    prompt = fill("See: {items} , by {attribute}.", items=offered(["a", "b"]), attribute=Text("x"))
    slots = (ItemSlot("a", offered=True), Text("; "), ItemSlot("b", offered=True))
    assert prompt == (Text("See: "), *slots, Text(" , by "), Text("x"), Text("."))


def test_filling_needs_every_slot():
    with pytest.raises(KeyError, match="history"):
        fill("What follows: {history} ?", item=HistorySlot(0))


def test_attribute_names_are_said_in_words():
    assert spoken_attribute("release_year") == "release year"


def test_explainers_ask_for_a_decision_in_words_that_are_taught():
    first, *_ = templates()["interest_classification"]
    assert fill(first, history=HistorySlot(3), item=ItemSlot("i")) == decision_prompt(3, "i")
