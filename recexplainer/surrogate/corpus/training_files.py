"""Names of the files of a training folder, which is all that a training reads and writes."""

from __future__ import annotations

from typing import Final

__all__ = ["ENCODED", "INITIAL", "PULLS", "PULL_NETWORK", "REPORT", "SETTINGS", "TRAINED"]

SETTINGS: Final = "settings.json"
"""What the training depends on; a folder that has it is a training folder."""
ENCODED: Final = "encoded.safetensors"
"""The corpus in tokens."""
INITIAL: Final = "initial"
"""The language model before training."""
PULLS: Final = "pulls.npz"
"""Samples of how far titles pull the target's scores."""
PULL_NETWORK: Final = "pull_network.safetensors"
"""What has learned from these; a copy lies beside the language model that was trained."""
TRAINED: Final = "model"
"""The language model after it."""
REPORT: Final = "training.jsonl"
"""How the training went; written last."""
