"""Pull of attributes: what becomes of their share of the list when their items are taken out."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.estimate import Estimate, estimated, paired_p, percent
from recexplainer.audit.finding import Finding
from recexplainer.audit.subject import Subject

__all__ = ["attribute_pulls", "frequent_values"]

_VALUES, _USERS, _FEWEST = 12, 80, 20
_RATE = 0.05


def attribute_pulls(subject: Subject) -> list[Finding]:
    """Return, for each frequent value, how far its items bring their own like into the list.

    All items of a history that have the value are taken out, and, as the control, as many others at
    random. The p values are corrected for the number of values looked at (Benjamini-Hochberg).
    """
    from scipy.stats import false_discovery_control

    measured = [
        (one, found) for one in frequent_values(subject) if (found := _shares(subject, *one))
    ]
    if not measured:
        return []
    tests = [paired_p(found[1] - found[0], subject.seed) for _, found in measured]
    sure = false_discovery_control(tests)
    findings = [
        _finding(subject, *value, found, float(p))
        for (value, found), p in zip(measured, sure, strict=True)
    ]
    return sorted(findings, key=lambda one: (one.figure or 0.0) - (one.control or 0.0))


_Shares = tuple[NDArray[np.float64], NDArray[np.float64], float]


def frequent_values(subject: Subject) -> list[tuple[str, str]]:
    """Return the values that most histories have twice or more, but do not consist of."""
    counts: Counter[tuple[str, str]] = Counter()
    for history in subject.histories:
        own: Counter[tuple[str, str]] = Counter()
        for item in history:
            for name, values in subject.catalogue.item(item).attributes.items():
                own.update((name, value) for value in set(values))
        counts.update(one for one, n in own.items() if 2 <= n <= len(history) / 2)
    return [one for one, n in counts.most_common(_VALUES) if n >= _FEWEST]


def _shares(subject: Subject, name: str, value: str) -> _Shares | None:
    """Return the value's shares of lists without its items, and without as many others; and with.

    None where too few users can be asked about.
    """
    rng = subject.rng(f"{name}={value}")
    has = np.array([value in item.attributes.get(name, ()) for item in subject.catalogue])
    places, changed, controls = [], [], []
    for place, history in enumerate(subject.histories):
        with_it = [bool(has[subject.catalogue.row(item)]) for item in history]
        if not 2 <= sum(with_it) <= len(history) / 2:
            continue
        others = [k for k, one in enumerate(with_it) if not one]
        gone = set(rng.permutation(others)[: sum(with_it)].tolist())
        places.append(place)
        changed.append([one for one, own in zip(history, with_it, strict=True) if not own])
        controls.append([one for k, one in enumerate(history) if k not in gone])
        if len(places) == _USERS:
            break
    if len(places) < _FEWEST:
        return None
    seen = [subject.seen[place] for place in places]
    without = has[subject.lists(changed, seen)].mean(axis=1)
    control = has[subject.lists(controls, seen)].mean(axis=1)
    return without, control, float(has[subject.answers.lists[places]].mean())


def _finding(subject: Subject, name: str, value: str, shares: _Shares, p: float) -> Finding:
    without, control, whole = shares
    found: Estimate = estimated(without, seed=subject.seed)
    gain = estimated(control - without, seed=subject.seed, bounds=(-1.0, 1.0))
    if p <= _RATE and gain.low > 0 and found.mean < whole:
        told = "pull their own like into the list"
    elif p <= _RATE and gain.high < 0 and found.mean > whole:
        told = "push their own like out of the list"
    else:
        told = "do not measurably change how many of their like are listed"
    sentence = (
        f"Items of {name} {value!r} {told}: their share of the first ten is {percent(whole)}, "
        f"without those of the history {found.words}, and without as many others "
        f"{percent(float(control.mean()))}."
    )
    return Finding(
        probe=f"{name}: {value}",
        chapter="reliance",
        sentence=sentence,
        control=float(control.mean()),
        control_words="without as many others at random",
        others={"whole": whole, "gain_low": gain.low, "gain_high": gain.high, "p": p},
        named=(f"{name}: {value}",),
    ).with_estimate(found)
