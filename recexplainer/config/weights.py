"""How much of each alignment task a surrogate is taught when the user does not say."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = [
    "PAPER_WEIGHTS",
    "TINY_COMBINED_SHARES",
    "TINY_WEIGHTS",
    "default_combined_shares",
    "default_weights",
]

PAPER_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "next_item_retrieval": 1.0,
        "item_ranking": 1.0,
        "interest_classification": 1.0,
        "item_discrimination": 1.0,
        "instruction_following": 1.0,
        "history_reconstruction": 1.0,
        "rationale": 0.0,
    }
)
"""Pretrained backbones: the paper's six tasks, every example once per pass (3.2, Table 4)."""

TINY_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "next_item_retrieval": 0.13,
        "item_ranking": 0.38,
        "interest_classification": 13.0,
        "item_discrimination": 1.0,
        "instruction_following": 1.0,
        "history_reconstruction": 0.06,
        "rationale": 0.18,
    }
)
"""The built-in backbone learns language and target at once, in minutes on a CPU: the shares were
tuned on ml-100k until every measured task stood clear of its baselines in that time. ``rationale``
teaches it to explain."""


TINY_COMBINED_SHARES: Mapping[str, float] = MappingProxyType(
    {"item_ranking": 0.35, "interest_classification": 0.5}
)
"""Prompts that name a whole history are 2.4 times as long as those with its vector alone, and teach
little more where only the items differ: with the same number of tokens, held-out rankings began
with the right title in 78 instead of 67 % of cases (ml-100k, a third of a training)."""


def default_combined_shares(backbone: str) -> Mapping[str, float]:
    """Return task name to the share of examples also written combined, for a backbone."""
    return TINY_COMBINED_SHARES if backbone == "tiny" else {}


def default_weights(backbone: str) -> Mapping[str, float]:
    """Return task name to weight for a backbone, as named in ``surrogate.backbone``."""
    return TINY_WEIGHTS if backbone == "tiny" else PAPER_WEIGHTS
