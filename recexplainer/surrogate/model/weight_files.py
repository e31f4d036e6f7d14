"""The files that hold a model's weights, looked at by their heads: all there, and all of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open

from recexplainer.errors import UserError

__all__ = ["has_weights", "require_adapter_weights", "require_weights"]

_WHOLE, _INDEX = "model.safetensors", "model.safetensors.index.json"
_ADAPTER = "adapter_model.safetensors"
_PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json", "adapter_model.bin")
_UNFINISHED = ".cache/huggingface/download"
"""Where `hf download --local-dir` keeps what has not come whole, as ``*.incomplete``."""
_POINTER = b"version https://git-lfs"


def has_weights(folder: Path) -> bool:
    """Whether ``folder`` holds the weights of a whole model, or a list of the files they are in."""
    return any((folder / name).is_file() for name in (_WHOLE, _INDEX))


def require_weights(folder: Path) -> None:
    """Look for weights as transformers does, without reading them.

    Raises:
        UserError: names the files that are missing, cut short or not what they should be.
    """
    if (folder / _WHOLE).is_file():
        _require_files(folder, {_WHOLE: ()})
    elif (folder / _INDEX).is_file():
        _require_files(folder, _shards(folder / _INDEX))
    else:
        raise _no_weights(folder, _WHOLE)


def require_adapter_weights(folder: Path) -> None:
    """Look for the weights of an adapter likewise. Raises UserError."""
    if not (folder / _ADAPTER).is_file():
        raise _no_weights(folder, _ADAPTER)
    _require_files(folder, {_ADAPTER: ()})


def _no_weights(folder: Path, wanted: str) -> UserError:
    pickles = [name for name in _PICKLES if (folder / name).is_file()]
    if pickles:
        return UserError(
            f"the folder {folder} holds its weights as a pickle ({pickles[0]}), which may run code "
            f"when it is opened, so it is not; fetch a revision with {wanted}, or, where you trust "
            "it, load it in transformers and save_pretrained it"
        )
    unfinished = any((folder / _UNFINISHED).glob("**/*.incomplete"))
    again = "; its download was not finished: give it again" if unfinished else ""
    return UserError(f"the folder {folder} holds no weights (no {wanted}){again}")


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
