"""Contract of alignment tasks: examples with the target's own answers, and a fair grade."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar, get_args

import numpy as np
import pytest

from recexplainer.plugins.interfaces import AlignmentTask, AnswerKind, Asked, LatentTarget, TaskKit
from recexplainer.records import Example, InteractionLog
from recexplainer.testing.contracts.example_faults import (
    answer_flaws,
    grade_flaws,
    reference_flaws,
    refuse,
    segment_flaws,
    share_flaws,
)
from recexplainer.testing.contracts.rules import inapplicable, require, survives
from recexplainer.testing.contracts.shared_parts import resting_on
from recexplainer.testing.contracts.side_effects import LeavesNoTraces, State, no_side_effects
from recexplainer.testing.contracts.task_examples import (
    SEED,
    about_contexts,
    all_examples,
    are_histories,
    own_arrays,
    part_of,
    repeated,
    upside_down,
)
from recexplainer.testing.contracts.task_wordings import WordingRules
from recexplainer.testing.toy import toy_asked, toy_log, toy_target

__all__ = ["AlignmentTaskContract"]

MakeTask = Callable[[TaskKit], AlignmentTask]

_NONSENSE = ("\u2047 no title of this catalogue \u2047", "", "\n", "1. 1. 1.")


class AlignmentTaskContract(WordingRules, LeavesNoTraces):
    """Subclass, and supply ``make_task``: called with a kit, builds one."""

    labels_from_target: ClassVar[bool] = True
    """Whether answers about contexts come from the target. False only if they are known without it,
    as when the user's own history is to be reconstructed."""

    @pytest.fixture
    def log(self) -> InteractionLog:
        """The log that examples are made from."""
        return toy_log()

    @pytest.fixture
    def target(self, log: InteractionLog) -> LatentTarget:
        """The target that the task learns its labels from."""
        return toy_target(log)

    @pytest.fixture
    def asked(self, log: InteractionLog, target: LatentTarget) -> Asked:
        """One context per user with the target's answers."""
        return toy_asked(log, target)

    @pytest.fixture
    def kit(self, log: InteractionLog, target: LatentTarget) -> TaskKit:
        """What the task is built with."""
        return TaskKit(log.catalogue, target.item_vectors())

    @pytest.fixture
    def made(
        self, at_start: State, make_task: MakeTask, kit: TaskKit, asked: Asked
    ) -> list[Example]:
        """All examples about contexts and items, with one fixed seed."""
        return all_examples(make_task(own_arrays(kit)), asked)

    @pytest.fixture
    def examples(
        self, request: pytest.FixtureRequest, make_task: MakeTask, kit: TaskKit, asked: Asked
    ) -> list[Example]:
        """The examples, for the rules that look into them."""
        made: list[Example] = resting_on(request, "made", "it offers examples or says why not")
        return made

    @pytest.fixture
    def measured(
        self, make_task: MakeTask, kit: TaskKit, asked: Asked, examples: list[Example]
    ) -> list[Example]:
        """Sound examples about contexts, of a task whose answers are graded."""
        task = make_task(kit)
        if task.answer_kind is None:
            inapplicable("the task is not measured: its answer_kind is None")
        found = list(about_contexts(task, asked))
        for example in found:
            flaws = [*answer_flaws(example, task.name)]
            if flaws or any(reference_flaws(example, task.answer_kind, kit.catalogue)):
                inapplicable("rests on the rules on answers and references, which are broken")
        if not found:
            inapplicable("the task has no examples about contexts")
        return found

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
        self, make_task: MakeTask, kit: TaskKit, made: list[Example]
    ) -> None:
        """A task is never silently empty."""
        reason = make_task(kit).skipped()
        require(
            bool(made) != bool(reason),
            f"{len(made)} examples, and skipped() says {reason!r}",
            "yield examples and return None from skipped(), or yield none and return the reason",
        )

    def test_it_can_do_without_vectors(
        self, make_task: MakeTask, kit: TaskKit, asked: Asked, examples: list[Example]
    ) -> None:
        """Behavior alignment works with targets that have no vectors."""
        if not examples:
            inapplicable("the task has no examples with vectors either")
        fix = "leave out what needs vectors, or return the reason from skipped()"
        task = make_task(replace(kit, item_vectors=None))
        found = survives(lambda: all_examples(task, asked), "making examples without vectors", fix)
        require(
            found or task.skipped(), "without item_vectors there are no examples and no reason", fix
        )

    def test_conversations_end_with_an_answer_in_words(
        self, make_task: MakeTask, kit: TaskKit, examples: list[Example]
    ) -> None:
        """The loss is taken on assistant turns, and vectors are for questions only."""
        name = make_task(kit).name
        refuse(flaw for example in examples for flaw in answer_flaws(example, name))

    def test_example_ids_are_unique(self, examples: list[Example]) -> None:
        """Measures are journaled per example id."""
        twice = repeated(example.id for example in examples)
        require(not twice, f"ids that occur twice: {twice[:3]}", "build them from the context's id")

    def test_contexts_asked_in_parts_get_ids_of_their_own(
        self, make_task: MakeTask, kit: TaskKit, asked: Asked, examples: list[Example]
    ) -> None:
        """Contexts are put to a task in chunks; an id must not come back in the next chunk."""
        if repeated(example.id for example in examples):
            inapplicable("rests on the rule 'example ids are unique', which is broken")
        task, half = make_task(kit), len(asked.contexts) // 2
        parts = (part_of(asked, slice(half)), part_of(asked, slice(half, None)))
        twice = repeated(example.id for part in parts for example in about_contexts(task, part))
        require(
            not twice,
            f"ids of one part that came back in the next: {twice[:3]}",
            "build ids from context.id, not from the position among those asked",
        )

    def test_slots_point_at_what_exists(
        self, examples: list[Example], asked: Asked, log: InteractionLog
    ) -> None:
        """A slot names a row of the corpus' contexts or an item of the catalogue."""
        rows = set(asked.rows)
        refuse(flaw for example in examples for flaw in segment_flaws(example, rows, log.catalogue))

    def test_references_fit_the_answer_kind(
        self, make_task: MakeTask, kit: TaskKit, asked: Asked, examples: list[Example]
    ) -> None:
        """What is measured has a reference in ids or labels, taken from the options if any."""
        task = make_task(kit)
        refuse(
            flaw
            for example in about_contexts(task, asked)
            for flaw in reference_flaws(example, task.answer_kind, kit.catalogue)
        )

    def test_soft_labels_are_shares_of_1(self, examples: list[Example], kit: TaskKit) -> None:
        """What an answer might be instead is an item or an offered label, with its share."""
        refuse(flaw for example in examples for flaw in share_flaws(example, kit.catalogue))

    def test_one_seed_gives_one_set_of_examples(
        self, make_task: MakeTask, kit: TaskKit, asked: Asked, examples: list[Example]
    ) -> None:
        """All randomness comes from the generator that is handed in."""
        require(
            all_examples(make_task(kit), asked) == examples,
            "the same seed gave other examples",
            "draw from rng only, and do not iterate over sets",
        )

    def test_answers_follow_the_target(
        self, make_task: MakeTask, kit: TaskKit, asked: Asked, measured: list[Example]
    ) -> None:
        """With the target turned upside down, questions or answers change: it makes the labels.

        A task that draws its items by the target's ranking may ask about others and keep its
        labels.
        """
        if not self.labels_from_target:
            inapplicable("the answers are declared to be known without the target")
        if make_task(kit).answer_kind == "list" and are_histories(measured, asked):
            inapplicable("the users' own histories are the answers, known without the target")
        turned = about_contexts(make_task(kit), upside_down(asked))
        require(
            [(one.id, one.turns, one.reference) for one in turned]
            != [(one.id, one.turns, one.reference) for one in measured],
            "questions and references stayed the same when the target's scores were reversed",
            "take labels from asked.scores or asked.ranking(), not from what users did next; where "
            "the answer is known without the target, declare it (the capability 'known_answers', "
            "or labels_from_target = False on the test class)",
        )

    def test_the_targets_own_answer_gets_the_best_grade(
        self, make_task: MakeTask, kit: TaskKit, measured: list[Example]
    ) -> None:
        """The target's answer beats nonsense by every metric, and no text breaks the grader."""
        task = make_task(kit)
        names = frozenset(task.grade(measured[0], [measured[0].answer], kit.catalogue))
        for example in measured:
            right = task.grade(example, [example.answer], kit.catalogue)
            for nonsense in _NONSENSE:
                wrong = survives(
                    partial(task.grade, example, [nonsense], kit.catalogue),
                    f"grading the answer {nonsense!r}",
                    "give a text that answers nothing the lowest grade, or None",
                )
                refuse(grade_flaws(example, right, wrong, names))

    def test_the_same_answer_gets_the_same_grade(
        self, make_task: MakeTask, kit: TaskKit, measured: list[Example]
    ) -> None:
        """A grade depends on the example and the answer alone."""
        task, again = make_task(kit), make_task(kit)
        for example in measured:
            grades = [
                one.grade(example, [example.answer], kit.catalogue) for one in (task, task, again)
            ]
            require(
                grades[0] == grades[1] == grades[2],
                f"the same answer to {example.id!r} got the grades {grades}",
                "no randomness and no memory in grade()",
            )

    def test_making_examples_leaves_no_traces(
        self,
        make_task: MakeTask,
        kit: TaskKit,
        asked: Asked,
        examples: list[Example],
        at_start: State,
        empty_cwd: Path,
    ) -> None:
        """Nothing in the process changes."""
        with no_side_effects("making examples", since=at_start):
            task = make_task(kit)
            all_examples(task, asked)

    def test_grading_leaves_no_traces(
        self,
        make_task: MakeTask,
        kit: TaskKit,
        measured: list[Example],
        at_start: State,
        empty_cwd: Path,
    ) -> None:
        """Nothing in the process changes."""
        task = make_task(kit)
        with no_side_effects("grade()", since=at_start):
            for example in measured[:20]:
                task.grade(example, [example.answer], kit.catalogue)

    def test_what_a_task_is_given_stays_as_it_was(
        self, make_task: MakeTask, kit: TaskKit, asked: Asked, examples: list[Example]
    ) -> None:
        """Other tasks read the same arrays: the target's answers and its vectors."""
        given: dict[str, object] = {
            "asked.scores": asked.scores,
            "kit.item_vectors": kit.item_vectors,
        }
        before = copy.deepcopy(given)
        task, rng = make_task(kit), np.random.default_rng(SEED)
        list(task.on_contexts(asked, rng))
        list(task.on_items(rng))
        written = [name for name, old in before.items() if not _alike(old, given[name])]
        require(not written, f"the task wrote into {', '.join(written)}", "work on a copy")


def _alike(first: object, second: object) -> bool:
    return first is second or np.array_equal(np.asarray(first), np.asarray(second))
