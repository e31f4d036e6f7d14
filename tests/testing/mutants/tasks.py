"""Alignment tasks, each right but for one rule."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from mutants.table import Mutant

from recexplainer.plugins.interfaces import AlignmentTask
from recexplainer.plugins.wording_interface import NextSentences
from recexplainer.records import USER_MARK, Example, HistorySlot, ItemSlot, Text, Turn, ask


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
    """Which of two items the target prefers: a task with options and a label."""

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


class SharesTitles(NextItem):
    """Shares its label among titles, where ids are asked for."""

    def on_contexts(self, asked, rng):
        for example in super().on_contexts(asked, rng):
            yield replace(example, liked=((example.answer, 1.0),))


class SharesTooMuch(Better):
    """Shares that are more than one."""

    def on_contexts(self, asked, rng):
        for example in super().on_contexts(asked, rng):
            yield replace(example, label_shares=(("first", 0.8), ("second", 0.8)))


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
    """Labels with what a user did, which the target never said."""

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


class SortsVectors(NextItem):
    def on_items(self, rng):
        if self.kit.item_vectors is not None:
            self.kit.item_vectors.sort()
        return iter(())


class CountsPositions(NextItem):
    def on_contexts(self, asked, rng):
        for position, example in enumerate(super().on_contexts(asked, rng)):
            yield Example(str(position), self.name, example.turns, example.reference)


class CrashesWithoutVectors(NextItem):
    def on_contexts(self, asked, rng):
        len(self.kit.item_vectors)
        return super().on_contexts(asked, rng)


class CrashesOnContexts(NextItem):
    def on_contexts(self, asked, rng):
        raise IndexError(3)


class GradesByMood(NextItem):
    moods = 0

    def grade(self, example, answers, catalogue):
        self.moods += 1
        return {"hit": super().grade(example, answers, catalogue)["hit"] / self.moods}


class LogsGrades(NextItem):
    def grade(self, example, answers, catalogue):
        Path("grades.log").write_text(example.id)
        return super().grade(example, answers, catalogue)


class WritesFiles(NextItem):
    def on_items(self, rng):
        Path("examples.jsonl").write_text("{}")
        return iter(())


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


class Explains(AlignmentTask):
    """Why an item comes next, in sentences of its wording."""

    name = "toy_why"

    def __init__(self, kit) -> None:
        self.kit = kit

    def on_contexts(self, asked, rng):
        for position, context in enumerate(asked.contexts):
            item = asked.catalogue[int(asked.ranking(position, 1)[0])]
            latest = asked.catalogue.title(context.history[-1])
            prompt = (HistorySlot(asked.rows[position]), Text(" Why "), ItemSlot(item.id))
            answer = f"It follows “{latest}”. Its color is {item.attributes['color'][0]}."
            yield Example(context.id, self.name, ask(prompt, answer))

    def wording(self):
        return self

    def next_sentences(self, about, said):
        (color,) = self.kit.catalogue.item(about.item).attributes["color"]
        return [
            NextSentences(inner=["It follows “”."]),
            NextSentences(last=[f"Its color is {color}."]),
        ][len(said)]


class TeachesOtherWords(Explains):
    def next_sentences(self, about, said):
        words = super().next_sentences(about, said)
        return words._replace(last=[one.replace("color", "hue") for one in words.last])


class NeverEnds(Explains):
    def next_sentences(self, about, said):
        words = super().next_sentences(about, said)
        return NextSentences(inner=[*words.inner, *words.last])


class KnowsNothingToSay(Explains):
    def next_sentences(self, about, said):
        raise KeyError(about.item)


class OffersHalfASentence(Explains):
    def next_sentences(self, about, said):
        words = super().next_sentences(about, said)
        return words._replace(inner=[*words.inner, "It follows"])


_NAME = "it has a name and a known answer kind"
_OFFERS = "it offers examples or says why not"
_VECTORS = "it can do without vectors"
_ANSWER = "conversations end with an answer in words"
_SLOTS = "slots point at what exists"
_REFERENCE = "references fit the answer kind"
_FOLLOW = "answers follow the target"
_GRADE = "the targets own answer gets the best grade"
_GIVEN = "what a task is given stays as it was"
_TRACES = "making examples leaves no traces"
_TAUGHT = "its wording says all that it teaches"
_SHARES = "soft labels are shares of 1"
_task = partial(Mutant, "task")

MUTANTS = (
    _task(_NAME, Nameless, "no usable name"),
    _task(_NAME, OddKind, "'essay'"),
    _task(_OFFERS, Empty, "skipped()"),
    _task(_OFFERS, SkippedYetThere, "no file was given"),
    _task(_OFFERS, CrashesOnContexts, "IndexError: 3"),
    _task(_VECTORS, NeedsVectors, "without item_vectors"),
    _task(_VECTORS, CrashesWithoutVectors, "TypeError"),
    _task(_ANSWER, ForeignName, "'other'"),
    _task(_ANSWER, NoAnswer, "assistant"),
    _task(_ANSWER, BlankAnswer, "not empty"),
    _task(_ANSWER, SlotInAnswer, "holds a slot"),
    _task("example ids are unique", OneId, "always"),
    _task("contexts asked in parts get ids of their own", CountsPositions, "context.id"),
    _task(_SLOTS, WrongContext, "asked.rows[position]"),
    _task(_SLOTS, TitleInSlot, "not a title"),
    _task(_SLOTS, WritesMarks, "vector mark"),
    _task(_SLOTS, PlainStrings, "holds a str"),
    _task(_REFERENCE, NoReference, "one item id"),
    _task(_REFERENCE, TitleAsReference, "one item id"),
    _task(_REFERENCE, LabelNotOffered, "offer all labels"),
    _task(_SHARES, SharesTitles, "ids of items"),
    _task(_SHARES, SharesTooMuch, "in all 1.6"),
    _task("one seed gives one set of examples", OwnRandomness, "rng only"),
    _task(_FOLLOW, LearnsFromUsers, "'known_answers'"),
    _task(_FOLLOW, ListsFixedItems, "reversed"),
    _task(_GRADE, PraisesAnything, "nonsense"),
    _task(_GRADE, GradesInPercent, "between 0 and 1"),
    _task(_GRADE, ForgetsMetrics, "every metric"),
    _task(_GRADE, NeverScores, "None for the target's own answer"),
    _task(_GRADE, BreaksOnNonsense, "ValueError"),
    _task("the same answer gets the same grade", GradesByMood, "no memory"),
    _task(_TRACES, GlobalRandomness, "numpy's random state"),
    _task(_TRACES, WritesFiles, "files in the working directory"),
    _task("grading leaves no traces", LogsGrades, "files in the working directory"),
    _task(_TAUGHT, TeachesOtherWords, "'Its color is "),
    _task(_TAUGHT, NeverEnds, "among last"),
    _task(_TAUGHT, KnowsNothingToSay, "KeyError"),
    _task("its wording gives whole sentences", OffersHalfASentence, "'It follows'"),
    _task(_GIVEN, WritesScores, "asked.scores"),
    _task(_GIVEN, SortsVectors, "kit.item_vectors"),
)
