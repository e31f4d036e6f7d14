"""Changes by refits: which training users or items matter, beside what a seed alone changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.estimate import Estimate, estimated, percent
from recexplainer.audit.finding import Finding
from recexplainer.audit.lists import Rows, overlap, top_rows
from recexplainer.audit.refit_plan import Block, Refit
from recexplainer.audit.subject import PLACES, Subject
from recexplainer.oracle import Oracle
from recexplainer.plugins.interfaces import Target

__all__ = ["refit_findings"]

_WORDS = {1: "more than", -1: "less than", 0: "not measurably more or less than"}
_Values = NDArray[np.float64]


@dataclass(frozen=True)
class _Changes:
    """What a training changed for each sampled user: of the first ten, and in hits, ``(N,)``."""

    lists: _Values
    hits: _Values


def refit_findings(
    subject: Subject, refits: Sequence[Refit], trained: Iterable[tuple[Refit, Target]]
) -> list[Finding]:
    """Return what each block that was left out changes, most first.

    Lists are compared among the items, and of the users, that were not left out; trainings with
    another seed alone are the control, compared in the same way.

    Args:
        subject: the recommender as it is.
        refits: what is trained.
        trained: the same, each with its target; one at a time is held.
    """
    blocks = [one.block for one in refits if one.block is not None]
    base = _lists(subject, subject.oracle, blocks)
    seeds: list[Mapping[str, _Changes]] = []
    without: dict[str, _Changes] = {}
    for refit, target in trained:
        own = blocks if refit.block is None else [refit.block]
        lists = _lists(subject, Oracle(target, subject.catalogue), own)
        found = {name: _changes(subject, base[name], rows) for name, rows in lists.items()}
        if refit.block is None:
            seeds.append(found)
        else:
            without |= found
    if not any(one.lists.any() for found in (*seeds, without) for one in found.values()):
        return [_unchanged(len(refits), len(subject.contexts))]
    findings = [
        _finding(subject, block, without[block.words], [one[block.words] for one in seeds])
        for block in blocks
    ]
    return sorted(findings, key=lambda one: (one.control or 0.0) - (one.figure or 0.0))


def _lists(subject: Subject, oracle: Oracle, blocks: Sequence[Block]) -> dict[str, Rows]:
    """Return the first ten of each context without each block's items, ``(N, PLACES)`` each."""
    left_out = {
        one.words: np.array(subject.catalogue.rows(sorted(one.items)), dtype=np.int64)
        for one in blocks
    }
    shape = (len(subject.contexts), PLACES)
    found = {name: np.full(shape, -1, dtype=np.int64) for name in left_out}
    for place, scores in enumerate(oracle.rows_of_scores(subject.histories)):
        for name, rows in left_out.items():
            seen = np.union1d(subject.seen[place], rows)
            found[name][place] = top_rows(scores, seen, subject.ties, PLACES)
    return found


def _changes(subject: Subject, before: Rows, after: Rows) -> _Changes:
    nexts = np.array(subject.nexts)[:, None]
    hits = (after == nexts).any(axis=1).astype(float) - (before == nexts).any(axis=1)
    return _Changes(1.0 - overlap(before, after), hits)


def _finding(subject: Subject, block: Block, own: _Changes, seeds: Sequence[_Changes]) -> Finding:
    """Return what a block changes for the users who were not left out with it."""
    kept = np.array([one.user not in block.users for one in subject.contexts])
    changed = estimated(own.lists[kept], seed=subject.seed)
    by_seed = np.array([one.lists[kept] for one in seeds])
    each = by_seed.mean(axis=1)
    gain = estimated(own.lists[kept] - by_seed.mean(axis=0), seed=subject.seed, bounds=(-1.0, 1.0))
    hit = estimated(own.hits[kept], seed=subject.seed, bounds=(-1.0, 1.0))
    hit_seed = float(np.mean([one.hits[kept].mean() for one in seeds]))
    least, most = float(each.min()), float(each.max())
    among = "the other users" if block.users else "users, among the other items"
    sentence = (
        f"Trained again without {block.words}, it changes {changed.words} of the first ten of "
        f"{among}: {_WORDS[_beside(changed, gain, least, most)]} another seed alone, which changes "
        f"{percent(float(each.mean()))} ({percent(least)} to {percent(most)} in {len(seeds)} "
        f"trainings). Their hit@10 moves by {hit.mean:+.3f} ({hit.low:+.3f} to {hit.high:+.3f}), "
        f"and with another seed by {hit_seed:+.3f}."
    )
    return Finding(
        probe=f"without {block.words}",
        chapter="reliance",
        sentence=sentence,
        control=float(each.mean()),
        control_words="another seed alone",
        others={
            "gain_low": gain.low,
            "gain_high": gain.high,
            "seed_low": least,
            "seed_high": most,
            "seeds": float(len(seeds)),
            "hit": hit.mean,
            "hit_low": hit.low,
            "hit_high": hit.high,
            "hit_seed": hit_seed,
        },
        named=(block.words,),
    ).with_estimate(changed)


def _beside(changed: Estimate, gain: Estimate, least: float, most: float) -> int:
    """Return 1 if a block changes more than seeds do, by users and by trainings; -1 if less."""
    if gain.low > 0 and changed.mean > most:
        return 1
    return -1 if gain.high < 0 and changed.mean < least else 0


def _unchanged(trainings: int, users: int) -> Finding:
    sentence = (
        f"None of {trainings} trainings changed any list: what it answers does not depend on what "
        "it is trained on here."
    )
    others = {"trainings": float(trainings)}
    return Finding(
        probe="refits", chapter="reliance", sentence=sentence, figure=0.0, n=users, others=others
    )
