"""Quality of the target itself: the rank of the item that a user really took next.

Equal scores are no preference. An item that shares its score counts with the mean over the places
that its equals take up, so that no order of the catalogue makes a recommender better or worse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from recexplainer.metrics import summarize
from recexplainer.oracle import Oracle, Standing, parts_to_ask, standing_of
from recexplainer.plugins.interfaces import FloatArray, Target
from recexplainer.records import Context, Figure, InteractionLog, Metric, Progress

__all__ = [
    "FIGURES",
    "TARGET_TASK",
    "TIED",
    "held_out_standings",
    "hit_at",
    "measure_quality",
    "ndcg_at",
    "score_rows",
    "tied_share",
]

CUTOFF = 10
TARGET_TASK = "target_quality"
"""The ``task`` of figures about the target itself; their subject is the target's name."""
_HIT = Figure(
    task=TARGET_TASK,
    metric=f"hit@{CUTOFF}",
    note="the held-out item is among the recommender's first 10",
    better="higher",
)
_NDCG = Figure(
    task=TARGET_TASK,
    metric=f"ndcg@{CUTOFF}",
    note="as hit@10, worth more the higher it ranks",
    better="higher",
)
TIED = Figure(
    task=TARGET_TASK,
    metric=f"tied@{CUTOFF}",
    note=(
        "share of the recommender's first 10 places that items of equal score share: no "
        "preference, any order"
    ),
)
FIGURES = (_HIT, _NDCG, TIED)


def held_out_standings(
    scores: Iterable[FloatArray], held_out: Sequence[int], seen: Sequence[Sequence[int]]
) -> list[Standing | None]:
    """Return where each held-out item stands among the items its user has not seen.

    Args:
        scores: B rows ``(I,)``; where ``(B, I)`` is too much to hold, an iterator makes them.
        held_out: row of the item that came next, one per context.
        seen: rows of the items to leave out, per context.

    Returns:
        One per context; None where the held-out item had been seen, so has no rank.
    """
    return [
        None if answer in rows else standing_of(row, answer, rows)
        for row, answer, rows in zip(scores, held_out, seen, strict=True)
    ]


def score_rows(
    scores: Callable[[slice], FloatArray], contexts: int, items: int
) -> Iterator[FloatArray]:
    """Yield the row of scores of each context, asking for a bounded number at a time.

    Args:
        scores: returns ``(B, items)`` for the contexts of a slice.
        contexts: how many there are.
        items: width of a row.
    """
    for part in parts_to_ask(contexts, items):
        yield from scores(part)


def hit_at(standing: Standing, cutoff: int = CUTOFF) -> float:
    """Return how likely the item is within the cut-off, its equals in random order: 0 to 1."""
    return _mean_gain(standing, np.ones(cutoff))


def ndcg_at(standing: Standing, cutoff: int = CUTOFF) -> float:
    """Return NDCG with one right item, 1 / log2(rank + 1) within the cut-off, expected likewise."""
    return _mean_gain(standing, 1.0 / np.log2(np.arange(2, cutoff + 2)))


def tied_share(scores: FloatArray, cutoff: int = CUTOFF) -> float | None:
    """Return the share of the first places that items of equal score share, 0 to 1.

    Args:
        scores: ``(I,)``, those of items that are no candidates ``-inf``.
        cutoff: how many places are looked at, if there are so many candidates.

    Returns:
        None where nobody is left to be compared with.
    """
    own = scores[np.isfinite(scores)]
    if len(own) < 2:
        return None
    # One place more than is looked at: the last one may share its score with what comes behind.
    first = np.sort(np.partition(own, -cutoff - 1)[-cutoff - 1 :] if len(own) > cutoff else own)
    equal = first[1:] == first[:-1]
    tied = np.r_[False, equal] | np.r_[equal, False]
    return float(tied[-cutoff:].mean())


def measure_quality(
    targets: Mapping[str, Target],
    log: InteractionLog,
    contexts: Sequence[Context],
    progress: Progress,
    seed: int = 0,
) -> list[Metric]:
    """Return hit@10, ndcg@10 and tied@10 of each target.

    The first two rest on the interaction that follows each context. Items that the user had before
    are left out of the ranking; an answer that is one of them is counted as unscored. ``tied@10``
    is the share of the first 10 places where the target does not tell items apart.

    Args:
        targets: the trained targets by subject, such as the target and, as a baseline,
            ``popularity``.
        log: where the contexts come from.
        contexts: moments that some interaction follows.
        progress: told of every context.
        seed: of the intervals.

    Raises:
        StageError: a target gave scores that cannot be used.
    """
    metrics = []
    for subject, target in targets.items():
        measured = _measured(target, log, contexts, progress, f"Measuring {subject}")
        metrics += [
            summarize(
                figure,
                values,
                subject=subject,
                split="all",
                seed=seed,
                groups=[context.user for context in contexts],
            )
            for figure, values in zip(FIGURES, measured, strict=True)
        ]
    return metrics


def _measured(
    target: Target,
    log: InteractionLog,
    contexts: Sequence[Context],
    progress: Progress,
    label: str,
) -> tuple[list[float | None], list[float | None], list[float | None]]:
    """Return one value per context for each of ``FIGURES``."""
    hits: list[float | None] = []
    gains: list[float | None] = []
    tied: list[float | None] = []
    rows = Oracle(target, log.catalogue).rows_of_scores([context.history for context in contexts])
    with progress.bar(label, len(contexts)) as bar:
        for context, scores in zip(contexts, rows, strict=True):
            history = log.histories[context.user]
            answer = log.catalogue.row(history[context.end])
            seen = log.catalogue.rows(history[: context.end])
            standing = held_out_standings([scores], [answer], [seen])[0]
            hits.append(None if standing is None else hit_at(standing))
            gains.append(None if standing is None else ndcg_at(standing))
            unseen = scores.astype(np.float32, copy=True)
            unseen[seen] = -np.inf
            tied.append(tied_share(unseen))
            bar.advance()
    return hits, gains, tied


def _mean_gain(standing: Standing, gains: NDArray[np.float64]) -> float:
    """Return the mean gain over the places that the item and its equals take up."""
    within = gains[standing.ahead : standing.ahead + standing.ties + 1]
    return float(within.sum()) / (standing.ties + 1)
