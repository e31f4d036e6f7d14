"""Low-rank adapters made elsewhere: whether one fits the model that it is to be merged into."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from safetensors import safe_open

from recexplainer.errors import UserError

__all__ = ["require_fitting"]

_BEFORE, _LOWER = "base_model.model.", ".lora_A.weight"


def require_fitting(folder: Path, base: Any, named: str) -> None:
    """Compare the adapter in ``folder`` with its base, by names and widths of layers.

    Args:
        folder: with ``adapter_model.safetensors``.
        base: the language model below it; its weights may be on the device ``meta``.
        named: what the base is called.

    Raises:
        UserError: the base has no such layer, or one of another width.
    """
    layers = {name: module for name, module in base.named_modules() if hasattr(module, "weight")}
    with safe_open(folder / "adapter_model.safetensors", "numpy") as file:
        updated = [name for name in file.keys() if name.endswith(_LOWER)]  # noqa: SIM118
        widths = {name: file.get_slice(name).get_shape()[-1] for name in updated}
    for name, width in widths.items():
        layer = name.removeprefix(_BEFORE).removesuffix(_LOWER)
        if layer not in layers:
            fault = "is not in that model"
        elif width == _width(layers[layer]):
            continue
        else:
            fault = f"reads a width of {width}, and in that model {_width(layers[layer])}"
        raise UserError(
            f"the adapter in {folder} does not fit {named}: its layer {layer} {fault}; say where "
            "the base is with --set surrogate.base=FOLDER"
        )


def _width(layer: Any) -> int:
    """Return how wide a layer's input is; GPT-2's layers hold their weights the other way round."""
    found: int = layer.in_features if hasattr(layer, "in_features") else layer.weight.shape[0]
    return found
