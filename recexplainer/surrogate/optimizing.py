"""What updates the weights: AdamW, or Muon for the matrices between a small model's layers.

Muon makes each update of a matrix orthogonal, so that no direction waits for the others. The tiny
model learns in a third of the steps with it what it learns late (docs/decisions/0002). It is
PyTorch's own; embeddings, norms and projectors stay with AdamW, as its authors advise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.optim import AdamW, Muon, Optimizer

__all__ = ["MuonAndAdamW", "build_optimizer"]

_BETAS = (0.9, 0.98)
_MUON_TO_ADAMW = 4.7
"""Muon's learning rate in those of AdamW. Rates of 0.014 to 0.02 beside AdamW's 0.003 did equally
well on ml-100k, 0.04 worse."""


class MuonAndAdamW(Optimizer):
    """Muon for some matrices and AdamW for all other weights, as one optimizer.

    Args:
        matrices: what Muon updates, each of two dimensions.
        others: what AdamW updates.
        lr: AdamW's learning rate; Muon's is a fixed multiple.
        weight_decay: of both.
    """

    def __init__(
        self,
        matrices: list[nn.Parameter],
        others: list[nn.Parameter],
        lr: float,
        weight_decay: float = 0.0,
    ) -> None:
        muon_rate = _MUON_TO_ADAMW * lr
        self._parts: tuple[Optimizer, ...] = (
            Muon(matrices, lr=muon_rate, weight_decay=weight_decay, adjust_lr_fn="original"),
            AdamW(others, lr=lr, betas=_BETAS, weight_decay=weight_decay, fused=True),
        )
        # Groups are shared, not copied: whoever schedules these learning rates sets the parts'.
        super().__init__([group for part in self._parts for group in part.param_groups], {})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Update all weights."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for part in self._parts:
            part.step()
        return loss

    def state_dict(self) -> dict[str, Any]:
        """Return both parts' states, in order."""
        return {"parts": [part.state_dict() for part in self._parts]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what ``state_dict`` returned."""
        for part, state in zip(self._parts, state_dict["parts"], strict=True):
            part.load_state_dict(state)
        self.param_groups = [group for part in self._parts for group in part.param_groups]


def build_optimizer(model: Any, lr: float, weight_decay: float) -> MuonAndAdamW:
    """Return the optimizer of a model that is trained whole; Muon takes its layers' matrices.

    Args:
        model: a surrogate.
        lr: AdamW's learning rate.
        weight_decay: of both.
    """
    layers = model.language_model.base_model.layers
    matrices = [weight for weight in layers.parameters() if weight.ndim == 2]
    taken = {id(weight) for weight in matrices}
    others = [weight for weight in model.parameters() if id(weight) not in taken]
    return MuonAndAdamW(matrices, others, lr, weight_decay)
