"""The task contract accepts plain tasks, and names what is wrong with others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recexplainer.plugins.interfaces import AlignmentTask
from recexplainer.records import USER_MARK, Example, HistorySlot, ItemSlot, Text, Turn, ask
from recexplainer.testing import AlignmentTaskContract, check_part, run_contract


class NextItem(AlignmentTask):
    name = "toy_next_item"
    answer_kind = "item"

    def __init__(self, kit) -> None:
        self.kit = kit

    def on_contexts(self, asked, rng):
        for position, context in enumerate(asked.contexts):
            item = asked.catalogue[int(asked.ranking(position, 1)[0])]
            prompt = (Text("What next after "), HistorySlot(asked.rows[position]), Text("?"))
            yield Example(context.id, self.name, ask(prompt, item.title), (item.id,))

    def grade(self, example, answers, catalogue):
        right = catalogue.title(example.reference[0])
        return {"hit": float(right in answers)}


class Better(AlignmentTask):
    """Which of two items f prefers: a task with options and a label."""

    name = "toy_better"
    answer_kind = "label"

    def __init__(self, kit) -> None:
        self.kit = kit

    def on_contexts(self, asked, rng):
        for position, context in enumerate(asked.contexts):
            pair = [int(row) for row in rng.choice(asked.ranking(position), 2, replace=False)]
            label = (
                "first"
                if asked.scores[position][pair[0]] > asked.scores[position][pair[1]]
                else "second"
            )
            slots = [ItemSlot(asked.catalogue[row].id) for row in pair]
            prompt = (
                HistorySlot(asked.rows[position]),
                Text(": "),
                slots[0],
                Text(" or "),
                slots[1],
            )
            yield Example(context.id, self.name, ask(prompt, label), (label,), ("first", "second"))

    def grade(self, example, answers, catalogue):
        said = answers[0].strip()
        return {
            "accuracy": None if said not in example.options else float(said == example.reference[0])
        }


class TestNextItem(AlignmentTaskContract):
    @pytest.fixture
    def make_task(self):
        return NextItem


class TestBetter(AlignmentTaskContract):
    @pytest.fixture
    def make_task(self):
        return Better


class Nameless(NextItem):
    name = ""


class OddKind(NextItem):
    answer_kind = "essay"


class Empty(NextItem):
    def on_contexts(self, asked, rng):
        return iter(())


class SkippedYetThere(NextItem):
    def skipped(self):
        return "no file was given"


class NeedsVectors(NextItem):
    def on_contexts(self, asked, rng):
        return super().on_contexts(asked, rng) if self.kit.item_vectors is not None else iter(())


class ForeignName(NextItem):
    def on_contexts(self, asked, rng):
        for example in super().on_contexts(asked, rng):
            yield Example(example.id, "other", example.turns, example.reference)


class OneId(NextItem):
    def on_contexts(self, asked, rng):
        for example in super().on_contexts(asked, rng):
            yield Example("always", self.name, example.turns, example.reference)


class Rewritten(NextItem):
    """Replaces the turns of each example by what ``turns`` makes of them."""

    def on_contexts(self, asked, rng):
        for example in super().on_contexts(asked, rng):
            yield Example(example.id, self.name, self.turns(example), example.reference)


class NoAnswer(Rewritten):
    def turns(self, example):
        return example.turns[:-1]


class BlankAnswer(Rewritten):
    def turns(self, example):
        return (*example.turns[:-1], Turn("assistant", (Text(" "),)))


class SlotInAnswer(Rewritten):
    def turns(self, example):
        slot = ItemSlot(example.reference[0])
        return (*example.turns[:-1], Turn("assistant", (Text("It is "), slot)))


class WrongContext(Rewritten):
    def turns(self, example):
        return ask((HistorySlot(10_000),), example.answer)


class TitleInSlot(Rewritten):
    def turns(self, example):
        return ask((ItemSlot(example.answer),), example.answer)


class WritesMarks(Rewritten):
    def turns(self, example):
        return ask((Text(f"After {USER_MARK}?"),), example.answer)


class PlainStrings(Rewritten):
    def turns(self, example):
        return (Turn("user", ("What next?",)), example.turns[-1])


class NoReference(NextItem):
    def on_contexts(self, asked, rng):
        for example in super().on_contexts(asked, rng):
            yield Example(example.id, self.name, example.turns)


class TitleAsReference(NextItem):
    def on_contexts(self, asked, rng):
        for example in super().on_contexts(asked, rng):
            yield Example(example.id, self.name, example.turns, (example.answer,))


class LabelNotOffered(Better):
    def on_contexts(self, asked, rng):
        for example in super().on_contexts(asked, rng):
            yield Example(example.id, self.name, example.turns, example.reference, ("a", "b"))


class OwnRandomness(Better):
    def on_contexts(self, asked, rng):
        return super().on_contexts(asked, np.random.default_rng())


class GlobalRandomness(NextItem):
    def on_contexts(self, asked, rng):
        np.random.rand()
        return super().on_contexts(asked, rng)


class LearnsFromUsers(NextItem):
    """Labels with what a user did, which f never said."""

    def on_contexts(self, asked, rng):
        for position, context in enumerate(asked.contexts):
            item = context.history[-1]
            prompt = (HistorySlot(asked.rows[position]), Text(" next?"))
            yield Example(context.id, self.name, ask(prompt, asked.catalogue.title(item)), (item,))


class PraisesAnything(NextItem):
    def grade(self, example, answers, catalogue):
        return {"hit": 1.0}


class GradesInPercent(NextItem):
    def grade(self, example, answers, catalogue):
        return {"hit": 100 * super().grade(example, answers, catalogue)["hit"]}


class ForgetsMetrics(NextItem):
    def grade(self, example, answers, catalogue):
        hit = super().grade(example, answers, catalogue)["hit"]
        return {"hit": hit, "found": 1.0} if hit else {"hit": hit}


class NeverScores(NextItem):
    def grade(self, example, answers, catalogue):
        return {"hit": None}


class BreaksOnNonsense(NextItem):
    def grade(self, example, answers, catalogue):
        row = catalogue.titles.index(answers[0])
        return {"hit": float(catalogue.ids[row] == example.reference[0])}


class WritesScores(NextItem):
    def on_contexts(self, asked, rng):
        examples = list(super().on_contexts(asked, rng))
        asked.scores[0, -1] += 1.0
        return iter(examples)


class WritesFiles(NextItem):
    def on_items(self, rng):
        Path("examples.jsonl").write_text("{}")
        return iter(())


@pytest.mark.parametrize(
    ("mutant", "rule", "says"),
    [
        (Nameless, "name", "no usable name"),
        (OddKind, "kind", "'essay'"),
        (Empty, "says why not", "skipped()"),
        (SkippedYetThere, "says why not", "no file was given"),
        (NeedsVectors, "without vectors", "without item_vectors"),
        (ForeignName, "conversations", "'other'"),
        (OneId, "ids", "always"),
        (NoAnswer, "conversations", "assistant"),
        (BlankAnswer, "conversations", "not empty"),
        (SlotInAnswer, "conversations", "holds a slot"),
        (WrongContext, "slots", "asked.rows[position]"),
        (TitleInSlot, "slots", "not a title"),
        (WritesMarks, "slots", "vector mark"),
        (PlainStrings, "slots", "holds a str"),
        (NoReference, "references", "one item id"),
        (TitleAsReference, "references", "one item id"),
        (LabelNotOffered, "references", "offer all labels"),
        (OwnRandomness, "one seed", "rng only"),
        (GlobalRandomness, "no traces", "numpy's random state"),
        (LearnsFromUsers, "follow the target", "labels_from_target = False"),
        (PraisesAnything, "best grade", "nonsense"),
        (GradesInPercent, "best grade", "between 0 and 1"),
        (ForgetsMetrics, "best grade", "every metric"),
        (NeverScores, "best grade", "None for f's own answer"),
        (BreaksOnNonsense, "best grade", "tuple.index"),
        (WritesScores, "no traces", "asked.scores"),
        (WritesFiles, "no traces", "files in the working directory"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_wrong_tasks_are_caught(mutant, rule, says):
    report = check_part("task", mutant)
    caught = [one for one in report.broken if rule in one.rule]
    assert caught, f"broken: {report.broken}"
    assert any(says in one.message for one in caught), caught


class Recalls(AlignmentTask):
    """Lists what ``listed`` takes from a context, for the answer."""

    name = "toy_recalls"
    answer_kind = "list"

    def __init__(self, kit) -> None:
        self.kit = kit

    def listed(self, asked, position):
        return asked.contexts[position].history

    def on_contexts(self, asked, rng):
        for position, context in enumerate(asked.contexts):
            items = self.listed(asked, position)
            answer = "; ".join(map(asked.catalogue.title, items))
            prompt = (HistorySlot(asked.rows[position], vector_only=True), Text(" was?"))
            yield Example(context.id, self.name, ask(prompt, answer), tuple(items))

    def grade(self, example, answers, catalogue):
        said = set(answers[0].split("; "))
        titles = {catalogue.title(item) for item in example.reference}
        return {"coverage": len(said & titles) / len(titles)}


class ListsFixedItems(Recalls):
    def listed(self, asked, position):
        return asked.catalogue.ids[:3]


def test_the_users_own_history_is_known_without_the_target():
    assert check_part("task", Recalls).broken == ()


def test_a_list_that_is_neither_history_nor_from_the_target_is_caught():
    broken = [one.rule for one in check_part("task", ListsFixedItems).broken]
    assert broken == ["answers follow the target"]


def test_a_task_that_is_not_about_f_may_say_so():
    class Declared(AlignmentTaskContract):
        labels_from_target = False

        @pytest.fixture
        def make_task(self):
            return LearnsFromUsers

    assert run_contract(Declared).broken == ()


def test_a_skipped_task_passes():
    class Skipped(Empty):
        answer_kind = None

        def skipped(self):
            return "no instruction file was given"

    assert check_part("task", Skipped).broken == ()
