"""The same recommender with its weights in random order, as a control.

Source: Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018. Reordering keeps the size
and spread of every weight matrix, so that scores stay in their range.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

__all__ = ["redraw_weights"]


def redraw_weights(source: Path, destination: Path, seed: int) -> int:
    """Copy what a target saved, the entries of each of its weight tensors in random order.

    Args:
        source: a folder that ``Target.save`` wrote; it is not changed.
        destination: a folder that does not exist yet.
        seed: of the order.

    Returns:
        How many tensors were reordered; 0 where the target keeps no weights of its own.
    """
    shutil.copytree(source, destination)
    rng = np.random.default_rng(seed)
    reordered = 0
    for path in sorted(destination.rglob("*.safetensors")):
        tensors = load_file(path)
        learned = [
            name
            for name in sorted(tensors)
            if np.issubdtype(tensors[name].dtype, np.floating) and tensors[name].size > 1
        ]
        for name in learned:
            tensor = tensors[name]
            tensors[name] = rng.permutation(tensor.reshape(-1)).reshape(tensor.shape)
        save_file(tensors, path)
        reordered += len(learned)
    return reordered
