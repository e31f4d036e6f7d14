"""Controls of what the language model adds: shortlists of others, and vectors of somebody else."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.redrawn_target import redrawn_target
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.interfaces import Speaker, Target, VectorSource
from recexplainer.records import Case, Explanation, Metric, Progress, SilentProgress

if TYPE_CHECKING:
    from recexplainer.explanation.claims.reader import ClaimReader
    from recexplainer.oracle import Oracle

__all__ = ["VectorSpeaker", "control_metrics", "swapped_metrics"]

_SWAPPED_USERS = 100
"""Of so many users, two cases each, texts are written anew from other vectors."""


class VectorSpeaker(Speaker, Protocol):
    """A speaker that is given the target's vectors, and can be given others."""

    def with_vectors(
        self,
        user_vectors: Callable[[Sequence[Sequence[str]]], NDArray[np.float32]],
        item_vectors: NDArray[np.float32],
    ) -> Speaker:
        """Return a speaker with the same weights that is given these vectors instead."""
        ...


def control_metrics(bench: Bench, cases: Sequence[Case]) -> list[Metric]:
    """Return the figures of shortlists and, where the surrogate reads vectors, of swapped ones."""
    return [*_shortlists(bench, cases), *_swaps(bench, cases)]


def _shortlists(bench: Bench, cases: Sequence[Case]) -> list[Metric]:
    from recexplainer.explanation.explainers import shortlist
    from recexplainer.explanation.figures.shortlists import shortlist_metrics

    kit = bench.explainer_kit({Capability.SURROGATE})
    built = [build(shortlist.ShortlistOptions(), kit) for build in shortlist.BUILDERS]
    with bench.progress.bar("control: shortlists", len(built)) as bar:
        orders = {}
        for explainer in built:
            orders[explainer.name] = explainer.order(cases)
            bar.advance()
    return shortlist_metrics(orders, cases, bench.oracle, bench.config.seed)


def _swaps(bench: Bench, cases: Sequence[Case]) -> list[Metric]:
    seed = bench.config.seed
    if bench.speaker.form == "behavior":
        return []
    users = list(dict.fromkeys(case.user for case in cases))
    places = np.random.default_rng(seed).permutation(len(users))[:_SWAPPED_USERS]
    drawn = {users[place] for place in places}
    with tempfile.TemporaryDirectory(dir=bench.folder.path, prefix=".controls-") as place:
        other = redrawn_target(bench, Path(place) / "target", seed)
        return swapped_metrics(
            [case for case in cases if case.user in drawn],
            bench.oracle,
            bench.reader,
            bench.speaker,
            plain=bench.remembering,
            vectors=bench.vectors,
            other=None if other is None else _of_the_same_shape(bench, other),
            seed=seed,
            progress=bench.progress,
        )


def _of_the_same_shape(bench: Bench, other: Target) -> VectorSource | None:
    """Return another target's vectors, found in its scores where the run's are."""
    vectors = bench.vectors_of(other)
    alike = vectors.item_vectors().shape == bench.vectors.item_vectors().shape
    return vectors if alike else None


def swapped_metrics(  # noqa: PLR0913  # who writes, from whose vectors, and who is asked
    cases: Sequence[Case],
    oracle: Oracle,
    reader: ClaimReader,
    speaker: VectorSpeaker,
    *,
    plain: Speaker,
    vectors: VectorSource,
    other: VectorSource | None,
    seed: int,
    progress: Progress | None = None,
) -> list[Metric]:
    """Return whom texts follow that are written from swapped vectors.

    Args:
        cases: what the texts are about; users get the vectors of each other.
        oracle: asks the target.
        reader: reads the texts.
        speaker: who writes.
        plain: the same speaker with the target's own vectors; it may remember its texts.
        vectors: gives the vectors.
        other: gives those of another target, of the same shape; None where there is none.
        seed: of the draws and intervals.
        progress: where the bar is shown.
    """
    from recexplainer.explanation.figures.vector_swap import (
        draw_pairs,
        other_target_metrics,
        swap_metrics,
    )

    pairs = draw_pairs(cases, oracle, seed)
    vector_of = {pair.case.history: pair.vector.history for pair in pairs}

    def of_the_other(histories: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        return vectors.user_vectors([vector_of[tuple(history)] for history in histories])

    with (progress or SilentProgress()).bar("control: swapped vectors", 3) as bar:
        mixed = speaker.with_vectors(of_the_other, vectors.item_vectors())
        swapped = _texts(mixed, [pair.case for pair in pairs], reader)
        bar.advance()
        own = _texts(plain, cases, reader)
        bar.advance()
        foreign = None
        if other is not None:
            strange = speaker.with_vectors(other.user_vectors, other.item_vectors())
            foreign = _texts(strange, cases, reader)
        bar.advance()
    return [
        *swap_metrics(pairs, swapped, subject=speaker.name, seed=seed),
        *other_target_metrics(cases, own, foreign, oracle, subject=speaker.name, seed=seed),
    ]


def _texts(speaker: Speaker, cases: Sequence[Case], reader: ClaimReader) -> list[Explanation]:
    """Return the speaker's first words about each case, read."""
    from recexplainer.explanation.explainers.surrogate import UncheckedOptions
    from recexplainer.explanation.explainers.writer import Writer

    most = UncheckedOptions().max_new_tokens
    writer = Writer(speaker, reader, speaker.name, max_new_tokens=most, truthful=False)
    return writer.write(cases, None)
