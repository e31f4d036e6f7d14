"""Projector of the target's vectors into the language model's space (paper, section 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Projector"]


class Projector(nn.Module):
    """Linear, GELU, Linear: a target's vector into the language model's token space (eq. 1).

    Vectors are standardized first with the mean and deviation of the training vectors, so that the
    scale the target happens to use does not matter.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, d_rec: int, d_llm: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(d_rec))
        self.register_buffer("deviation", torch.ones(d_rec))
        self.inner = nn.Linear(d_rec, d_llm)
        self.outer = nn.Linear(d_llm, d_llm)

    def standardize_by(self, vectors: Tensor) -> None:
        """Take mean and deviation from ``vectors`` ``(N, d_rec)``; fewer than two have none."""
        if len(vectors) < 2:
            return
        self.mean.copy_(vectors.mean(0))
        self.deviation.copy_(vectors.std(0).clamp_min(1e-6))

    def forward(self, vectors: Tensor) -> Tensor:
        """Map ``(..., d_rec)`` to ``(..., d_llm)``."""
        standard = (vectors - self.mean) / self.deviation
        projected: Tensor = self.outer(functional.gelu(self.inner(standard)))
        return projected
