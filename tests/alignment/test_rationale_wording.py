"""The wording of rationales holds all that is taught, and says nothing untrue of attributes."""

from __future__ import annotations

import re

import numpy as np
import pytest

from recexplainer.alignment.rationale import Rationale, RationaleOptions
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.plugins.wording_interface import ANY_TITLE, About, Said
from recexplainer.records import Case, HistorySlot, ItemSlot, Text

OPTIONS = RationaleOptions(follow_ups=0, focus_share=0.3, causeless_share=1, what_if_share=1)


@pytest.fixture(scope="module")
def taught(world, asked):
    """Every (what is asked, text) of three draws."""
    context_of = dict(zip(asked.rows, asked.contexts, strict=True))
    found = []
    for seed in range(3):
        task = Rationale(OPTIONS, world.kit)
        for example in task.on_contexts(asked, np.random.default_rng(seed)):
            prompt = example.turns[0].content
            (row,) = [part.context for part in prompt if isinstance(part, HistorySlot)]
            (item,) = [part.item for part in prompt if isinstance(part, ItemSlot)]
            words = "".join(part.text for part in prompt if isinstance(part, Text))
            about = About(context_of[row].history, item, words)
            found.append((about, example.answer))
    return found


def _pattern(sentence):
    open_places = (re.escape(part) for part in sentence.split(ANY_TITLE))
    return re.compile("“([^”]*)”".join(open_places))


def _all(offered):
    return (*offered.inner, *offered.last)


def _next(wording, about, said, rest):
    """Return the sentence that the rest of a text begins with, and what comes after it."""
    offered = wording.next_sentences(about, said)
    for sentence in (*offered.last, *offered.inner):
        found = _pattern(sentence).match(rest)
        if found and rest[found.end() : found.end() + 1] in ("", " "):
            assert sentence in offered.last or found.end() < len(rest)
            return Said(sentence, found.groups()), rest[found.end() + 1 :]
    raise AssertionError(f"not offered: {rest!r} after {said}")


def test_all_that_is_taught_can_be_said(world, taught):
    wording = Rationale(OPTIONS, world.kit).wording()
    for about, text in taught:
        said, rest = [], text
        while rest:
            sentence, rest = _next(wording, about, said, rest)
            said.append(sentence)
        assert len(said) >= 2, text


def test_a_value_that_ends_in_a_full_stop_ends_a_sentence_with_one(taught):
    texts = [text for _, text in taught]
    assert any(re.search(r"(?:Inc|s\.r\.o)\.(?: [A-Z]|$)", text) for text in texts)
    assert not any(".." in text for text in texts)


def test_what_may_be_said_of_attributes_is_true(world, taught):
    """Whatever the decision and the causes that a speaker chose."""
    wording = Rationale(OPTIONS, world.kit).wording()
    reader, rng = ClaimReader(world.catalogue), np.random.default_rng(2)
    checked = 0
    for about, _ in taught[:60]:
        said, words = [], []
        for _ in range(2):
            offered = [
                one
                for one in _all(wording.next_sentences(about, said))
                if one.count(ANY_TITLE) <= len(set(about.history))
            ]
            sentence = offered[rng.integers(len(offered))]
            drawn = rng.permutation(sorted(set(about.history)))[: sentence.count(ANY_TITLE)]
            titles = tuple(world.catalogue.title(one) for one in drawn)
            said.append(Said(sentence, titles))
            words.append(sentence.replace(ANY_TITLE, "“{}”").format(*titles))
        case = Case(
            id="c",
            user="u",
            history=about.history,
            item=about.item,
            split="leave_one_out",
            decision="Yes",
            score=0.0,
            rank=1,
            candidates=2,
        )
        for sentence in _all(wording.next_sentences(about, said)):
            claims = reader.read(" ".join([*words, sentence]), case).claims
            untrue = [one for one in claims if one.kind == "attribute" and not one.real]
            assert not untrue, (words, sentence, untrue)
            checked += any(one.kind == "attribute" for one in claims)
    assert checked > 100


def test_the_decision_of_a_text_decides_what_follows(world, taught):
    wording = Rationale(OPTIONS, world.kit).wording()
    about, _ = taught[0]
    title = world.catalogue.title(about.item)
    for decision, other in (("Yes", "No"), ("No", "Yes")):
        opening = {
            "Yes": f"Yes, “{title}” suits this user.",
            "No": f"No, “{title}” does not suit this user.",
        }
        causes = _all(wording.next_sentences(about, [Said(opening[decision], ())]))
        others = _all(wording.next_sentences(about, [Said(opening[other], ())]))
        lifted = [one for one in causes if re.search("lifted|raised|supports? ", one)]
        assert bool(lifted) == (decision == "Yes")
        assert set(causes) != set(others)


def _pulls(about, *values):
    return about._replace(pulls=dict(zip(dict.fromkeys(about.history), values, strict=False)))


def _opened(world, about, decision):
    title = world.catalogue.title(about.item)
    words = {
        "Yes": f"Yes, “{title}” suits this user.",
        "No": f"No, “{title}” does not suit this user.",
    }
    return Said(words[decision], ())


@pytest.fixture
def about(taught):
    """A question without a focus about a history of five items."""
    return next(
        about
        for about, _ in taught
        if len(set(about.history)) == 5 and "focus" not in about.question
    )


@pytest.mark.parametrize(
    ("decision", "pulls", "causes", "further"),
    [
        ("Yes", (0.3, 1.0, -0.9, 0.9, 0.15), (1, 3), (0,)),
        ("Yes", (0.6, 1.0, -0.9, 0.5, 0.05), (1,), (0, 3)),  # beside it, but not the most
        ("No", (0.2, 0.3, -0.9, 0.1, -0.05), (2,), ()),
        ("No", (-0.99, -0.98, -0.97, -0.96, 1.0), (0, 1, 2), ()),  # no more than three in all
        ("No", (0.2, 0.3, 0.9, 0.1, 0.05), (), ()),
    ],
)
def test_estimated_causes_are_named_in_their_order(  # one case each
    world, about, decision, pulls, causes, further
):
    wording = Rationale(OPTIONS, world.kit).wording()
    about = _pulls(about, *pulls)
    titles = [world.catalogue.title(item) for item in about.history]
    opening = _opened(world, about, decision)
    offered = wording.next_sentences(about, [opening])
    assert list(offered.titles) == [titles[place] for place in causes]
    given = [one for one in _all(offered) if "history leans" not in one and "most often" not in one]
    named = [one for one in given if ANY_TITLE in one]
    assert {one.count(ANY_TITLE) for one in named} == ({len(causes)} if causes else set())
    assert bool(causes) == bool(named)
    reason = Said(named[0] if named else given[0], tuple(titles[place] for place in causes))
    after = wording.next_sentences(about, [opening, reason])
    if causes:
        assert list(after.titles) == [titles[place] for place in further]
        others = [one for one in _all(after) if ANY_TITLE in one]
        assert {one.count(ANY_TITLE) for one in others} == ({len(further)} if further else set())


def test_a_title_that_was_named_by_somebody_else_is_not_named_again(world, about):
    wording = Rationale(OPTIONS, world.kit).wording()
    about = _pulls(about, 0.1, 1.0, -0.9, 0.9, 0.5)
    titles = [world.catalogue.title(item) for item in about.history]
    reason = Said(f"Its score owes most to {ANY_TITLE}.", (titles[3],))
    after = wording.next_sentences(about, [_opened(world, about, "Yes"), reason])
    assert list(after.titles) == [titles[1], titles[4]]


def test_an_item_is_no_cause_of_itself(world, about):
    wording = Rationale(OPTIONS, world.kit).wording()
    about = _pulls(about._replace(item=about.history[1]), 0.2, 1.0, -0.9, 0.3, 0.05)
    offered = wording.next_sentences(about, [_opened(world, about, "Yes")])
    assert list(offered.titles) == [world.catalogue.title(about.history[3])]


def test_nothing_is_said_twice_in_other_words_either(world, about):
    """A walk that says all it may ends, with one sentence of each kind."""
    wording = Rationale(OPTIONS, world.kit).wording()
    rng = np.random.default_rng(8)
    kinds = ("leans to|most often|most frequent|pattern of", "also|as well", "Without|without")
    for _ in range(40):
        said = [_opened(world, about, "Yes")]
        while offered := _all(wording.next_sentences(about, said)):
            sentence = offered[rng.integers(len(offered))]
            titles = [world.catalogue.title(item) for item in about.history]
            used = {title for one in said for title in one.titles}
            free = [title for title in titles if title not in used]
            said.append(Said(sentence, tuple(free[: sentence.count(ANY_TITLE)])))
            assert len(said) < 8
        told = [one.sentence for one in said]
        for kind in kinds:
            assert sum(bool(re.search(kind, one)) for one in told) <= 1, told
