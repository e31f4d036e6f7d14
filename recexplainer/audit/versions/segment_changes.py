"""Segments: for whom two versions differ more than for others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.estimate import percent, welch
from recexplainer.audit.user_groups import given_segments
from recexplainer.audit.versions.decision_flips import Decisions
from recexplainer.audit.versions.list_changes import list_agreement
from recexplainer.audit.versions.reliance_changes import figure_name
from recexplainer.audit.versions.version_change import Change, Shown
from recexplainer.audit.versions.version_pair import FEWEST_USERS, VersionPair

__all__ = ["segment_changes"]

_RATE = 0.05
_Values = NDArray[np.float64]


def segment_changes(pair: VersionPair, decisions: Decisions) -> list[Change]:
    """Return, for each segment, whether more changes than for all others, sure ones first.

    Welch's test, corrected for the number of comparisons (Benjamini-Hochberg).
    """
    from scipy.stats import false_discovery_control

    measures = {
        "share of items that get another decision": decisions.changed,
        "share of the first ten that both have": list_agreement(pair),
    }
    if pair.known_to_both and pair.unchanged.sum() >= FEWEST_USERS:
        gain = pair.subjects[1].answers.hits - pair.subjects[0].answers.hits
        measures["change of hit@10"] = np.where(pair.unchanged, gain, np.nan)
    compared = []
    for segment in given_segments(pair.subjects[0]):
        for name, values in measures.items():
            known = np.isfinite(values)
            inside, outside = values[known & segment.within], values[known & ~segment.within]
            if min(len(inside), len(outside)) >= FEWEST_USERS and np.ptp(inside) + np.ptp(outside):
                compared.append((segment, name, inside, outside, welch(inside, outside)))
    if not compared:
        return []
    sure = false_discovery_control([one[4][0] for one in compared])
    found = []
    for (segment, name, inside, outside, (_, *ends)), p in zip(compared, sure, strict=True):
        told = _told(segment.words, name, inside, outside, ends, bool(p <= _RATE), len(compared))
        if told.sure:
            shown = _examples(pair, name, measures[name], segment.within, told)
            told = told.model_copy(update={"examples": shown})
        found.append(told)
    return sorted(found, key=lambda one: not one.sure)


def _told(  # each is a part of the sentence  # noqa: PLR0913, PLR0917
    words: str,
    name: str,
    inside: _Values,
    outside: _Values,
    interval: Sequence[float],
    sure: bool,
    looked: int,
) -> Change:
    mean, rest = float(inside.mean()), float(outside.mean())
    low, high = interval
    holds = "a difference that holds" if sure else "no difference that holds"
    values = f"{percent(mean)}, and {percent(rest)} for all others"
    if "hit@10" in name:
        values = f"{mean:+.3f}, and {rest:+.3f} for all others"
    return Change(
        name=f"segment.{figure_name(words)}.{figure_name(name)}",
        chapter="segments",
        sentence=(
            f"{words}: {name} is {values} (difference {mean - rest:+.3f}, {low:+.3f} to "
            f"{high:+.3f}): {holds} among {looked} comparisons."
        ),
        sure=sure,
        change=mean - rest,
        low=low,
        high=high,
        unit="value",
        control=0.0,
        control_words="no difference",
        n=len(inside) + len(outside),
    )


def _examples(
    pair: VersionPair,
    name: str,
    values: _Values,
    within: NDArray[np.bool_],
    told: Change,
) -> tuple[Shown, ...]:
    """Return users of the segment who show the difference most."""
    sign = 1.0 if (told.change or 0.0) > 0 else -1.0
    ordered = np.where(within & np.isfinite(values), sign * np.nan_to_num(values), -np.inf)
    places = [k for k in np.argsort(-ordered, kind="stable")[:3] if np.isfinite(ordered[k])]
    return tuple(
        Shown(
            words=f"{pair.called(int(k))}: {name} {values[k]:.2f}",
            commands=pair.commands(pair.users[k]),
        )
        for k in places
    )
