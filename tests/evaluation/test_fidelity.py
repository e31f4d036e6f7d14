import json
from contextlib import contextmanager
from math import log2

import numpy as np
import pytest

from recexplainer.evaluation import (
    NO_CONTEXT,
    PopularitySubject,
    RandomSubject,
    SpeakerSubject,
    measure_fidelity,
)
from recexplainer.plugins.interfaces import AlignmentTask
from recexplainer.plugins.speaker_interface import Orders
from recexplainer.records import Example, Figure, ItemSlot, SilentProgress, Text, ask
from recexplainer.runs.journal import Journal


def records(journal):
    """Return what the journal's file holds."""
    return [json.loads(line)["payload"] for line in journal.path.read_text().strip().split("\n")]


def ids(journal):
    """Return the keys of what the journal's file holds."""
    return [json.loads(line)["id"] for line in journal.path.read_text().strip().split("\n")]


class Model:
    """Answers by the question's context alone, counts its questions, and dies when told to."""

    name = "model"

    def __init__(self, dies_after=10_000):
        self.questions = []
        self._dies_after = dies_after

    def answer(self, questions, contexts, *, max_new_tokens, beams=1, constrained=False, **_):
        self._note(questions)
        return [self._titles(question, beams, constrained) for question in questions]

    def orders(self, questions, contexts, offered, *, max_new_tokens):
        """Two of the offered as they should be, and three the other way round."""
        free = self.answer(questions, contexts, max_new_tokens=max_new_tokens)
        titles = [[f"Title {item[1:]}" for item in own] for own in offered]  # 9 8 7 6 4
        kept = ["; ".join((*own[:-3:-1], *own[:3])) for own in titles]
        return [Orders(text, order) for (text,), order in zip(free, kept, strict=True)]

    def likelihoods(self, questions, contexts, labels):
        self._note(questions)
        # Says Yes to everything but in context 1.
        return np.array([[-1.0, -2.0 + 2 * (self._row(q) == 1)] for q in questions], np.float32)

    def _note(self, questions):
        self.questions.extend(questions)
        if len(self.questions) > self._dies_after:
            raise KeyboardInterrupt

    def _row(self, question):
        return question[0].content[1].context

    def _titles(self, question, beams, constrained):
        """With the catalogue, the target's favourite comes second in context 0, first in 1."""
        row = self._row(question)
        if beams == 1:
            return ("Title 6; Title 4; Title 7",)
        if not constrained:
            return ("gibberish", "Title", "", "more", "Title 10" if row == 0 else "x")
        first = {0: "Title 9", 1: "Title 11"}.get(row, "Title 0")
        return (first, "Title 10", "Title 1", "Title 2", "Title 3")


@pytest.fixture
def measure(tasks, examples, contexts, catalogue):
    def run(subjects, journal, *, batch_size=3, asked=examples, of=tasks, progress=None):
        return measure_fidelity(
            subjects,
            of,
            asked,
            contexts,
            catalogue,
            journal=journal,
            batch_size=batch_size,
            seed=0,
            progress=progress or SilentProgress(),
        )

    return run


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path / "answers.jsonl") as opened:
        yield opened


def by_name(metrics):
    return {(m.subject, m.task, m.metric, m.split): m for m in metrics}


def test_figures_by_hand(measure, journal):
    figures = by_name(measure([SpeakerSubject("hybrid", Model())], journal))
    loo = {key[1:3]: m.value for key, m in figures.items() if key[3] == "leave_one_out"}
    ideal = 1000 + 100 / log2(3) + 10 / 2 + 1 / log2(5)
    assert loo == pytest.approx(
        {
            # the target's favourites are Title 10, 11 and 13; free beams name the first, in
            # fifth place.
            ("retrieval", "hit@5"): 1 / 3,
            ("retrieval", "ndcg@5"): 1 / log2(6) / 3,
            # With the catalogue the first comes second, the second first, the third not at all.
            ("retrieval", "hit@5_constrained"): 2 / 3,
            ("retrieval", "ndcg@5_constrained"): (1 / log2(3) + 1) / 3,
            # the target's order is 4 6 7 8 9; answered is 6 4 7.
            ("ranking", "ndcg@5"): (100 + 1000 / log2(3) + 10 / 2) / ideal,
            ("ranking", "kendall_tau"): 1 / 3,
            # Kept to the offered ones it is 4 6 9 8 7: three of ten pairs are against the order.
            ("ranking", "ndcg@5_constrained"): (
                1000 + 100 / log2(3) + 0 / 2 + 1 / log2(5) + 10 / log2(6)
            )
            / ideal,
            ("ranking", "kendall_tau_constrained"): 4 / 10,
            # Contexts 0 and 3 are told Yes twice, context 1 No twice: each is half right.
            ("interest", "accuracy"): 0.5,
            ("reconstruction", "history_coverage"): 0.0,
        }
    )
    assert set(figures) == {
        ("hybrid", *key, split) for key in loo for split in ("leave_one_out", "held_out_users")
    }


def test_each_split_has_its_own_figures_and_counts(measure, journal):
    figures = by_name(measure([SpeakerSubject("hybrid", Model())], journal))
    assert figures["hybrid", "interest", "accuracy", "leave_one_out"].n == 6
    assert figures["hybrid", "interest", "accuracy", "held_out_users"].n == 2
    # Every user is exactly half right; three users are no proof that all are.
    accuracy = figures["hybrid", "interest", "accuracy", "leave_one_out"]
    assert accuracy.low == pytest.approx(1 - accuracy.high)
    assert 0.0 < accuracy.low < 0.2


def test_baselines_answer_alike_under_both_decodings(measure, journal, catalogue, popularity):
    subjects = [RandomSubject(catalogue, 3), PopularitySubject(catalogue, popularity, seed=3)]
    figures = by_name(measure(subjects, journal))
    for subject in ("random", "popularity"):
        for task, metric in (
            ("retrieval", "hit@5"),
            ("retrieval", "ndcg@5"),
            ("ranking", "ndcg@5"),
            ("ranking", "kendall_tau"),
        ):
            free = figures[subject, task, metric, "leave_one_out"]
            kept = figures[subject, task, f"{metric}_constrained", "leave_one_out"]
            assert (free.value, free.low, free.high) == (kept.value, kept.low, kept.high)
    # The favourites are 10, 11, 13. Most popular and unseen: 18-14 in context 0, 19 18 15 14 13 in
    # context 1 and 17-13 in context 3, where alone the favourite is among them, in fifth place.
    popular = figures["popularity", "retrieval", "ndcg@5", "leave_one_out"]
    assert popular.value == pytest.approx(1 / log2(6) / 3)
    assert figures["popularity", "interest", "accuracy", "leave_one_out"].value == 1.0


@pytest.mark.parametrize("dies_after", [0, 1, 4, 7, 9, 13, 17, 21])
def test_killed_and_resumed_equals_uninterrupted(measure, tmp_path, examples, dies_after):
    model = Model()
    with Journal(tmp_path / "whole.jsonl") as whole:
        expected = measure([SpeakerSubject("hybrid", model)], whole)
    assert len(model.questions) == 24  # 4 contexts: retrieval twice, interest twice, two more

    path = tmp_path / "killed.jsonl"
    with Journal(path) as killed, pytest.raises(KeyboardInterrupt):
        measure([SpeakerSubject("hybrid", Model(dies_after))], killed)
    resumed = Model()
    with Journal(path) as again:
        missing = [key for key in ids(whole) if not again.seen(key)]
        metrics = measure([SpeakerSubject("hybrid", resumed)], again)
    free = "hybrid/ranking/free/"  # what is asked freely is asked both ways at once
    kept = "hybrid/ranking/constrained/"
    twice = [key for key in missing if kept in key and key.replace(kept, free) in missing]
    assert len(resumed.questions) == len(missing) - len(twice)
    assert metrics == expected
    assert path.read_bytes() == whole.path.read_bytes()


def test_a_finished_measurement_asks_nothing(measure, journal):
    expected = measure([SpeakerSubject("hybrid", Model())], journal)
    assert measure([SpeakerSubject("hybrid", Model(dies_after=0))], journal) == expected


def test_the_batch_size_changes_nothing(measure, tmp_path):
    def run(size):
        with Journal(tmp_path / f"{size}.jsonl") as journal:
            return measure([SpeakerSubject("hybrid", Model())], journal, batch_size=size)

    assert run(1) == run(2) == run(100)


def test_the_journal_holds_what_was_answered(measure, journal):
    measure([SpeakerSubject("hybrid", Model())], journal)
    (record,) = (
        record
        for record in records(journal)
        if (record["task"], record["user"], record["constrained"]) == ("retrieval", "u1", True)
    )
    assert record["expected"] == "i11"
    assert record["answers"][0] == "Title 11"
    assert record["grades"] == {"hit@5": 1.0, "ndcg@5": 1.0}
    assert record["split"] == "leave_one_out"


def test_equal_ids_in_two_splits_are_two_examples(measure, journal, example):
    def renamed(row, reference):
        made = example("interest", row, (reference,), item="i1")
        return Example("same", "interest", made.turns, made.reference)

    asked = [renamed(0, "Yes"), renamed(2, "No")]
    figures = by_name(measure([SpeakerSubject("hybrid", Model())], journal, asked=asked))
    assert figures["hybrid", "interest", "accuracy", "leave_one_out"].value == 1.0
    assert figures["hybrid", "interest", "accuracy", "held_out_users"].value == 0.0


def test_an_order_of_nothing_offered_is_free_alone(measure, journal, example, tasks):
    """Which titles an answer should be kept to, nobody could tell."""
    asked = [example("ranking", row, ("i4", "i6", "i7")) for row in range(4)]
    figures = by_name(measure([SpeakerSubject("hybrid", Model())], journal, asked=asked))
    assert {key[2] for key in figures} == {"ndcg@5", "kendall_tau"}


def test_unscored_grades_are_counted_and_left_out(measure, journal, catalogue, example):
    class Sometimes(AlignmentTask):
        name = "sometimes"
        answer_kind = "label"

        def grade(self, example, answers, catalogue):
            return {"m": None if example.id == "0-0" else np.float32(example.id == "1-0")}

    asked = [example("sometimes", row, ("Yes",)) for row in range(4)]
    metrics = measure([RandomSubject(catalogue, 0)], journal, asked=asked, of=[Sometimes()])
    figures = {m.split: m for m in metrics}
    assert figures["leave_one_out"].value == 0.5
    assert (figures["leave_one_out"].n, figures["leave_one_out"].unscored) == (2, 1)
    assert figures["held_out_users"].unscored == 0


def test_examples_about_items_alone_have_a_split_of_their_own(measure, journal, catalogue, tasks):
    asked = [
        Example(str(n), "retrieval", ask([Text("Which? "), ItemSlot(f"i{n}")], "x"), (f"i{n}",))
        for n in range(20)
    ]
    metrics = measure([RandomSubject(catalogue, 0)], journal, asked=asked, of=tasks[:1])
    assert {m.split for m in metrics} == {NO_CONTEXT}
    assert {m.n for m in metrics} == {20}


def test_progress_reaches_its_total_also_when_resumed(measure, journal):
    class Counting(SilentProgress):
        def __init__(self):
            self.bars = []

        @contextmanager
        def bar(self, label, total):
            self.bars.append([label, total, 0])
            yield self

        def advance(self, steps=1, **fields):
            self.bars[-1][2] += steps

    for _ in range(2):
        progress = Counting()
        measure([SpeakerSubject("hybrid", Model())], journal, progress=progress)
        assert progress.bars == [["fidelity of hybrid", 28, 28]]


def test_intervals_keep_to_the_bounds_that_a_task_declares(measure, journal, catalogue, example):
    """Without them the interval of so few values goes beyond."""

    class Signed(AlignmentTask):
        name = "signed"
        answer_kind = "label"
        figures = (Figure(task="signed", metric="m", bounds=(-1.0, 1.0)),)

        def grade(self, example, answers, catalogue):
            return {"m": 1.0 if example.id.startswith("0") else -0.2}

    asked = [example("signed", row, ("Yes",)) for row in range(4)]
    metrics = measure([RandomSubject(catalogue, 0)], journal, asked=asked, of=[Signed()])
    (figure,) = (m for m in metrics if m.split == "leave_one_out")
    assert figure.value == pytest.approx(0.2)
    assert -1.0 <= figure.low < figure.value < figure.high <= 1.0


def test_two_subjects_of_one_name_are_refused(measure, journal, catalogue):
    subjects = [RandomSubject(catalogue, 0), RandomSubject(catalogue, 1)]
    with pytest.raises(ValueError, match="different names, got: random, random"):
        measure(subjects, journal)
