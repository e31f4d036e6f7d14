"""Paired lines: a measure of two versions, user by user, and the sentence that it allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.estimate import estimated, paired_p, percent
from recexplainer.audit.versions.version_change import Change, ChangeChapter, Shown
from recexplainer.audit.versions.version_pair import VersionPair

__all__ = ["PairedLine", "paired_changes"]

_RATE = 0.05
_Values = NDArray[np.float64]


class PairedLine(NamedTuple):
    """One measure of both versions.

    Attributes:
        name: of the figure.
        words: the beginning of a sentence, with ``{}`` for both values.
        first, second: by user, ``(N,)``, nan where a user has none.
        unit: a share of 1, or a value.
    """

    name: str
    words: str
    first: _Values
    second: _Values
    unit: Literal["share", "value"] = "share"


Examples = Callable[[PairedLine, Change], tuple[Shown, ...]]
"""What shows a difference that was found."""


def paired_changes(
    pair: VersionPair,
    chapter: ChangeChapter,
    lines: Sequence[PairedLine],
    examples: Examples | None = None,
) -> list[Change]:
    """Return a change per line that some user has values of.

    The p values of the mean differences being 0 (random signs of users) are corrected for the
    number of lines (Benjamini-Hochberg).
    """
    from scipy.stats import false_discovery_control

    known = [line for line in lines if _both(line).any()]
    if not known:
        return []
    tests = [paired_p((one.second - one.first)[_both(one)], pair.seed) for one in known]
    sure = false_discovery_control(tests)
    found = []
    for line, p in zip(known, sure, strict=True):
        change = _change(pair, chapter, line, float(p), len(known))
        if change.sure and examples is not None:
            change = change.model_copy(update={"examples": examples(line, change)})
        found.append(change)
    return found


def _both(line: PairedLine) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(line.first) & np.isfinite(line.second))


def _change(
    pair: VersionPair, chapter: ChangeChapter, line: PairedLine, p: float, looked: int
) -> Change:
    kept = _both(line)
    first, second = line.first[kept], line.second[kept]
    bounds = (-1.0, 1.0) if line.unit == "share" else None
    gain = estimated(second - first, seed=pair.seed, bounds=bounds)
    sure = p <= _RATE and bool(gain.beside(0.0))
    size = f"(difference {gain.mean:+.3f}, {gain.low:+.3f} to {gain.high:+.3f})"
    if sure:
        told = f"{'more' if gain.mean > 0 else 'less'} with {pair.second.name} {size}"
    elif (first == second).all():
        told = f"the same for each of {len(first)} users"
    else:
        told = f"no difference that holds among {looked} that were looked at {size}"
    values = (
        f"{_told(line, float(first.mean()))} ({pair.first.name}) and "
        f"{_told(line, float(second.mean()))} ({pair.second.name})"
    )
    return Change(
        name=line.name,
        chapter=chapter,
        sentence=f"{line.words.format(values)}: {told}.",
        sure=sure,
        first=float(first.mean()),
        second=float(second.mean()),
        unit=line.unit,
    ).with_estimate(gain)


def _told(line: PairedLine, value: float) -> str:
    return percent(value) if line.unit == "share" else f"{value:.3f}"
