"""What every alignment task owes: examples whose answers are f's own, and a fair grade."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, get_args

import numpy as np
import pytest

from recexplainer.plugins.interfaces import (
    AlignmentTask,
    AnswerKind,
    Asked,
    LatentTarget,
    TargetKit,
    TaskKit,
)
from recexplainer.records import (
    ITEM_MARK,
    USER_MARK,
    Catalogue,
    Example,
    HistorySlot,
    InteractionLog,
    ItemSlot,
    SilentProgress,
    Text,
)
from recexplainer.testing.rules import broken, require
from recexplainer.testing.side_effects import LeavesNoTraces, State, no_side_effects
from recexplainer.testing.toy import LinearTarget, toy_asked, toy_log, toy_training

__all__ = ["AlignmentTaskContract"]

MakeTask = Callable[[TaskKit], AlignmentTask]

_NONSENSE = "\u2047 no title of this catalogue \u2047"


class AlignmentTaskContract(LeavesNoTraces):
    """Subclass, and supply ``make_task``: called with a kit, builds one."""

    labels_from_target: ClassVar[bool] = True
    """Whether the answers about contexts come from f. False only where they are known without it,
    as when the user's own history is to be reconstructed."""

    @pytest.fixture
    def log(self) -> InteractionLog:
        """The log that examples are made from."""
        return toy_log()

    @pytest.fixture
    def target(self, log: InteractionLog) -> LatentTarget:
        """The f that the task learns its labels from."""
        target = LinearTarget(TargetKit(catalogue=log.catalogue, max_history=10))
        target.fit(toy_training(log), SilentProgress())
        return target

    @pytest.fixture
    def asked(self, log: InteractionLog, target: LatentTarget) -> Asked:
        """One context per user with f's answers."""
        return toy_asked(log, target)

    @pytest.fixture
    def kit(self, log: InteractionLog, target: LatentTarget) -> TaskKit:
        """What the task is built with."""
        popularity = np.zeros(len(log.catalogue), dtype=np.int64)
        for history in toy_training(log).histories.values():
            np.add.at(popularity, log.catalogue.rows(history), 1)
        return TaskKit(log.catalogue, target.item_vectors(), popularity, target.scores)

    @pytest.fixture
    def examples(
        self, at_start: State, make_task: MakeTask, kit: TaskKit, asked: Asked
    ) -> list[Example]:
        """All examples about contexts and items, with one fixed seed."""
        return _examples(make_task(kit), asked)

    def test_it_has_a_name_and_a_known_answer_kind(self, make_task: MakeTask, kit: TaskKit) -> None:
        """The name is the task's row in every table."""
        task = make_task(kit)
        named = isinstance(getattr(task, "name", None), str) and task.name.isidentifier()
        require(named, "the task has no usable name", "set the class attribute name = 'my_task'")
        kinds = get_args(AnswerKind)
        require(
            task.answer_kind is None or task.answer_kind in kinds,
            f"answer_kind is {task.answer_kind!r}",
            f"use one of {', '.join(kinds)}, or None for a task that is not measured",
        )

    def test_it_offers_examples_or_says_why_not(
        self, make_task: MakeTask, kit: TaskKit, examples: list[Example]
    ) -> None:
        """A task is never silently empty."""
        reason = make_task(kit).skipped()
        require(
            bool(examples) != bool(reason),
            f"{len(examples)} examples, and skipped() says {reason!r}",
            "yield examples and return None from skipped(), or yield none and return the reason",
        )

    def test_it_can_do_without_vectors(
        self, make_task: MakeTask, kit: TaskKit, asked: Asked
    ) -> None:
        """Behavior alignment works with targets that have no vectors."""
        task = make_task(replace(kit, item_vectors=None))
        require(
            _examples(task, asked) or task.skipped(),
            "without item_vectors there are no examples and no reason",
            "leave out what needs vectors, or return the reason from skipped()",
        )

    def test_conversations_end_with_an_answer_in_words(
        self, make_task: MakeTask, kit: TaskKit, examples: list[Example]
    ) -> None:
        """The loss is taken on assistant turns, and vectors are for questions only."""
        name = make_task(kit).name
        for example in examples:
            require(
                example.task == name,
                f"example {example.id!r} says task {example.task!r}",
                f"make examples with task={name!r}",
            )
            roles = [turn.role for turn in example.turns]
            require(
                roles[-1:] == ["assistant"] and roles[-2:-1] == ["user"] and example.answer.strip(),
                f"example {example.id!r} has turns {roles} and answer {example.answer!r}",
                "end with a user's turn and an assistant's turn that is not empty; see records.ask",
            )
            require(
                all(isinstance(part, Text) for part in example.turns[-1].content),
                f"the answer of example {example.id!r} holds a slot",
                "write answers as Text",
            )

    def test_example_ids_are_unique(self, examples: list[Example]) -> None:
        """Measures are journaled per example id."""
        ids = [example.id for example in examples]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        require(not twice, f"ids that occur twice: {twice[:3]}", "build them from the context's id")

    def test_slots_point_at_what_exists(
        self, examples: list[Example], asked: Asked, log: InteractionLog
    ) -> None:
        """A slot names a row of the corpus' contexts or an item of the catalogue."""
        for example in examples:
            for part in (part for turn in example.turns for part in turn.content):
                _check_segment(part, example, set(asked.rows), log.catalogue)

    def test_references_fit_the_answer_kind(
        self, make_task: MakeTask, kit: TaskKit, asked: Asked, log: InteractionLog
    ) -> None:
        """What is measured has a reference in ids or labels, taken from the options if any."""
        task = make_task(kit)
        for example in task.on_contexts(asked, np.random.default_rng(3)):
            _check_reference(example, task.answer_kind, log.catalogue)

    def test_one_seed_gives_one_set_of_examples(
        self, make_task: MakeTask, kit: TaskKit, asked: Asked, examples: list[Example]
    ) -> None:
        """All randomness comes from the generator that is handed in."""
        require(
            _examples(make_task(kit), asked) == examples,
            "the same seed gave other examples",
            "draw from rng only, and do not iterate over sets",
        )

    def test_answers_follow_the_target(
        self, make_task: MakeTask, kit: TaskKit, asked: Asked, target: LatentTarget
    ) -> None:
        """With f turned upside down, the answers about contexts change: labels come from f."""
        task = make_task(kit)
        if not self.labels_from_target or task.answer_kind is None:
            return
        upright = [(e.id, e.reference) for e in task.on_contexts(asked, np.random.default_rng(3))]
        if task.answer_kind == "list" and _is_history(task, asked):
            return
        reverse = replace(asked, scores=_reversed(asked.scores))
        turned = [(e.id, e.reference) for e in task.on_contexts(reverse, np.random.default_rng(3))]
        require(
            not upright or upright != turned,
            "the references stayed the same when f's scores were reversed",
            "take labels from asked.scores or asked.ranking(), not from what users did next; where "
            "the answer is known without f, declare labels_from_target = False",
        )

    def test_the_targets_own_answer_gets_the_best_grade(
        self, make_task: MakeTask, kit: TaskKit, asked: Asked, log: InteractionLog
    ) -> None:
        """No metric likes nonsense as well as f's answer, and no text breaks the grader."""
        task = make_task(kit)
        if task.answer_kind is None:
            return
        names: set[str] | None = None
        for example in task.on_contexts(asked, np.random.default_rng(3)):
            right = task.grade(example, [example.answer], log.catalogue)
            names = names or set(right)
            for nonsense in (_NONSENSE, "", "\n", "1. 1. 1."):
                wrong = task.grade(example, [nonsense], log.catalogue)
                _check_grades(example, right, wrong, names)

    def test_making_and_grading_leave_no_traces(
        self,
        make_task: MakeTask,
        kit: TaskKit,
        asked: Asked,
        at_start: State,
        empty_cwd: Path,
    ) -> None:
        """Nothing in the process changes, f's answers included."""
        scores = asked.scores.copy()
        task = make_task(kit)
        with no_side_effects("making or grading examples", since=at_start):
            for example in _examples(task, asked)[:20]:
                if task.answer_kind is not None and example.reference:
                    task.grade(example, [example.answer], asked.catalogue)
        require(
            np.array_equal(scores, asked.scores),
            "the task wrote into asked.scores",
            "work on a copy: other tasks read the same array",
        )


def _examples(task: AlignmentTask, asked: Asked) -> list[Example]:
    rng = np.random.default_rng(3)
    return [*task.on_contexts(asked, rng), *task.on_items(rng)]


def _is_history(task: AlignmentTask, asked: Asked) -> bool:
    """Whether every reference is about the user's own history, which is known without f."""
    histories = dict(zip(asked.rows, (set(one.history) for one in asked.contexts), strict=True))
    for example in task.on_contexts(asked, np.random.default_rng(3)):
        slots = [part for turn in example.turns for part in turn.content]
        shown = [histories[one.context] for one in slots if isinstance(one, HistorySlot)]
        if not shown or not set(example.reference) <= shown[0]:
            return False
    return True


def _reversed(
    scores: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Negate scores and break ties the other way, leaving seen items out."""
    tilt = np.arange(scores.shape[1], dtype=np.float32) * 1e-3
    return np.where(np.isfinite(scores), tilt - scores, scores).astype(np.float32)


def _check_segment(part: object, example: Example, rows: set[int], catalogue: Catalogue) -> None:
    if isinstance(part, HistorySlot):
        require(
            part.context in rows,
            f"example {example.id!r} points at context {part.context}, which was not asked about",
            "use asked.rows[position], not the position itself",
        )
    elif isinstance(part, ItemSlot):
        require(
            part.item in catalogue.ids,
            f"example {example.id!r} points at item {part.item!r}, which is not in the catalogue",
            "ItemSlot takes an item id, not a title or a row",
        )
    elif isinstance(part, Text):
        require(
            USER_MARK not in part.text and ITEM_MARK not in part.text,
            f"a text of example {example.id!r} holds a vector mark",
            "use HistorySlot and ItemSlot; marks are written when slots are rendered",
        )
    else:
        broken(
            f"example {example.id!r} holds a {type(part).__name__}",
            "prompts are made of Text, HistorySlot and ItemSlot",
        )


def _check_reference(example: Example, kind: AnswerKind | None, catalogue: Catalogue) -> None:
    if kind is None:
        return
    reference, options = example.reference, example.options
    fix = {
        "item": "give the one item id that f chose",
        "order": "give the offered item ids in f's order, and offer the same ids as options",
        "label": "give the one label, and offer all labels as options",
        "list": "give the item ids of the list",
    }[kind]
    fits = {
        "item": len(reference) == 1 and _known(reference, catalogue),
        "order": len(set(reference)) == len(reference) > 1 and set(reference) == set(options),
        "label": len(reference) == 1 and reference[0] in options,
        "list": bool(reference) and _known(reference, catalogue),
    }[kind]
    require(
        fits,
        f"example {example.id!r} has reference {reference} and options {options}",
        f"for answer_kind {kind!r}: {fix}",
    )


def _known(item_ids: Sequence[str], catalogue: Catalogue) -> bool:
    return set(item_ids) <= set(catalogue.ids)


def _check_grades(
    example: Example,
    right: dict[str, float | None],
    wrong: dict[str, float | None],
    names: set[str],
) -> None:
    require(
        names and set(right) == names == set(wrong),
        f"grade() returned metrics {sorted(right)} and {sorted(wrong)}, before {sorted(names)}",
        "return every metric for every answer; None where it cannot be scored",
    )
    for name, value in right.items():
        if value is None:
            broken(f"{name} is None for f's own answer", "score the text that example.answer holds")
        worse = wrong[name]
        require(
            np.isfinite(value) and -1.0 <= value <= 1.0,
            f"{name} is {value} for f's own answer",
            "grades lie between 0 and 1 (correlations between -1 and 1)",
        )
        require(
            worse is None or value > worse,
            f"{name} is {worse} for nonsense and {value} for f's own answer ({example.id!r})",
            "grade by what the answer says, compared with example.reference",
        )
