"""Fidelity measurement: the paper's alignment evaluation (section 4.2, Table 2).

Every answer is journaled with its grades as soon as it is given, so that a run that was killed goes
on at the first example without one, and predictions can be read afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from recexplainer.evaluation.example_questions import context_of
from recexplainer.evaluation.subjects import Subject
from recexplainer.metrics import summarize
from recexplainer.plugins.interfaces import AlignmentTask, AnswerKind
from recexplainer.records import Bar, Catalogue, Context, Example, Figure, Metric, Progress

__all__ = ["NO_CONTEXT", "AnswerJournal", "measure_fidelity"]

NO_CONTEXT = "catalogue"
"""The split of examples that ask about items and show no history."""


class AnswerJournal(Protocol):
    """Where answers are kept, one record per id, in the order in which they were given."""

    def seen(self, key: str, /) -> bool:
        """Return whether there is a record called ``key``."""
        ...

    def get(self, key: str, /) -> Mapping[str, Any]:
        """Return the record called ``key``."""
        ...

    def append(self, key: str, payload: dict[str, Any], /) -> None:
        """Keep ``payload`` as the record called ``key``; it must survive a kill from here on."""
        ...


def measure_fidelity(  # noqa: PLR0913  # nine plain things; every one is another stage's
    subjects: Sequence[Subject],
    tasks: Sequence[AlignmentTask],
    examples: Sequence[Example],
    contexts: Sequence[Context],
    catalogue: Catalogue,
    *,
    journal: AnswerJournal,
    batch_size: int,
    seed: int,
    progress: Progress,
) -> list[Metric]:
    """Ask every subject all measured examples and return their agreement with the target.

    Args:
        subjects: the rows of the table; names must differ.
        tasks: those without an ``answer_kind`` are not measured.
        examples: what is asked, of all tasks; those of other tasks are left out.
        contexts: what ``HistorySlot.context`` counts into.
        catalogue: the items.
        journal: answers given so far; new ones are added.
        batch_size: how many examples a subject is asked at a time.
        seed: of the intervals.
        progress: advanced with every answer.

    Returns:
        One figure per subject, task, split and metric, in that order; intervals are over users.

    Raises:
        ValueError: two subjects share a name, and would be given each other's answers.
    """
    names = [subject.name for subject in subjects]
    if len(set(names)) < len(names):
        raise ValueError(f"subjects must have different names, got: {', '.join(names)}")
    metrics: list[Metric] = []
    questionnaires = list(_questionnaires(tasks, examples, contexts, catalogue))
    for subject in subjects:
        own = [asking for each in questionnaires if (asking := each.of(subject)).asked]
        total = sum(len(asking.asked) for asking in own)
        with progress.bar(f"fidelity of {subject.name}", total) as bar:
            graded = [
                (asking, asking.answered_by(subject, journal, batch_size, bar)) for asking in own
            ]
        for task in dict.fromkeys(asking.task.name for asking in own):
            pairs = [pair for pair in graded if pair[0].task.name == task]
            metrics.extend(_figures(subject.name, pairs, seed))
    return metrics


@dataclass(frozen=True)
class _Asked:
    """An example with what its figures are grouped by."""

    example: Example
    split: str
    user: str


@dataclass(frozen=True)
class _Questionnaire:
    """The examples of one task under one decoding."""

    task: AlignmentTask
    kind: AnswerKind
    constrained: bool
    asked: Sequence[_Asked]
    contexts: Sequence[Context]
    catalogue: Catalogue

    def of(self, subject: Subject) -> _Questionnaire:
        """Return what of it ``subject`` can answer; the rest is not measured."""
        constrained = self.constrained
        able = [
            asked
            for asked in self.asked
            if subject.can_answer(asked.example, constrained=constrained)
        ]
        return replace(self, asked=able)

    def figure(self, metric: str) -> Figure:
        """Return the figure that ``metric`` is under this decoding, as declared where it is."""
        name = f"{metric}_constrained" if self.constrained else metric
        declared: Sequence[Figure] = getattr(self.task, "figures", ())
        plain = Figure(task=self.task.name, metric=name)
        return next((one for one in declared if one.metric == name), plain)

    def answered_by(
        self, subject: Subject, journal: AnswerJournal, batch_size: int, bar: Bar
    ) -> list[Mapping[str, float | None]]:
        """Return the grades of every example, asking those that the journal lacks."""
        keys = [self._key(subject, asked) for asked in self.asked]
        missing = [row for row, key in enumerate(keys) if not journal.seen(key)]
        bar.advance(len(keys) - len(missing))
        for start in range(0, len(missing), batch_size):
            rows = missing[start : start + batch_size]
            batch = [self.asked[row].example for row in rows]
            answers = subject.answer(
                batch, self.contexts, kind=self.kind, constrained=self.constrained
            )
            for row, answer in zip(rows, answers, strict=True):
                journal.append(keys[row], self._record(subject, self.asked[row], answer))
            bar.advance(len(rows))
        return [journal.get(key)["grades"] for key in keys]

    def _key(self, subject: Subject, asked: _Asked) -> str:
        decoding = "constrained" if self.constrained else "free"
        # Example ids are unique within a task and split only, so both belong to the key.
        return f"{subject.name}/{self.task.name}/{decoding}/{asked.split}/{asked.example.id}"

    def _record(self, subject: Subject, asked: _Asked, answers: tuple[str, ...]) -> dict[str, Any]:
        grades = self.task.grade(asked.example, answers, self.catalogue)
        return {
            "subject": subject.name,
            "task": self.task.name,
            "example": asked.example.id,
            "split": asked.split,
            "user": asked.user,
            "constrained": self.constrained,
            "expected": asked.example.answer,
            "answers": list(answers),
            "grades": {
                metric: None if value is None else float(value) for metric, value in grades.items()
            },
        }


def _questionnaires(
    tasks: Sequence[AlignmentTask],
    examples: Sequence[Example],
    contexts: Sequence[Context],
    catalogue: Catalogue,
) -> Iterator[_Questionnaire]:
    by_task: dict[str, list[_Asked]] = {}
    for example in examples:
        context = context_of(example, contexts)
        split, user = (NO_CONTEXT, example.id) if context is None else (context.split, context.user)
        by_task.setdefault(example.task, []).append(_Asked(example, split, user))
    for task in tasks:
        asked = by_task.get(task.name)
        if task.answer_kind is None or not asked:
            continue
        # Titles to keep to: the catalogue's, or those that the question offers to be ordered.
        offered = [one for one in asked if one.example.options]
        kept = {"item": asked, "order": offered}.get(task.answer_kind, [])
        for constrained, own in ((False, asked), (True, kept)):
            if own:
                yield _Questionnaire(task, task.answer_kind, constrained, own, contexts, catalogue)


def _figures(
    subject: str,
    graded: Sequence[tuple[_Questionnaire, Sequence[Mapping[str, float | None]]]],
    seed: int,
) -> Iterator[Metric]:
    """Yield the figures of one subject on one task: per split, then per metric."""
    for split in dict.fromkeys(asked.split for asked in graded[0][0].asked):
        for questionnaire, grades in graded:
            rows = [row for row, asked in enumerate(questionnaire.asked) if asked.split == split]
            for metric in dict.fromkeys(name for row in rows for name in grades[row]):
                yield summarize(
                    questionnaire.figure(metric),
                    [grades[row].get(metric) for row in rows],
                    subject=subject,
                    split=split,
                    seed=seed,
                    groups=[questionnaire.asked[row].user for row in rows],
                )
