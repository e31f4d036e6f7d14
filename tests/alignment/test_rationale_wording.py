"""The wording of rationales holds all that is taught, and says nothing untrue of attributes."""

from __future__ import annotations

import re

import numpy as np
import pytest

from recexplainer.alignment.rationale import Rationale, RationaleOptions
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.plugins.wording_interface import ANY_TITLE, Said
from recexplainer.records import Case, HistorySlot, ItemSlot

OPTIONS = RationaleOptions(follow_ups=0, focus_share=0.3, causeless_share=1, what_if_share=1)


@pytest.fixture(scope="module")
def taught(world, asked):
    """Every (history, item id, text) of three draws."""
    context_of = dict(zip(asked.rows, asked.contexts, strict=True))
    found = []
    for seed in range(3):
        task = Rationale(OPTIONS, world.kit)
        for example in task.on_contexts(asked, np.random.default_rng(seed)):
            prompt = example.turns[0].content
            (row,) = [part.context for part in prompt if isinstance(part, HistorySlot)]
            (item,) = [part.item for part in prompt if isinstance(part, ItemSlot)]
            found.append((context_of[row].history, item, example.answer))
    return found


def _pattern(sentence):
    open_places = (re.escape(part) for part in sentence.split(ANY_TITLE))
    return re.compile("“([^”]*)”".join(open_places))


def _next(wording, history, item, said, rest):
    """Return the sentence that the rest of a text begins with, and what comes after it."""
    offered = wording.next_sentences(history, item, said)
    for sentence in offered.sentences:
        found = _pattern(sentence).match(rest)
        if found and rest[found.end() : found.end() + 1] in ("", " "):
            assert offered.may_end or found.end() < len(rest)
            return Said(sentence, found.groups()), rest[found.end() + 1 :]
    raise AssertionError(f"not offered: {rest!r} after {said}")


def test_all_that_is_taught_can_be_said(world, taught):
    wording = Rationale(OPTIONS, world.kit).wording()
    for history, item, text in taught:
        said, rest = [], text
        while rest:
            sentence, rest = _next(wording, history, item, said, rest)
            said.append(sentence)
        assert len(said) >= 2, text


def test_what_may_be_said_of_attributes_is_true(world, taught):
    """Whatever the decision and the causes that a speaker chose."""
    wording = Rationale(OPTIONS, world.kit).wording()
    reader, rng = ClaimReader(world.catalogue), np.random.default_rng(2)
    checked = 0
    for history, item, _ in taught[:60]:
        said, words = [], []
        for _ in range(2):
            offered = [
                one
                for one in wording.next_sentences(history, item, said).sentences
                if one.count(ANY_TITLE) <= len(set(history))
            ]
            sentence = offered[rng.integers(len(offered))]
            drawn = rng.permutation(sorted(set(history)))[: sentence.count(ANY_TITLE)]
            titles = tuple(world.catalogue.title(one) for one in drawn)
            said.append(Said(sentence, titles))
            words.append(sentence.replace(ANY_TITLE, "“{}”").format(*titles))
        case = Case(
            id="c",
            user="u",
            history=history,
            item=item,
            split="leave_one_out",
            decision="Yes",
            score=0.0,
            rank=1,
            candidates=2,
        )
        for sentence in wording.next_sentences(history, item, said).sentences:
            claims = reader.read(" ".join([*words, sentence]), case).claims
            untrue = [one for one in claims if one.kind == "attribute" and not one.real]
            assert not untrue, (words, sentence, untrue)
            checked += any(one.kind == "attribute" for one in claims)
    assert checked > 100


def test_the_decision_of_a_text_decides_what_follows(world, taught):
    wording = Rationale(OPTIONS, world.kit).wording()
    history, item, _ = taught[0]
    title = world.catalogue.title(item)
    for decision, other in (("Yes", "No"), ("No", "Yes")):
        opening = {
            "Yes": f"Yes, “{title}” suits this user.",
            "No": f"No, “{title}” does not suit this user.",
        }
        causes = wording.next_sentences(history, item, [Said(opening[decision], ())]).sentences
        others = wording.next_sentences(history, item, [Said(opening[other], ())]).sentences
        lifted = [one for one in causes if re.search("lifted|raised|supports? ", one)]
        assert bool(lifted) == (decision == "Yes")
        assert set(causes) != set(others)
