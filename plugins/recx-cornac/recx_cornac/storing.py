"""Weights on disk: one safetensors file that says what it was trained with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from recexplainer.errors import RunFolderError
from recexplainer.plugins.interfaces import Options, TargetKit

__all__ = ["Tensors", "load_tensors", "save_tensors"]

Tensors = Mapping[str, NDArray[np.float32]]
_FILE = "weights.safetensors"


def save_tensors(
    folder: Path, tensors: Tensors, target: str, options: Options, kit: TargetKit
) -> None:
    """Write ``tensors`` and what they depend on."""
    contiguous = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    save_file(contiguous, folder / _FILE, metadata=_description(target, options, kit))


def load_tensors(folder: Path, target: str, options: Options, kit: TargetKit) -> Tensors:
    """Return what ``save_tensors`` wrote.

    Raises:
        RunFolderError: nothing was saved there, or with other items or options.
    """
    path = folder / _FILE
    if not path.is_file():
        raise RunFolderError(f"there is no {path}; fit the target again.")
    with safe_open(path, framework="numpy") as saved:
        found, expected = saved.metadata() or {}, _description(target, options, kit)
        differing = [key for key in expected if found.get(key) != expected[key]]
        if differing:
            raise RunFolderError(
                f"{path} was saved with other {', '.join(differing)} than this target was built "
                "with; build it with the same, or fit it again."
            )
        return {key: saved.get_tensor(key) for key in saved.keys()}  # noqa: SIM118


def _description(target: str, options: Options, kit: TargetKit) -> dict[str, str]:
    return {
        "target": target,
        "options": options.model_dump_json(exclude={"threads"}),
        "max_history": str(kit.max_history),
        "items": json.dumps(kit.catalogue.ids),
    }
