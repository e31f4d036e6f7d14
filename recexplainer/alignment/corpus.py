"""Corpus builder: tasks, contexts and the target in; a corpus folder and fidelity examples out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from recexplainer.alignment.context_scores import Excluded, Heard, ask_in_chunks, narrowed
from recexplainer.alignment.corpus_files import TrainWriter, UserVectors, write_vectors
from recexplainer.alignment.drawn_schedule import conversations_at_once, drawn_schedule
from recexplainer.alignment.example_forms import CorpusReport, ExampleForms, Recorder
from recexplainer.alignment.pull_samples import PullSamples
from recexplainer.alignment.schedule import (
    Schedule,
    Times,
    asks_about_contexts,
    item_passes,
    schedule,
)
from recexplainer.alignment.seeded_draws import generator
from recexplainer.errors import CapabilityError, ConfigError
from recexplainer.oracle import Oracle
from recexplainer.plugins.interfaces import AlignmentTask, Asked, LatentTarget, Target, VectorSource
from recexplainer.records import Catalogue, Context, Example, Form, Progress

__all__ = ["CorpusReport", "build_training", "evaluation_examples"]

_NOTHING = "no examples to learn from; give a task that has some a weight above 0"


def build_training(  # noqa: PLR0913  # plain things, each of which another stage made
    tasks: Sequence[tuple[AlignmentTask, float]],
    *,
    adapted: Collection[str] = (),
    contexts: Sequence[Context],
    excluded: Excluded,
    target: Target,
    catalogue: Catalogue,
    forms: Sequence[Form],
    combined_shares: Mapping[str, float] = MappingProxyType({}),
    folder: Path,
    seed: int,
    progress: Progress,
    share: float = 1.0,
    wanted: int | None = None,
    pulls: bool = False,
    vectors: VectorSource | None = None,
) -> CorpusReport:
    """Write the training corpus into ``folder``.

    ``folder/train`` is a ``datasets`` folder with the columns id, task, form, roles, texts,
    context_rows, item_rows and droppable (three numbers per stretch, one after another). Where
    there are vectors, ``folder/vectors.safetensors`` holds ``user`` ``(N, d_rec)``, which
    context_rows count into, and ``item`` ``(I, d_rec)``.

    Args:
        tasks: tasks with their weights; ``schedule.times_asked`` says what a weight means.
        adapted: tasks whose weights are made to fit the data set (``schedule.balance_shares``).
        contexts: the training contexts.
        excluded: the items that came before a context, which are no answers to it.
        target: the recommender to be explained.
        catalogue: the items.
        forms: the forms every example is written in.
        combined_shares: task to the share of its examples that is written in the combined form
            where the intention form is written too; 1 for those not named.
        folder: where to write; an older corpus there is replaced.
        seed: of all draws; the same seed gives the same corpus.
        progress: shown how many contexts the target has been asked about.
        share: the part of all questions that is asked, drawn at random; the whole corpus is 1.
        wanted: about how many conversations are written, spread over tasks and users (see
            ``drawn_schedule``); None writes those of all questions.
        pulls: whether ``folder/pulls.npz`` keeps what removals, which some tasks ask for, do to
            the scores of other items; see ``pull_samples``.
        vectors: gives the vectors of prompts; None is a target that has some.

    Raises:
        CapabilityError: a form needs vectors, and nothing gives them.
        ConfigError: the tasks with their weights give no examples.
        StageError: the target's scores cannot be used.
    """
    oracle = Oracle(target, catalogue)
    written = ExampleForms(forms, combined_shares, seed)
    longest = max((len(context.history) for context in contexts), default=0)
    samples = PullSamples(catalogue, seed, longest)

    def ask(rows: NDArray[np.int64], heard: Heard | None = None) -> Iterator[Asked]:
        return ask_in_chunks(rows, contexts, excluded, oracle, seed, heard)

    if wanted is None:
        plan = schedule(tasks, adapted, contexts, seed)
    else:
        at_once = conversations_at_once(tasks, contexts, ask, written, catalogue)
        plan = drawn_schedule(tasks, wanted, at_once, contexts, seed)
    if share < 1:
        plan = plan.thinned(share, seed)
    needed = _asked_by_any(plan.times.values(), len(contexts))
    source = target if vectors is None and isinstance(target, LatentTarget) else vectors
    with _numbered_vectors(contexts, source, forms, folder) as numbered:
        with TrainWriter(folder) as writer:
            recorder = Recorder(writer, contexts, catalogue, written, numbered)
            for task, weight in plan.tasks:
                recorder.take(_about_items(task, weight, seed))
            with progress.bar("asking the target", len(needed)) as bar:
                for asked in ask(needed, samples.hear if pulls else None):
                    _record(recorder, plan, asked, seed)
                    bar.advance(len(asked.rows))
            notes = tuple(f"{task.name}: {note}" for task, _ in tasks if (note := task.skipped()))
            report = recorder.report(len(needed), notes)
            if not report.examples:
                raise ConfigError([f"alignment.weights: {_NOTHING}", *notes])
        if numbered is not None:
            write_vectors(*numbered.all(), folder / "vectors.safetensors")
    samples.write(folder / "pulls.npz")
    return report


def _record(recorder: Recorder, plan: Schedule, asked: Asked, seed: int) -> None:
    """Take the examples of all tasks about one chunk of contexts, and the vectors they need."""
    for task, _ in plan.tasks:
        if task.name in plan.times:
            recorder.take(_about_contexts(task, plan.times[task.name], asked, seed))
    recorder.ask_vectors()  # of all tasks at once: large batches are the quick ones


def evaluation_examples(  # noqa: PLR0913  # as above
    tasks: Sequence[AlignmentTask],
    *,
    contexts: Sequence[Context],
    excluded: Excluded,
    target: Target,
    catalogue: Catalogue,
    seed: int,
    progress: Progress,
    rows: NDArray[np.int64] | None = None,
) -> list[Example]:
    """Return the examples on which fidelity is measured, of all tasks with an ``answer_kind``.

    Those without a ``reference`` have no right answer, and are left out.

    Args:
        tasks: tasks; those that are not measured give nothing.
        contexts: the evaluated contexts, which the examples' history slots count into.
        excluded: the items that came before a context.
        target: the recommender to be explained.
        catalogue: the items.
        seed: of all draws.
        progress: shown how many contexts the target has been asked about.
        rows: sorted rows of the contexts that examples are about; None is all of them.

    Raises:
        StageError: the target's scores cannot be used.
    """
    measured = [
        task for task in tasks if task.answer_kind is not None and asks_about_contexts(task)
    ]
    every = np.arange(len(contexts)) if rows is None else rows
    about = every if measured else np.arange(0)
    examples: list[Example] = []
    oracle = Oracle(target, catalogue)
    with progress.bar("asking the target", len(about)) as bar:
        for asked in ask_in_chunks(about, contexts, excluded, oracle, seed):
            for task in measured:
                rng = generator(seed, "evaluation", task.name)
                found = task.on_contexts(asked, rng)
                examples.extend(example for example in found if example.reference)
            bar.advance(len(asked.rows))
    return examples


@contextmanager
def _numbered_vectors(
    contexts: Sequence[Context], source: VectorSource | None, forms: Sequence[Form], folder: Path
) -> Iterator[UserVectors | None]:
    """Yield the recorder of vectors, backed by an unnamed file; None where nothing gives any."""
    if source is not None:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as file:
            yield UserVectors(contexts, source, file)
        return
    if any(form != "behavior" for form in forms):
        raise CapabilityError(
            "the target has no vectors, so it can be aligned by `behavior` only; choose that mode, "
            "or give what `recexplainer.oracle.ScoreVectors` finds in its scores"
        )
    yield None


def _asked_by_any(plan: Iterable[Times], contexts: int) -> NDArray[np.int64]:
    """Return the sorted rows of the contexts that any task is asked about."""
    wanted = np.zeros(contexts, dtype=np.bool_)
    for drawn in plan:
        wanted |= drawn > 0
    return np.flatnonzero(wanted)


def _about_contexts(
    task: AlignmentTask, drawn: Times, asked: Asked, seed: int
) -> Iterator[Example]:
    """Yield the examples of one chunk, of every pass; each pass draws from its own stream."""
    times = drawn[asked.rows]
    for number in range(int(times.max(initial=0))):
        subset = narrowed(asked, times > number)
        rng = generator(seed, "train", task.name, number)
        yield from _numbered(task.on_contexts(subset, rng), number)


def _about_items(task: AlignmentTask, weight: float, seed: int) -> Iterator[Example]:
    for number, share in enumerate(item_passes(weight)):
        rng = generator(seed, "items", task.name, number)
        examples = _numbered(task.on_items(rng), number)
        if share < 1:
            everything = list(examples)
            kept = rng.choice(len(everything), round(share * len(everything)), replace=False)
            examples = (everything[position] for position in np.sort(kept))
        yield from examples


def _numbered(examples: Iterator[Example], number: int) -> Iterator[Example]:
    """Keep ids unique when a task is asked the same again."""
    for example in examples:
        yield replace(example, id=f"{example.id}#{number}") if number else example
