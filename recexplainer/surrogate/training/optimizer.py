"""Optimizers: AdamW, or Muon for the matrices between a small model's layers.

Muon makes each update of a matrix orthogonal, so that no direction waits for the others. The tiny
model learns in a third of the steps with it what it learns late (docs/decisions/0002). Embeddings,
norms and projectors stay with AdamW, as its authors advise. PyTorch's own iterates in bfloat16;
where the machine is faster in float32, the same update is computed in that.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Muon, Optimizer

__all__ = ["Float32Muon", "MuonAndAdamW", "build_optimizer"]

_BETAS = (0.9, 0.98)
_MUON_TO_ADAMW = 4.7
"""Muon's learning rate in those of AdamW. Rates of 0.014 to 0.02 beside AdamW's 0.003 did equally
well on ml-100k, 0.04 worse."""


class Float32Muon(Muon):
    """PyTorch's Muon with its iteration in float32, over all matrices of one shape at once.

    The settings, the state and the update are those of ``torch.optim.Muon`` (with
    ``adjust_lr_fn="original"``), whose bfloat16 iteration most CPUs emulate, 20 times as slowly.
    """

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Update all matrices."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            like: dict[tuple[int, ...], list[Tensor]] = defaultdict(list)
            for matrix in group["params"]:
                if matrix.grad is not None:
                    like[tuple(matrix.shape)].append(matrix)
            for matrices in like.values():
                self._update(matrices, group)
        return loss

    def _update(self, matrices: list[Tensor], group: dict[str, Any]) -> None:
        """Update matrices of one shape."""
        momentum, gradients = group["momentum"], torch.stack([m.grad for m in matrices])  # type: ignore[misc]
        for matrix in matrices:
            self.state[matrix].setdefault("momentum_buffer", torch.zeros_like(matrix))
        buffers = [self.state[matrix]["momentum_buffer"] for matrix in matrices]
        averages = torch.stack(buffers).lerp_(gradients, 1 - momentum)
        torch._foreach_copy_(buffers, list(averages))  # as torch.optim does
        update = gradients.lerp_(averages, momentum) if group["nesterov"] else averages
        rows, columns = matrices[0].shape
        rate = group["lr"] * math.sqrt(max(1.0, rows / columns))
        moved = _orthogonal(update, group["ns_coefficients"], group["ns_steps"], group["eps"])
        torch._foreach_mul_(matrices, 1 - group["lr"] * group["weight_decay"])
        torch._foreach_add_(matrices, list(moved), alpha=-rate)


def _orthogonal(
    matrices: Tensor, coefficients: tuple[float, float, float], steps: int, eps: float
) -> Tensor:
    """Return ``matrices`` ``(N, m, n)`` with all singular values near 1 (Newton-Schulz iteration).

    As in ``torch.optim``: the quintic iteration of Jordan et al. (Muon, 2024).
    """
    linear, cubic, quintic = coefficients
    tall = matrices.shape[1] > matrices.shape[2]
    found = matrices.mT if tall else matrices  # the smaller side's products are the cheaper ones
    found = found / found.norm(dim=(1, 2), keepdim=True).clamp_min(eps)
    for _ in range(steps):
        gram = found @ found.mT
        gram = torch.baddbmm(gram, gram, gram, beta=cubic, alpha=quintic)
        found = torch.baddbmm(found, gram, found, beta=linear)
    return found.mT if tall else found


class MuonAndAdamW(Optimizer):
    """Muon for some matrices and AdamW for all other weights, as one optimizer.

    Args:
        matrices: what Muon updates, each of two dimensions.
        others: what AdamW updates.
        lr: AdamW's learning rate; Muon's is a fixed multiple.
        weight_decay: of both.
        precision: the compute type; Muon iterates in bfloat16 where it is that, else in float32.
    """

    def __init__(
        self,
        matrices: list[nn.Parameter],
        others: list[nn.Parameter],
        lr: float,
        weight_decay: float = 0.0,
        precision: str = "float32",
    ) -> None:
        muon_rate = _MUON_TO_ADAMW * lr
        muon = Muon if precision == "bfloat16" else Float32Muon
        self._parts: tuple[Optimizer, ...] = (
            muon(matrices, lr=muon_rate, weight_decay=weight_decay, adjust_lr_fn="original"),
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


def build_optimizer(
    model: Any, lr: float, weight_decay: float, precision: str = "float32"
) -> MuonAndAdamW:
    """Return the optimizer of a model that is trained whole; Muon takes its layers' matrices.

    Args:
        model: a surrogate.
        lr: AdamW's learning rate.
        weight_decay: of both.
        precision: the compute type of training.
    """
    layers = model.language_model.base_model.layers
    matrices = [weight for weight in layers.parameters() if weight.ndim == 2]
    taken = {id(weight) for weight in matrices}
    others = [weight for weight in model.parameters() if id(weight) not in taken]
    return MuonAndAdamW(matrices, others, lr, weight_decay, precision)
