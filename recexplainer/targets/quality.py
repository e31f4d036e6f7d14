"""How good f itself is: where it ranks the item that a user really took next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from recexplainer.metrics import summarize
from recexplainer.plugins.interfaces import FloatArray, Target
from recexplainer.records import Catalogue, Context, InteractionLog, Metric, Progress

__all__ = ["held_out_ranks", "measure_quality", "ndcg_at", "score_rows"]

CUTOFF = 10
_CONTEXTS_AT_ONCE = 128
_SCORES_AT_ONCE = 2**24
"""Bounds memory: so many scores of f (64 MB) are held at a time."""


def held_out_ranks(
    scores: Iterable[FloatArray], held_out: Sequence[int], seen: Sequence[Sequence[int]]
) -> list[int | None]:
    """Return the 1-based rank of each held-out item among the items its user has not seen.

    Of items with equal scores the earlier row ranks first, as in ``Asked.ranking``.

    Args:
        scores: B rows ``(I,)``; where ``(B, I)`` is too much to hold, an iterator makes them.
        held_out: row of the item that came next, one per context.
        seen: rows of the items to leave out, per context.

    Returns:
        One rank per context; None where the held-out item had been seen, so has no rank.
    """
    return [
        None if answer in rows else _rank(row, answer, list(rows))
        for row, answer, rows in zip(scores, held_out, map(set, seen), strict=True)
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
    size = _at_once(items)
    for start in range(0, contexts, size):
        yield from scores(slice(start, min(start + size, contexts)))


def _at_once(items: int) -> int:
    return max(1, min(_CONTEXTS_AT_ONCE, _SCORES_AT_ONCE // max(1, items)))


def _rank(scores: NDArray[np.float32], answer: int, seen: list[int]) -> int:
    ahead = scores > scores[answer]
    ahead[:answer] |= scores[:answer] == scores[answer]
    ahead[seen] = False
    return 1 + int(ahead.sum())


def hit_at(rank: int, cutoff: int = CUTOFF) -> float:
    """Return 1 if ``rank`` is within the cut-off, else 0."""
    return float(rank <= cutoff)


def ndcg_at(rank: int, cutoff: int = CUTOFF) -> float:
    """Return NDCG with one right item: 1 / log2(rank + 1), or 0 beyond the cut-off."""
    return float(1.0 / np.log2(rank + 1)) if rank <= cutoff else 0.0


def measure_quality(
    targets: Mapping[str, Target],
    log: InteractionLog,
    contexts: Sequence[Context],
    progress: Progress,
    seed: int = 0,
) -> list[Metric]:
    """Return hit@10 and ndcg@10 of each target on the interaction that follows each context.

    Items that the user had before are left out of the ranking. An answer that is one of them is
    counted as unscored.

    Args:
        targets: the trained targets by subject, such as f and, as a baseline, ``popularity``.
        log: where the contexts come from.
        contexts: moments that some interaction follows.
        progress: told of every context.
        seed: of the bootstrap intervals.
    """
    metrics = []
    for subject, target in targets.items():
        ranks = _ranks(target, log, contexts, progress, f"Measuring {subject}")
        for name, value_at in (("hit@10", hit_at), ("ndcg@10", ndcg_at)):
            metrics.append(
                summarize(
                    [None if rank is None else value_at(rank) for rank in ranks],
                    subject=subject,
                    task="target_quality",
                    metric=name,
                    split="all",
                    seed=seed,
                    groups=[context.user for context in contexts],
                )
            )
    return metrics


def _ranks(
    target: Target,
    log: InteractionLog,
    contexts: Sequence[Context],
    progress: Progress,
    label: str,
) -> list[int | None]:
    ranks: list[int | None] = []
    size = _at_once(len(log.catalogue))
    with progress.bar(label, len(contexts)) as bar:
        for start in range(0, len(contexts), size):
            batch = contexts[start : start + size]
            scores = target.scores([context.history for context in batch])
            answers, seen = _next_and_seen(log, batch)
            ranks += held_out_ranks(scores, answers, seen)
            bar.advance(len(batch))
    return ranks


def _next_and_seen(
    log: InteractionLog, contexts: Sequence[Context]
) -> tuple[list[int], list[list[int]]]:
    items: Catalogue = log.catalogue
    full = [log.histories[context.user] for context in contexts]
    answers = [items.row(history[c.end]) for history, c in zip(full, contexts, strict=True)]
    seen = [items.rows(history[: c.end]) for history, c in zip(full, contexts, strict=True)]
    return answers, seen
