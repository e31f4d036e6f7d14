"""Quality of two versions on what the same users took next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.versions.paired_lines import PairedLine, paired_changes
from recexplainer.audit.versions.version_change import Change
from recexplainer.audit.versions.version_pair import FEWEST_USERS, VersionPair

__all__ = ["quality_changes"]


def quality_changes(pair: VersionPair) -> list[Change]:
    """Return the change of hit@10 and ndcg@10 among users of whom both data sets say the same.

    For others the last item of one may be what the other was trained on.
    """
    if not pair.known_to_both or pair.unchanged.sum() < FEWEST_USERS:
        return []
    answers = [one.answers for one in pair.subjects]

    def known(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(pair.unchanged, values, np.nan)

    lines = (
        PairedLine(
            "hit@10",
            "The item that users took last is in the first ten of {} of users (hit@10)",
            known(answers[0].hits),
            known(answers[1].hits),
        ),
        PairedLine(
            "ndcg@10",
            "How high it is listed (ndcg@10) is {}",
            known(answers[0].gains),
            known(answers[1].gains),
            "value",
        ),
    )
    return paired_changes(pair, "quality", lines)
