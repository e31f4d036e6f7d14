"""Defaults of RecBole itself, read from the files in its package; ours are in ``FAMILIES``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from recexplainer.errors import StageError, nearest

__all__ = ["check_settings", "default_settings", "has_model"]

_OURS: Mapping[str, str] = {
    "loss_type": "the loss is part of how the adapter trains the model",
    "transform": "the adapter makes the training examples",
    "double_tower": "the adapter needs both towers",
    "use_pretrain": "it loads a pickle, which can run code",
    "mf_pretrain_path": "it loads a pickle, which can run code",
    "mlp_pretrain_path": "it loads a pickle, which can run code",
}
"""Hyper-parameters that are not to be set, and why."""


@cache
def default_settings(model: str) -> Mapping[str, Any]:
    """Return RecBole's defaults of ``model``: hyper-parameter to value. RecBole is not imported."""
    text = (_folder() / f"{model}.yaml").read_text(encoding="utf-8")
    read: Mapping[str, Any] = yaml.safe_load(text) or {}
    return {name: _number(value) for name, value in read.items()}


def has_model(model: str) -> bool:
    """Whether RecBole has a model of that name."""
    return model in {file.stem for file in _folder().glob("*.yaml")}


def _folder() -> Path:
    """Return where RecBole keeps its defaults, one file per model."""
    spec = find_spec("recbole")
    if spec is None or spec.origin is None:
        raise StageError("RecBole is not installed, though recexplainer needs it: reinstall it.")
    return Path(spec.origin).parent / "properties" / "model"


def check_settings(model: str, settings: Mapping[str, Any], options: Iterable[str]) -> None:
    """Check hyper-parameters against RecBole's own of the model.

    Args:
        model: RecBole's name of it.
        settings: hyper-parameter to value.
        options: names that are options beside ``settings``, for who wrote them at a wrong place.

    Raises:
        ValueError: one is unknown, set by us, or of another type than its default.
    """
    defaults = default_settings(model)
    accepted = [name for name in defaults if name not in _OURS]
    for name, value in settings.items():
        if name in _OURS and name in defaults:
            raise ValueError(f"settings.{name} is not to be set for {model}: {_OURS[name]}")
        if name not in defaults:
            raise ValueError(_unknown(model, name, accepted, options))
        if not _alike(value, defaults[name]):
            raise ValueError(
                f"settings.{name} of {model} must be {_kind(defaults[name])}, such as RecBole's "
                f"default {defaults[name]!r}, got {value!r}"
            )


def _unknown(model: str, name: str, accepted: Iterable[str], options: Iterable[str]) -> str:
    if name in options:
        return f"settings.{name}: is an option of its own, beside settings, not within"
    names = list(accepted)
    close = nearest(name, names)
    guess = f" did you mean {close[0]!r}?" if close else ""
    ordered = [*close, *(other for other in names if other not in close)]
    listed = ", ".join(ordered) or "none"
    return f"settings.{name}: unknown hyper-parameter of {model};{guess} accepted: {listed}"


def _number(value: Any) -> Any:
    """Return what YAML 1.1 takes for text and RecBole for a number, such as ``1e-5``."""
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return value


def _alike(value: Any, default: Any) -> bool:
    if default is None:
        return True
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, int | float)
    if isinstance(default, list):
        return isinstance(value, list | tuple) and all(
            _alike(entry, default[0]) for entry in value if default
        )
    return isinstance(value, type(default))


def _kind(default: Any) -> str:
    if isinstance(default, bool):
        return "true or false"
    kinds = {int: "a whole number", float: "a number", list: "a list", str: "text"}
    return kinds.get(type(default), "of its type")
