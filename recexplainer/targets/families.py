"""The RecBole models that can be explained: each is a class of options, and nothing more.

Importing this module costs nothing; RecBole and torch are loaded when a target is built.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, model_validator

from recexplainer.plugins.interfaces import Options, TargetKit

if TYPE_CHECKING:
    from recexplainer.targets.sequential import SequentialTarget

__all__ = ["SasRecOptions", "SequentialOptions", "build_sequential"]


class SequentialOptions(Options):
    """How a sequential model of RecBole is trained; a family adds its own hyper-parameters.

    A family fits if its ``forward`` reads a history from left to right, keeps one position with
    ``gather_indexes``, and scores by the dot product with ``item_embedding`` (SASRec, GRU4Rec).
    """

    model: ClassVar[str]
    """RecBole's name of the model."""

    learning_rate: float = Field(default=2e-3, gt=0, le=1)
    """Step size of Adam."""
    batch_size: int = Field(default=64, ge=1)
    """Windows per step; small batches are also the faster ones on a CPU."""
    max_epochs: int = Field(default=60, ge=1)
    """Passes over the histories at most."""
    patience: int = Field(default=5, ge=1)
    """Epochs without a better validation NDCG@10 before training stops."""
    stride: int | None = Field(default=None, ge=1)
    """Interactions between the ends of two windows of a history; None means ``max_history``."""

    threads: int = Field(default=1, ge=1)
    """CPU threads, in training and when asked. The steps are small: a second thread gains a tenth
    on idle cores and loses a multiple on busy ones; more pay off for large catalogues."""

    @abstractmethod
    def settings(self) -> Mapping[str, Any]:
        """Return the model's hyper-parameters by RecBole's names."""


class SasRecOptions(SequentialOptions):
    """SASRec (Kang and McAuley, ICDM 2018): self-attention over the history."""

    model: ClassVar[str] = "SASRec"

    hidden_size: int = Field(default=64, ge=1)
    """d_rec, the width of f's vectors."""
    layers: int = Field(default=2, ge=1)
    """Transformer blocks."""
    heads: int = Field(default=2, ge=1)
    """Attention heads; divides ``hidden_size``."""
    inner_size: int = Field(default=256, ge=1)
    """Width of the feed-forward layers."""
    hidden_dropout: float = Field(default=0.3, ge=0, lt=1)
    """Dropout of embeddings and layer outputs, in training only."""
    attention_dropout: float = Field(default=0.1, ge=0, lt=1)
    """Dropout of attention weights, in training only."""

    @model_validator(mode="after")
    def _heads_divide_width(self) -> Self:
        if self.hidden_size % self.heads:
            raise ValueError(
                f"hidden_size must be a multiple of heads, got {self.hidden_size} and {self.heads}"
            )
        return self

    def settings(self) -> Mapping[str, Any]:
        """Return the model's hyper-parameters by RecBole's names."""
        return {
            "hidden_size": self.hidden_size,
            "n_layers": self.layers,
            "n_heads": self.heads,
            "inner_size": self.inner_size,
            "hidden_dropout_prob": self.hidden_dropout,
            "attn_dropout_prob": self.attention_dropout,
            "hidden_act": "relu",
            "layer_norm_eps": 1e-12,
            "initializer_range": 0.02,
        }


def build_sequential(options: SequentialOptions, kit: TargetKit) -> SequentialTarget:
    """Return the untrained target that ``options`` describe; loads torch and RecBole."""
    from recexplainer.targets.sequential import SequentialTarget

    return SequentialTarget(options, kit)
