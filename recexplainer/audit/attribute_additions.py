"""Additions of attributes: what becomes of a value's share of the list when its items are added."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.attribute_pulls import frequent_values
from recexplainer.audit.estimate import estimated, paired_p, percent
from recexplainer.audit.finding import Finding
from recexplainer.audit.subject import Subject

__all__ = ["attribute_additions"]

_USERS, _FEWEST, _ADDED = 80, 20, 2
_RATE = 0.05


class _Shares(NamedTuple):
    """A value's shares of lists after its items are added, after others are, and before.

    Attributes:
        after, control: per user, ``(N,)``.
        whole: the mean before.
        known, known_control: mean interactions of what was added, and of the control.
    """

    after: NDArray[np.float64]
    control: NDArray[np.float64]
    whole: float
    known: float
    known_control: float


def attribute_additions(subject: Subject) -> list[Finding]:
    """Return, for each frequent value, what two of its items at the end of a history bring up.

    They are drawn at random; the control adds, for each, the item without the value that is nearest
    in popularity. What is added either way is no candidate. The p values are corrected for the
    number of values looked at (Benjamini-Hochberg).
    """
    from scipy.stats import false_discovery_control

    measured = [
        (one, found) for one in frequent_values(subject) if (found := _shares(subject, *one))
    ]
    if not measured:
        return []
    tests = [paired_p(found.after - found.control, subject.seed) for _, found in measured]
    sure = false_discovery_control(tests)
    findings = [
        _finding(subject, *value, found, float(p))
        for (value, found), p in zip(measured, sure, strict=True)
    ]
    return sorted(findings, key=lambda one: (one.control or 0.0) - (one.figure or 0.0))


def _shares(subject: Subject, name: str, value: str) -> _Shares | None:
    """Return what is measured of one value; None where too few users can be asked about."""
    rng, counts = subject.rng(f"add {name}={value}"), subject.split.popularity
    has = np.array([value in item.attributes.get(name, ()) for item in subject.catalogue])
    with_it, without = np.flatnonzero(has & (counts > 0)), np.flatnonzero(~has & (counts > 0))
    own: list[list[int]] = []
    other: list[list[int]] = []
    for had in subject.seen[:_USERS]:
        free, rest = np.setdiff1d(with_it, had), np.setdiff1d(without, had)
        if min(len(free), len(rest)) < _ADDED:
            return None
        drawn = rng.permutation(free)[:_ADDED].tolist()
        own.append(drawn)
        other.append(_nearest(counts, drawn, rest))
    if len(own) < _FEWEST:
        return None
    seen = [
        np.union1d(had, np.array(one + two, dtype=np.int64))
        for had, one, two in zip(subject.seen, own, other, strict=False)
    ]
    histories = subject.histories[: len(own)]
    unchanged: list[list[int]] = [[] for _ in own]
    lists = [
        subject.lists([_longer(subject, *one) for one in zip(histories, rows, strict=True)], seen)
        for rows in (own, other, unchanged)
    ]
    after, control, whole = (has[one].mean(axis=1) for one in lists)
    known, known_control = (float(counts[np.array(rows)].mean()) for rows in (own, other))
    return _Shares(after, control, float(whole.mean()), known, known_control)


def _nearest(counts: NDArray[np.int64], drawn: list[int], rest: NDArray[np.int64]) -> list[int]:
    """Return for each drawn item the one of ``rest`` that is nearest in popularity, none twice."""
    found: list[int] = []
    for row in drawn:
        order = rest[np.argsort(np.abs(counts[rest] - counts[row]), kind="stable")]
        found.append(next(int(one) for one in order if int(one) not in found))
    return found


def _longer(subject: Subject, history: tuple[str, ...], rows: list[int]) -> tuple[str, ...]:
    ids = subject.catalogue.ids
    return (*history, *(ids[row] for row in rows))[-subject.max_history :]


def _finding(subject: Subject, name: str, value: str, shares: _Shares, p: float) -> Finding:
    found = estimated(shares.after, seed=subject.seed)
    gain = estimated(shares.after - shares.control, seed=subject.seed, bounds=(-1.0, 1.0))
    if p <= _RATE and gain.low > 0 and found.mean > shares.whole:
        told = "bring more of their own like into the list"
    elif p <= _RATE and gain.high < 0 and found.mean < shares.whole:
        told = "push their own like out of the list"
    else:
        told = "do not measurably change how many of their like are listed"
    control = float(shares.control.mean())
    sentence = (
        f"Two items of {name} {value!r} that are added to a history {told}: their share of the "
        f"first ten is {percent(shares.whole)} before, {found.words} after, and {percent(control)} "
        "after two others, each the nearest in popularity."
    )
    return Finding(
        probe=f"{name}: {value}, added",
        chapter="reliance",
        sentence=sentence,
        control=control,
        control_words="after two others of nearest popularity",
        others={
            "whole": shares.whole,
            "gain_low": gain.low,
            "gain_high": gain.high,
            "p": p,
            "interactions": shares.known,
            "interactions_of_control": shares.known_control,
        },
        named=(f"{name}: {value}",),
    ).with_estimate(found)
