"""Segments: for whom two versions differ more than for others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.estimate import percent
from recexplainer.audit.segment_differences import Compared, Difference, differences
from recexplainer.audit.user_groups import given_segments
from recexplainer.audit.versions.decision_flips import Decisions
from recexplainer.audit.versions.list_changes import list_agreement
from recexplainer.audit.versions.reliance_changes import figure_name
from recexplainer.audit.versions.version_change import Change, Shown
from recexplainer.audit.versions.version_pair import FEWEST_USERS, VersionPair

__all__ = ["segment_changes"]

_Values = NDArray[np.float64]


def segment_changes(pair: VersionPair, decisions: Decisions) -> list[Change]:
    """Return, for each segment, whether more changes than for all others, sure ones first.

    Welch's test, corrected for the number of comparisons (Benjamini-Hochberg).
    """
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
                compared.append(Compared(segment, name, inside, outside))
    found = []
    for one in differences(compared):
        told = _told(one)
        if told.sure:
            values, within = measures[one.measure], one.segment.within
            shown = _examples(pair, one.measure, values, within, told)
            told = told.model_copy(update={"examples": shown})
        found.append(told)
    return sorted(found, key=lambda one: not one.sure)


def _told(found: Difference) -> Change:
    words, name = found.segment.words, found.measure
    values = f"{percent(found.mean)}, and {percent(found.rest)} for all others"
    if "hit@10" in name:
        values = f"{found.mean:+.3f}, and {found.rest:+.3f} for all others"
    return Change(
        name=f"segment.{figure_name(words)}.{figure_name(name)}",
        chapter="segments",
        sentence=f"{words}: {name} is {values} {found.words}",
        sure=found.sure,
        change=found.mean - found.rest,
        low=found.low,
        high=found.high,
        unit="value",
        control=0.0,
        control_words="no difference",
        n=found.n,
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
