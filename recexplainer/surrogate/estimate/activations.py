"""Activation memory of a forward pass, counted on tensors without data."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd.graph import saved_tensors_hooks
from torch.func import functional_call

__all__ = ["kept_bytes"]


def kept_bytes(layers: Any, *, rows: int, length: int, half: bool) -> float | None:
    """Return the bytes that autograd keeps of the layers' work on a micro-batch, weights apart.

    Args:
        layers: a language model without its head, on the ``meta`` device; it may hold low-rank
            updates.
        rows: B.
        length: T.
        half: whether it is computed in 16 bits by autocast.

    Returns:
        None for an architecture whose course depends on what it computes.
    """
    kept: dict[int, Any] = {}
    with FakeTensorMode(allow_non_fake_inputs=True):
        weights = {
            name: torch.empty_like(held, device="cpu").requires_grad_(held.requires_grad)
            for name, held in (*layers.named_parameters(), *layers.named_buffers())
        }
        own = {_place(weight) for weight in weights.values()}

        def note(tensor: Tensor) -> Tensor:
            if _place(tensor) not in own:
                kept[_place(tensor)] = tensor.untyped_storage()  # held, so that no place is reused
            return tensor

        embedded = torch.empty(rows, length, layers.config.hidden_size).requires_grad_()
        try:
            with (
                saved_tensors_hooks(note, lambda tensor: tensor),
                torch.autocast("cpu", torch.bfloat16, enabled=half),
            ):
                functional_call(
                    layers, weights, (), {"inputs_embeds": embedded, "use_cache": False}
                )
        except RuntimeError:
            return None
    return float(sum(storage.nbytes() for storage in kept.values()))


def _place(tensor: Tensor) -> int:
    """Return what tells a tensor's memory from others'; views share it."""
    return int(tensor.untyped_storage()._cdata)  # noqa: SLF001  # there is no public name for it
