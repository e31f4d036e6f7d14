"""What a contrast says is checked against the target's known sums, from the words alone."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import recx_contrast
from recx_contrast import Contrast, ContrastOptions
from recx_contrast.wording import LABELS, QUESTIONS

from recexplainer.plugins.interfaces import TargetKit, TaskKit
from recexplainer.plugins.manager import load_registry
from recexplainer.records import HistorySlot, ItemSlot, SilentProgress
from recexplainer.testing import (
    AlignmentTaskContract,
    LinearTarget,
    toy_asked,
    toy_log,
    toy_training,
)

PUBLIC = ("plugins", "records", "errors", "testing")
QUOTED = re.compile("“([^”]*)”")
WITHOUT_ONE = re.compile(
    "(?:Without|Were|Take) “([^”]*)”(?: the recommender| not in the history| away)"
)
OF_A_VALUE = re.compile(r"the (color|shape) (\w+)")


class TestContrast(AlignmentTaskContract):
    @pytest.fixture
    def make_task(self):
        return lambda kit: Contrast(ContrastOptions(), kit)


class Balanced(LinearTarget):
    """The toy target with opinions about colors: histories of mixed colors pull both ways.

    A sum over the history still, so what each item adds to a lead is known exactly.
    """

    def fit(self, training, progress):
        report = super().fit(training, progress)
        rng = np.random.default_rng(11)
        self.weights = self.weights + rng.normal(0, 0.2, self.weights.shape).astype(np.float32)
        return report


@pytest.fixture(scope="module")
def log():
    return toy_log()


@pytest.fixture(scope="module")
def target(log):
    target = Balanced(TargetKit(log.catalogue, max_history=10))
    target.fit(toy_training(log), SilentProgress())
    return target


@pytest.fixture(scope="module")
def asked(log, target):
    """Contexts whose histories mix two users, so that attributes vary within a history."""
    plain = toy_asked(log, target)
    contexts = [
        replace(one, history=one.history[-4:] + other.history[-4:])
        for one, other in zip(
            plain.contexts, plain.contexts[29:] + plain.contexts[:29], strict=True
        )
    ]
    scores = target.scores([context.history for context in contexts]).copy()
    for row, context in enumerate(contexts):
        scores[row, log.catalogue.rows(context.history)] = -np.inf
    return replace(plain, contexts=contexts, rows=range(50, 50 + len(contexts)), scores=scores)


def made(asked, seed=0, **options):
    task = Contrast(ContrastOptions(**options), TaskKit(asked.catalogue))
    return list(task.on_contexts(asked, np.random.default_rng(seed)))


def many(asked, **options):
    return [example for seed in range(6) for example in made(asked, seed, **options)]


def parts(example, asked):
    """Return the history, the preferred item and the other one, read off the question."""
    slots = [part for turn in example.question for part in turn.content]
    (row,) = [slot.context for slot in slots if isinstance(slot, HistorySlot)]
    items = [slot.item for slot in slots if isinstance(slot, ItemSlot)]
    preferred = items[LABELS.index(example.reference[0])]
    other = items[1 - LABELS.index(example.reference[0])]
    return asked.contexts[asked.rows.index(row)].history, preferred, other


def shares(history, preferred, other, asked):
    """Return what each item of the history adds to the lead: the target's own sums."""
    added = asked.target.contributions(history)
    lead = added[:, asked.catalogue.row(preferred)] - added[:, asked.catalogue.row(other)]
    return dict(zip(history, lead.astype(float), strict=True))


def test_the_preferred_item_is_the_one_that_f_scores_higher(asked):
    examples = many(asked)
    for example in examples:
        history, preferred, other = parts(example, asked)
        scores = asked.target.scores([history])[0]
        assert scores[asked.catalogue.row(preferred)] > scores[asked.catalogue.row(other)]
        assert not {preferred, other} & set(history)
        assert example.answer.startswith(example.reference[0])
    shown = Counter(example.reference[0] for example in examples)
    assert len(examples) == 6 * len(asked.contexts)
    assert 0.4 < shown["First"] / len(examples) < 0.6


def test_the_preferred_item_is_among_the_favorites(asked):
    for example in many(asked, favorite_share=0.1):
        history, preferred, _ = parts(example, asked)
        scores = asked.target.scores([history])[0]
        scores[asked.catalogue.rows(history)] = -np.inf
        better = int((scores > scores[asked.catalogue.row(preferred)]).sum())
        assert better < 0.1 * (len(asked.catalogue) - len(set(history)))


@pytest.mark.parametrize("most", [1, 3])
def test_causes_are_those_that_add_most_to_the_lead(asked, most):
    titles, told = asked.catalogue.id_of_title, 0
    for example in many(asked, causes=most):
        history, preferred, other = parts(example, asked)
        added = shares(history, preferred, other, asked)
        reason = re.split(r"(?<=\.) (?=[A-Z“])", example.answer)[_reason_place(example.answer)]
        named = [titles[title] for title in QUOTED.findall(reason)]
        strongest = max(added.values())
        expected = [i for i in sorted(added, key=lambda i: -added[i]) if added[i] >= strongest / 2]
        if strongest <= 1e-4:
            assert named == []
            continue
        told += 1
        assert set(named) <= set(history)
        assert len(named) == min(most, len(expected))
        floor = added[named[-1]]
        assert all(added[item] <= floor + 1e-4 for item in history if item not in named)
    assert told > 100


def _reason_place(answer):
    """Return which sentence names the causes: the second, titles aside ("First." is none)."""
    sentences = re.split(r"(?<=\.) (?=[A-Z“])", answer)
    return 2 if sentences[0] in {"First.", "Second."} else 1


def test_what_would_be_without_an_item_is_what_f_says_then(asked):
    titles, told = asked.catalogue.id_of_title, 0
    for example in many(asked):
        history, preferred, other = parts(example, asked)
        added = shares(history, preferred, other, asked)
        strongest = max(added, key=added.get)
        overturns = sum(added.values()) - added[strongest] < -1e-4 and added[strongest] > 1e-4
        said = WITHOUT_ONE.search(example.answer)
        if abs(sum(added.values()) - added[strongest]) > 1e-3:
            assert bool(said) == overturns, example.answer
        if said:
            told += 1
            assert titles[said[1]] == strongest
    assert told > 20


def test_values_that_decide_are_what_f_says_without_their_holders(asked):
    told = Counter()
    for example in many(asked):
        history, preferred, other = parts(example, asked)
        said = OF_A_VALUE.search(example.answer)
        if not said:
            continue
        attribute, value = said.groups()
        holders = {i for i in history if _has(asked, i, attribute, value)}
        assert 1 < len(holders) < len(set(history))
        assert _has(asked, preferred, attribute, value)
        assert not _has(asked, other, attribute, value)
        kept = [item for item in history if item not in holders]
        scores = asked.target.scores([history, kept])
        rows = asked.catalogue.rows([preferred, other])
        whole, without = (float(row[rows[0]] - row[rows[1]]) for row in scores)
        sentence = example.answer[said.start() - 60 if said.start() > 60 else 0 :]
        overturned = "half" not in sentence
        told[overturned] += 1
        assert without < 0 if overturned else without <= whole / 2 + 1e-4
    assert min(told[True], told[False]) > 5


def _has(asked, item, attribute, value):
    return value in asked.catalogue.item(item).attributes.get(attribute, ())


def test_wording_varies_and_every_question_is_used(asked):
    examples = many(asked)
    said = {re.sub("“[^”]*”|(?<=color |shape )\\w+", "X", example.answer) for example in examples}
    assert len(said) > 100
    openings = {example.question[0].content[0].text for example in examples}
    assert len(openings) >= len(QUESTIONS) - 1


def test_an_example_does_not_depend_on_which_contexts_are_asked_together(asked):
    whole = {example.id: example for example in made(asked)}
    rows = slice(10, 25)
    part = replace(
        asked,
        contexts=asked.contexts[rows],
        rows=list(asked.rows)[rows],
        scores=asked.scores[rows],
    )
    assert made(part)
    assert all(whole[example.id] == example for example in made(part))


def test_indifference_is_not_contrasted(asked):
    flat = np.where(np.isfinite(asked.scores), np.float32(1.0), asked.scores)
    assert made(replace(asked, scores=flat)) == []


@pytest.mark.parametrize(
    ("answer", "grade"),
    [("First", 1.0), ("first: “A” wins.", 1.0), ("Second", 0.0), ("Firstly", 0.0), ("", 0.0)],
)
def test_accuracy_reads_the_first_word(asked, answer, grade):
    example = next(one for one in made(asked) if one.reference == ("First",))
    task = Contrast(ContrastOptions(), TaskKit(asked.catalogue))
    assert task.grade(example, [answer], asked.catalogue) == {"accuracy": grade}


def test_the_entry_point_registers_it():
    registry = load_registry([recx_contrast], entry_points=False)
    assert registry.names("task") == ("contrast",)
    assert registry.options("task", "contrast", {"causes": 9}, "alignment.options.contrast") == [
        "alignment.options.contrast.causes: must be at most 5, got 9"
    ]


def test_it_is_built_on_public_interfaces_alone():
    for file in Path(recx_contrast.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("recexplainer"):
                assert node.module.split(".")[1] in PUBLIC, node.module
