"""Thirds of the items by popularity: on which of them two versions decide otherwise more often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.estimate import estimated, paired_p, percent
from recexplainer.audit.versions.decision_flips import SEEN, Decisions
from recexplainer.audit.versions.version_change import Change
from recexplainer.audit.versions.version_pair import VersionPair

__all__ = ["item_third_changes"]

_RATE = 0.05


def item_third_changes(pair: VersionPair, decisions: Decisions) -> list[Change]:
    """Return whether decisions change more often on popular items than on rare ones, by user.

    Thirds by how many users of the first data set took an item; equal counts in catalogue order.
    """
    order = np.argsort(pair.subjects[0].split.popularity, kind="stable")
    third = max(1, len(order) // 3)
    rare = _shares(decisions, order[:third])
    popular = _shares(decisions, order[-third:])
    known = np.isfinite(rare) & np.isfinite(popular)
    if not known.any():
        return []
    gains = popular[known] - rare[known]
    found = estimated(gains, seed=pair.seed, bounds=(-1.0, 1.0))
    sure = paired_p(gains, pair.seed) <= _RATE and bool(found.beside(0.0))
    if sure:
        told = "more often" if found.mean > 0 else "less often"
    else:
        told = "not measurably more or less often"
    sentence = (
        f"On the most popular third of the items decisions change {told} than on the rarest third: "
        f"{percent(float(popular[known].mean()))} against {percent(float(rare[known].mean()))} "
        f"(difference {found.mean:+.3f}, {found.low:+.3f} to {found.high:+.3f})."
    )
    return [
        Change(
            name="popular-items-changed",
            chapter="decisions",
            sentence=sentence,
            sure=sure,
            unit="value",
            control=0.0,
            control_words="no difference",
        ).with_estimate(found)
    ]


def _shares(decisions: Decisions, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of each user's candidates among ``rows`` that get another decision."""
    first, second = decisions.first[:, rows], decisions.second[:, rows]
    free = (first != SEEN).sum(axis=1)
    other = (first != second).sum(axis=1)
    return np.where(free > 0, other / np.maximum(free, 1), np.nan)
