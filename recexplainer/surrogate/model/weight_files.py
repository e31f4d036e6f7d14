"""The files that hold a model's weights, looked at by their heads: all there, and all of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open

from recexplainer.errors import UserError

__all__ = ["require_weights"]

_WHOLE = ("model.safetensors", "pytorch_model.bin")
_INDICES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
_POINTER = b"version https://git-lfs"


def require_weights(folder: Path) -> None:
    """Look for weights as transformers does, without reading them.

    Raises:
        UserError: names the files that are missing, cut short or not what they should be.
    """
    for whole, index in zip(_WHOLE, _INDICES, strict=True):
        if (folder / whole).is_file():
            _require_files(folder, {whole: ()})
            return
        if (folder / index).is_file():
            _require_files(folder, _shards(folder / index))
            return
    raise UserError(f"the folder {folder} holds no weights (no {_WHOLE[0]})")


def _shards(index: Path) -> Mapping[str, Iterable[str]]:
    """Return file name to the names of the tensors that an index says are in it."""
    shards: dict[str, list[str]] = {}
    try:
        weight_map = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
        for tensor, name in weight_map.items():
            shards.setdefault(name, []).append(tensor)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{index} is damaged ({type(error).__name__}: {error}); fetch it again"
        ) from None
    return shards


def _require_files(folder: Path, shards: Mapping[str, Iterable[str]]) -> None:
    missing = sorted(name for name in shards if not (folder / name).is_file())
    wrong = [f"{name} is missing" for name in missing]
    for name, tensors in shards.items():
        fault = None if name in missing else _fault(folder / name, tensors)
        if fault is not None:
            wrong.append(f"{name} {fault}")
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise UserError(f"the weights in {folder}: {'; '.join(wrong[:3])}{more}; fetch them again")


def _fault(path: Path, tensors: Iterable[str]) -> str | None:
    """Return what is wrong with a file of weights, or None."""
    with path.open("rb") as file:
        start = file.read(len(_POINTER))
    if not start:
        return "is empty"
    if start == _POINTER:
        return "is a pointer of Git LFS, not the file itself (git lfs pull)"
    if path.suffix != ".safetensors":
        return None
    try:
        with safe_open(path, "numpy") as file:
            lost = sorted(set(tensors) - set(file.keys()))
    except (SafetensorError, OSError) as error:
        return f"is cut short or damaged ({error})"
    return f"lacks {len(lost)} tensors, such as {lost[0]}" if lost else None
