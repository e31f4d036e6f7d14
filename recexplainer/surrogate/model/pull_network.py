"""Network that estimates how far each title of a history pulls the target's score of an item.

A language model that is trained for minutes on all tasks learns which titles a user had, and only
roughly which of them speak for an item: that depends on where a title stands, on what stands beside
it, and on the item. A small encoder of the history that does nothing else learns it in about a
minute, from the same answers of the target (as FastSHAP learns attributions: Jethani et al., 2022).
It reads the target's vectors of items, or those found in its scores; from titles alone it learns
far less.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import torch
from pydantic import BaseModel, ConfigDict
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from recexplainer.errors import RunFolderError
from recexplainer.runs.artifacts import replacing

__all__ = ["NO_ITEM", "PullNetwork", "PullSize", "right_aligned"]

NO_ITEM = -1
"""Stands before the first item of a history that is shorter than others."""

_AGE_LENGTH = 0.3
"""Deviation of ages at the start; vectors of items have 1."""


class PullSize(BaseModel):
    """Shape of a network.

    Attributes:
        d_rec: width of the items' vectors.
        ages: how many items a history has at most; older ones count as the oldest.
        width: of the encoder's states.
        layers: of the encoder.
        heads: of each layer's attention.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    d_rec: int
    ages: int
    width: int = 128
    layers: int = 2
    heads: int = 4


class PullNetwork(nn.Module):
    """Encoder of a history, read by a query of the item in question.

    Args:
        size: of the network.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, size: PullSize) -> None:
        super().__init__()
        self.size = size
        width = size.width
        self.register_buffer("mean", torch.zeros(size.d_rec))
        self.register_buffer("deviation", torch.ones(()))
        self.seen = nn.Linear(size.d_rec, width)
        self.age = nn.Embedding(size.ages, width)
        nn.init.normal_(self.age.weight, std=_AGE_LENGTH)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width, size.heads, 4 * width, 0.0, "gelu", batch_first=True, norm_first=True
            )
            for _ in range(size.layers)
        )
        self.norm, self.key = nn.LayerNorm(width), nn.Linear(width, width)
        hidden = nn.Linear(size.d_rec, width)
        self.query = nn.Sequential(hidden, nn.GELU(), nn.Linear(width, width))
        self.plain_query = nn.Linear(size.d_rec, width)

    def standardize_by(self, vectors: Tensor) -> None:
        """Take the mean, and one deviation of all numbers, from ``vectors`` ``(I, d_rec)``."""
        self.mean.copy_(vectors.mean(0))
        self.deviation.copy_((vectors - self.mean).std().clamp_min(1e-6))

    def forward(self, histories: Tensor, items: Tensor, vectors: Tensor) -> Tensor:
        """Return the pull of each place of a history on each item, ``(B, K, L)``.

        A pull is a share of the strongest one's size, above 0 where the title lifts the item's
        score; what is returned where there is no title means nothing.

        Args:
            histories: ``(B, L)``, rows of items, oldest first, ``NO_ITEM`` before them. None is
                empty.
            items: ``(B, K)``, rows of the items in question.
            vectors: ``(I, d_rec)``, the target's of all items.
        """
        length = histories.shape[1]
        ages = torch.arange(length - 1, -1, -1, device=histories.device)
        states = self.seen(self._standard(vectors[histories.clamp_min(0)]))
        states = states + self.age(ages.clamp_max(self.size.ages - 1))
        missing = histories == NO_ITEM
        for layer in self.layers:
            states = layer(states, src_key_padding_mask=missing)
        asked = self._standard(vectors[items])
        queries = self.query(asked) + self.plain_query(asked)
        pulls: Tensor = queries @ self.key(self.norm(states)).mT * self.size.width**-0.5
        return pulls

    def _standard(self, vectors: Tensor) -> Tensor:
        """Standardize those that are read alone: a catalogue may be large."""
        return (vectors - self.mean) / self.deviation

    def save(self, path: Path) -> None:
        """Write weights and size as one safetensors file, atomically."""
        with replacing(path) as partial:
            weights = {name: held.contiguous() for name, held in self.state_dict().items()}
            save_file(weights, partial, {"size": self.size.model_dump_json()})

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return what ``save`` wrote.

        Raises:
            RunFolderError: the file is damaged.
        """
        try:
            with safe_open(path, "pt") as file:
                size = PullSize.model_validate(json.loads(file.metadata()["size"]))
                weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            network = cls(size)
            network.load_state_dict(weights)
        except Exception as error:
            raise RunFolderError(f"{path} is damaged: {error}") from error
        return network.eval()


def right_aligned(histories: Sequence[Sequence[int]], longest: int) -> Tensor:
    """Return histories ``(B, L)``, their latest items last; at most ``longest`` of each."""
    kept = [list(history)[-longest:] for history in histories]
    length = max(map(len, kept))
    return torch.tensor([[NO_ITEM] * (length - len(own)) + own for own in kept])
