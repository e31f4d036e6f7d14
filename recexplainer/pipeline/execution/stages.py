"""Stages that make a surrogate: data set, target, alignment and training, one function each.

Only the stage table and the sample of a corpus call them. Each may find in its folder what an
interrupted run left.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np

from recexplainer.errors import DataError
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.corpus_size import drawn_examples
from recexplainer.pipeline.execution.stage_files import (
    COUNTS,
    FIT,
    METRICS,
    SCORE_VECTORS,
    WEIGHTS,
)
from recexplainer.plugins.interfaces import Dataset
from recexplainer.records import InteractionLog, SilentProgress
from recexplainer.runs.artifacts import write_json, write_records

__all__ = [
    "ask_target",
    "prepare_dataset",
    "prepare_training",
    "read_log",
    "train_surrogate",
    "train_target",
]

_TRIED = 200
"""So many histories tell how much vectors say that were found in scores."""


def prepare_dataset(bench: Bench, folder: Path) -> None:
    """Read, filter and store the interactions, and tell at once what was found."""
    from recexplainer.data.stored_log import save_log

    log = read_log(bench)
    for note in log.notes:
        bench.progress.note(f"note: {note}")
    save_log(log, folder)


def read_log(bench: Bench) -> InteractionLog:
    """Read and filter the interactions.

    Raises:
        DataError: much was lost, and the settings do not accept that.
    """
    from recexplainer.data.preparation import prepare

    part = bench.plan.dataset
    dataset: Dataset = part.provider.build(part.options, None)
    settings = bench.config.dataset
    log = dataset.load(bench.progress)
    if log.doubts and not settings.accept_losses:
        advice = "mend that, or go on without with --set dataset.accept_losses=true"
        raise DataError(f"{'; '.join(log.doubts)}; {advice}")
    return prepare(
        log,
        min_interactions=settings.min_interactions,
        top_items=settings.top_items,
        sample_users=settings.sample_users,
        seed=bench.config.seed,
    )


def train_target(bench: Bench, folder: Path) -> None:
    """Train the target, measure how well it recommends, and store it."""
    from recexplainer.targets.popularity import Popularity
    from recexplainer.targets.target_quality import measure_quality

    target = bench.build_target()
    report = target.fit(bench.split.training, bench.progress)
    weights = folder / WEIGHTS
    weights.mkdir(exist_ok=True)
    target.save(weights)
    write_json(folder / FIT, asdict(report))
    popularity = Popularity(bench.target_kit)
    popularity.fit(bench.split.training, SilentProgress())
    compared = {"popularity": popularity, bench.plan.target.name: target}
    metrics = measure_quality(
        compared, bench.log, bench.split.evaluated, bench.progress, bench.config.seed
    )
    write_records(folder / METRICS, metrics)


def ask_target(bench: Bench, folder: Path, share: float = 1.0) -> None:
    """Turn the target's answers, to all questions or a share of them, into training examples."""
    from recexplainer.alignment.corpus import build_training
    from recexplainer.alignment.modes import forms_of

    alignment, recipe = bench.config.alignment, bench.plan.recipe
    found = _found_vectors(bench, folder)
    report = build_training(
        list(bench.tasks.values()),
        adapted=bench.config.adapted_tasks(recipe),
        contexts=bench.split.train,
        excluded=bench.seen,
        target=bench.target,
        catalogue=bench.catalogue,
        forms=forms_of(alignment.mode, bench.config.training_forms(recipe)),
        combined_shares=bench.config.combined_shares(recipe),
        folder=folder,
        seed=bench.config.seed,
        progress=bench.progress,
        share=share,
        wanted=drawn_examples(bench.plan),
        pulls=recipe.pulls and alignment.mode != "intention",  # its questions name no title
        vectors=bench.vectors,
    )
    write_records(folder / COUNTS, [report.model_copy(update={"notes": (*found, *report.notes)})])


def _found_vectors(bench: Bench, folder: Path) -> tuple[str, ...]:
    """Keep the vectors that were found in the target's scores, and tell how much they say."""
    from recexplainer.oracle import ScoreVectors

    vectors = bench.vectors
    if not isinstance(vectors, ScoreVectors):
        return ()
    folder.mkdir(parents=True, exist_ok=True)
    vectors.save(folder / SCORE_VECTORS)
    if bench.config.alignment.mode == "behavior":  # no prompt holds them
        return ()
    drawn = np.random.default_rng(bench.config.seed).permutation(len(bench.split.train))
    histories = [bench.split.train[row].history for row in drawn[:_TRIED]]
    note = (
        f"The recommender {bench.plan.target.name} tells no vectors. In their place the language "
        f"model reads {vectors.item_vectors().shape[1]} numbers per history and per item that were "
        "found in its scores; by their products its first choice is among the first five for "
        f"{vectors.found_first(histories):,} of {len(histories):,} histories."
    )
    bench.progress.note(note)
    return (note,)


def train_surrogate(bench: Bench, folder: Path) -> None:
    """Train the language model on the target's answers, in as many processes as are asked for."""
    from recexplainer.surrogate.training.launcher import Launch, train_in

    prepare_training(bench, folder)
    train_in(folder, Launch(processes=bench.config.training.processes), bench.progress)


def prepare_training(bench: Bench, folder: Path) -> None:
    """Write all that training reads, so that it needs nothing else."""
    from recexplainer.surrogate.corpus.training_folder import prepare

    corpus = bench.folder_of("alignment")
    values = [value for kind in bench.catalogue.attribute_values.values() for value in kind]
    prepare(
        corpus,
        folder,
        bench.plan.settings,
        titles=bench.catalogue.titles,
        values=values,
        progress=bench.progress,
    )
