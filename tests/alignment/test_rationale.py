"""What rationales say is checked against the target and the data, from the words alone."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pytest

from recexplainer.alignment.rationale import Rationale, RationaleOptions
from recexplainer.alignment.rationale_facts import attribute_facts, causes_of, speakable_attributes
from recexplainer.alignment.rationale_sentences import NO_CAUSE
from recexplainer.oracle import questions as oracle_asking
from recexplainer.plugins.interfaces import TaskKit
from recexplainer.records import Catalogue, HistorySlot, Item, ItemSlot
from recexplainer.records.question_texts import explanation_prompt

QUOTED = re.compile(r"“(.*?)”")
ATTRIBUTES = ("color", "maker_name")


@pytest.fixture(scope="module")
def rationales(world, asked):
    """Every (context, item id, text, focus) of four draws."""
    context_of = dict(zip(asked.rows, asked.contexts, strict=True))
    found = []
    for seed in range(4):
        task = Rationale(
            RationaleOptions(follow_ups=0, focus_share=0.3, causeless_share=1, what_if_share=1),
            world.kit,
        )
        for example in task.on_contexts(asked, np.random.default_rng(seed)):
            prompt = example.turns[0].content
            (row,) = [part.context for part in prompt if isinstance(part, HistorySlot)]
            (item,) = [part.item for part in prompt if isinstance(part, ItemSlot)]
            focuses = [f for f in ATTRIBUTES if prompt == explanation_prompt(row, item, f)]
            assert focuses or prompt == explanation_prompt(row, item)
            found.append((context_of[row], item, example.answer, *(focuses or [None])))
    assert len(found) == 4 * 2 * len(asked.contexts)
    return found


def removal_effects(world, context, item):
    """Return the loss of the target's score without each history item, asked one by one."""
    column = world.catalogue.row(item)
    whole = world.target.scores([context.history])[0, column]
    return {
        removed: whole
        - world.target.scores([[i for i in context.history if i != removed]])[0, column]
        for removed in context.history
    }


def values_in(sentence, world):
    """Return (attribute, value) of the values that a sentence names outside its titles."""
    bare = QUOTED.sub("", sentence)
    return [
        (name, value)
        for name in ATTRIBUTES
        for value in world.catalogue.attribute_values[name]
        if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", bare)
    ]


def ids(world, titles):
    return [world.catalogue.id_of_title[title] for title in titles]


def sentences(text):
    """Split at full stops that are outside quotation marks."""
    masked = QUOTED.sub(lambda match: match.group().replace(".", "\0"), text)
    return [part.replace("\0", ".") for part in re.split(r"(?<=\.) (?=[A-Z])", masked)]


def without_others(text):
    """Return the text without the sentence that names items beside the causes."""
    return " ".join(part for part in sentences(text) if not re.search(" also | as well", part))


def test_the_decision_is_fs_own(rationales, unseen_order):
    for context, item, text, _ in rationales:
        order = unseen_order(context)
        share = (order.index(item) + 1) / len(order)
        assert share <= 0.2 if re.match(r"Yes[.,] ", text) else share > 0.5
        assert re.match(r"(Yes|No)[.,] ", text)


def test_the_item_comes_first_and_then_only_titles_of_the_history(world, rationales):
    for context, item, text, _ in rationales:
        first, *others = ids(world, QUOTED.findall(text))
        assert first == item
        assert set(others) <= set(context.history)


def what_if(text):
    """Return the title without which, the text says, the target would decide otherwise."""
    stated = [part for part in sentences(text) if re.search("would (not|no longer) be", part)]
    assert len(stated) <= 1
    return QUOTED.findall(stated[0])[0] if stated else None


def test_a_what_if_is_stated_exactly_where_f_bears_it_out(world, rationales):
    kinds = Counter()
    for context, item, text, _ in rationales:
        cited = list(dict.fromkeys(QUOTED.findall(text)))[1:]
        if not cited:
            assert what_if(text) is None
            continue
        first = world.catalogue.id_of_title[cited[0]]
        left = world.target.scores([[i for i in context.history if i != first]])[0]
        unseen = [i for i in world.catalogue.ids if i not in world.excluded(context)]
        scores = np.sort(left[world.catalogue.rows(unseen)])[::-1]
        # Wherever it stands among its equals: without its only item, a history tells nothing apart.
        places = np.flatnonzero(scores == left[world.catalogue.row(item)])
        liked, rejected = len(scores) // 5, len(scores) - len(scores) // 2
        kept = max(places) < liked if text.startswith("Yes") else min(places) >= rejected
        assert what_if(text) == (None if kept else cited[0])
        if not kept:
            outcome = "recommended" if text.startswith("Yes") else "rejected"
            assert f" be {outcome}" in text
            assert not re.search(r"\d", QUOTED.sub("", text)), "a rank cannot be known"
        kinds[text[:2], kept] += 1
    assert min(kinds.values()) > 20, kinds
    assert len(kinds) == 4


def test_what_ifs_are_told_by_their_share(world, asked):
    def stated(share):
        task = Rationale(RationaleOptions(follow_ups=0, what_if_share=share), world.kit)
        examples = task.on_contexts(asked, np.random.default_rng(1))
        return sum(what_if(example.answer) is not None for example in examples)

    assert stated(0) == 0
    assert 0.25 * stated(1) < stated(0.5) < 0.75 * stated(1)


def test_the_rationales_do_not_depend_on_how_many_scores_are_held(world, asked, monkeypatch):
    task = Rationale(RationaleOptions(follow_ups=0), world.kit)
    whole = list(task.on_contexts(asked, np.random.default_rng(3)))
    monkeypatch.setattr(oracle_asking, "_SCORES_AT_ONCE", 7 * len(world.catalogue))
    assert list(task.on_contexts(asked, np.random.default_rng(3))) == whole


def test_the_cited_items_are_those_that_move_the_score_most(world, rationales):
    for context, item, text, _ in rationales:
        sign = 1 if text.startswith("Yes") else -1
        effects = {i: sign * e for i, e in removal_effects(world, context, item).items()}
        strongest = max(effects.values())
        mean = sum(effects.values()) / len(effects)
        least = max(max(strongest / 2, mean) - 1e-4, 1e-3)  # rounding of scores of about 10
        whole = world.target.scores([context.history])[0, world.catalogue.row(item)]
        noise = 1e-5 * max(1.0, abs(whole))
        ordered = sorted((i for i in effects if effects[i] > noise), key=lambda i: -effects[i])[:3]
        causes = [i for i in ordered if effects[i] >= least]
        cited = list(dict.fromkeys(ids(world, QUOTED.findall(without_others(text)))[1:]))
        assert cited == causes
        assert list(dict.fromkeys(ids(world, QUOTED.findall(text))[1:])) == ordered
        assert bool(re.search(" also | as well", text)) == (len(ordered) > len(causes))
        if not cited:
            assert re.search("No (single|one) title", text)


@dataclass
class Said:
    """A sentence that names attribute values, with all that its truth depends on."""

    named: set[str]
    own: set[str]
    counts: Counter[str]
    holders: list[set[str]]
    sentence: str

    @property
    def frequent(self):
        top = max(self.counts.values(), default=0)
        return {value for value in self.counts if self.counts[value] >= max(2, top / 2)}

    @property
    def modal(self):
        top = max(self.counts.values(), default=0)
        return {value for value in self.counts if self.counts[value] == top >= 2}


def nothing_shared(said):
    return said.named <= said.own and not any(said.own & values for values in said.holders)


def shared(said):
    return said.named <= said.own and all(said.named <= values for values in said.holders)


def differs(said):
    told = said.named - said.own
    known = told <= said.frequent and told & said.modal
    return known and said.named & said.own and not said.own & said.frequent


def fits(said):
    return said.named <= said.own & said.frequent


def leaning(said):
    return said.named <= said.frequent and said.named & said.modal


def own(said):
    return said.named <= said.own and not ("repeat" in said.sentence and said.modal)


CLAIMS = {
    r"shares no|not what links it|not shared by": nothing_shared,
    r"shares the|in common|links it to|is consistent with (“|all)|^Like": shared,
    r"but its own is|inconsistent|^While|most often; this item has": differs,
    r"fits|consistent with the history|frequent in the history[.,]|^Sharing": fits,
    r"^The history leans|^The most frequent|most often|^A pattern": leaning,
    r"^Its \S+( name)? is |repeat": own,
}


def test_attribute_values_belong_where_they_are_said_to(world, rationales):
    """Sorts the sentences that name values by what they claim, and checks every claim."""
    kinds = Counter()
    for context, item, text, _ in rationales:
        causes = ids(world, QUOTED.findall(without_others(text)))[1:]
        for sentence in sentences(text)[1:]:
            found = values_in(sentence, world)
            if found:
                (name,) = {attribute for attribute, _ in found}

                def having(item_id, name=name):
                    return set(world.catalogue.item(item_id).attributes.get(name, ()))

                holders = ids(world, QUOTED.findall(sentence)) or causes
                said = Said(
                    {value for _, value in found},
                    having(item),
                    Counter(value for seen in context.history for value in having(seen)),
                    [having(holder) for holder in holders],
                    sentence,
                )
                claim = next(claim for form, claim in CLAIMS.items() if re.search(form, sentence))
                assert claim(said), (claim.__name__, said)
                kinds[claim.__name__] += 1
    assert min(kinds[claim.__name__] for claim in CLAIMS.values()) > 3, kinds


def test_a_focus_is_kept_to(world, rationales):
    focused = [case for case in rationales if case[3] is not None]
    assert 0.2 < len(focused) / len(rationales) < 0.4
    for _, item, text, focus in focused:
        said = focus.replace("_", " ")
        other = next(name for name in ATTRIBUTES if name != focus).replace("_", " ")
        bare = QUOTED.sub("", text)
        assert said in bare
        assert other not in bare
        assert {name for name, _ in values_in(text, world)} <= {focus}
        if focus not in world.catalogue.item(item).attributes:
            assert re.search("recorded|not known", text)


def test_the_wording_varies_and_stays_short(rationales, world):
    values = {
        re.escape(one) for name in ATTRIBUTES for one in world.catalogue.attribute_values[name]
    }
    forms = {re.sub("|".join(values), "V", QUOTED.sub("T", text)) for _, _, text, _ in rationales}
    assert len(forms) > 300
    lengths = [len(QUOTED.sub("T", text).split()) for _, _, text, _ in rationales]
    assert max(lengths) <= 65
    assert 15 <= np.mean(lengths) <= 40
    assert not any(re.search(r"[{}]|  ", text) for _, _, text, _ in rationales)


def test_f_is_asked_once_per_distinct_item_of_each_history(world, asked):
    before = world.target.asked
    task = Rationale(RationaleOptions(follow_ups=0, causeless_share=1), world.kit)
    list(task.on_contexts(asked, np.random.default_rng(0)))
    assert world.target.asked - before == sum(len(set(c.history)) for c in asked.contexts)


def test_the_same_context_gets_the_same_rationale_alone_or_in_company(world, asked):
    task = Rationale(RationaleOptions(follow_ups=0, causeless_share=1), world.kit)
    together = list(task.on_contexts(asked, np.random.default_rng(5)))
    part = replace(
        asked,
        contexts=asked.contexts[7:9],
        rows=list(asked.rows)[7:9],
        scores=asked.scores[7:9],
    )
    assert list(task.on_contexts(part, np.random.default_rng(5))) == together[14:18]


def test_follow_ups_give_the_decision_and_what_pulls_most(world, asked, unseen_order):
    """Every further question of a conversation is answered as the target answers it."""
    context_of = dict(zip(asked.rows, asked.contexts, strict=True))
    task = Rationale(RationaleOptions(follow_ups=5, causeless_share=1), world.kit)
    examples = list(task.on_contexts(asked, np.random.default_rng(2)))
    assert len(examples) == 2 * len(asked.contexts)
    caused = 0
    for example in examples:
        slots = [
            [part for part in turn.content if isinstance(part, ItemSlot)] for turn in example.turns
        ]
        items = [slot.item for of_turn in slots for slot in of_turn]
        assert len(items) == len(set(items)) == len(example.turns) / 2
        (row,) = [
            part.context
            for turn in example.turns
            for part in turn.content
            if isinstance(part, HistorySlot)
        ]
        context, order = context_of[row], unseen_order(context_of[row])
        for item, turn in zip(items[1:], example.turns[3::2], strict=True):
            text = turn.content[0].text
            share = (order.index(item) + 1) / len(order)
            assert share <= 0.2 if text.startswith("Yes. ") else share > 0.5
            effects = removal_effects(world, context, item)
            sign = 1 if text.startswith("Yes") else -1
            named = ids(world, QUOTED.findall(text))
            pulls = sorted((sign * effect for effect in effects.values()), reverse=True)
            whole = world.target.scores([context.history])[0, world.catalogue.row(item)]
            most = [pull for pull in pulls[:3] if pull > 1e-5 * max(1.0, abs(whole))]
            assert [sign * effects[one] for one in named] == pytest.approx(most, abs=1e-5)
            caused += bool(named)
    assert caused > 3 * len(examples)


def test_repeated_items_are_removed_wherever_they_occur(world, asked):
    context = asked.contexts[10]
    first = context.history[0]
    history = (first, *context.history[1:3], first)
    scores = world.target.scores([history])
    scores[0, world.catalogue.rows(world.excluded(context))] = -np.inf
    part = replace(asked, contexts=[replace(context, history=history)], rows=[0], scores=scores)
    task = Rationale(RationaleOptions(follow_ups=0, causes=1), world.kit)
    for example in task.on_contexts(part, np.random.default_rng(0)):
        item, *cited = ids(world, QUOTED.findall(example.answer))
        effects = removal_effects(world, part.contexts[0], item)
        sign = 1 if example.answer.startswith("Yes") else -1
        assert set(cited) <= {max(effects, key=lambda i: sign * effects[i])}


def test_without_attributes_decision_and_causes_remain(world, asked):
    bare = Catalogue([Item(item.id, item.title) for item in world.catalogue])
    task = Rationale(
        RationaleOptions(follow_ups=0, focus_share=1.0, causeless_share=1), TaskKit(bare)
    )
    for example in task.on_contexts(asked, np.random.default_rng(0)):
        assert len(set(QUOTED.findall(example.answer))) <= 4
        assert "color" not in example.answer
        (question,) = [p.text for p in example.turns[0].content[-1:]]
        assert "focus" not in question


@pytest.mark.parametrize(
    ("decision", "without", "causes", "others"),
    [
        ("Yes", {"a": 1.0, "b": 0.0, "c": 3.0}, ("b", "a"), ()),
        ("No", {"a": 1.0, "b": 0.0, "c": 3.0}, ("c",), ()),
        ("Yes", {"a": 1.9, "b": 0.0}, ("b",), ("a",)),
        ("Yes", {"a": 1.9, "b": 0.0, "c": 1.8, "d": 1.7, "e": 1.9}, ("b",), ("d", "c")),
        ("Yes", {"a": 1.0, "b": 0.5, "c": 0.0, "d": 0.3}, ("c", "d"), ("b",)),
        ("Yes", {"a": 2.0, "b": 2.5}, (), ()),
        ("No", {"a": 2.0 + 1e-6}, (), ()),
        ("Yes", {}, (), ()),
    ],
)
def test_causes_weigh_at_least_half_the_strongest(decision, without, causes, others):
    assert causes_of(decision, 2.0, without, 3) == (causes, others)


def test_holders_are_as_many_as_possible():
    item = Item("x", "X", {"kind": ("p", "q", "r")})
    causes = [
        Item("a", "A", {"kind": ("p",)}),
        Item("b", "B", {"kind": ("p", "q")}),
        Item("c", "C"),
    ]
    facts = attribute_facts("kind", item, causes, [*causes, Item("d", "D", {"kind": ("q",)})])
    assert (facts.shared, facts.holders) == (("p",), ("a", "b"))
    assert (facts.own, facts.leaning, facts.fitting) == (("p", "q", "r"), ("p", "q"), ("p", "q"))


def test_descriptions_and_identifiers_are_not_recited(world):
    assert speakable_attributes(world.catalogue) == ATTRIBUTES


def test_causeless_examples_are_kept_by_their_share(world, asked):
    def texts(share):
        task = Rationale(
            RationaleOptions(follow_ups=0, focus_share=0, causeless_share=share), world.kit
        )
        return [
            example.answer
            for seed in range(4)
            for example in task.on_contexts(asked, np.random.default_rng(seed))
        ]

    def causeless(answers):
        phrases = [phrase for kind in NO_CAUSE.values() for phrase in kind]
        return [answer for answer in answers if any(phrase in answer for phrase in phrases)]

    every, some, none = texts(1), texts(0.5), texts(0)
    assert causeless(every)
    assert not causeless(none)
    assert len(none) == len(every) - len(causeless(every))
    assert len(none) < len(some) < len(every)
