"""The encoded corpus as flat arrays, and batches of like lengths."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, fields
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from torch.utils.data import Dataset, Sampler

from recexplainer.records import Rendered
from recexplainer.surrogate.model.token_encoder import Encoded

__all__ = ["EncodedCorpus", "LengthBatches", "RankBatches"]

_ARRAYS = {
    "offsets": ("ids", "labelled"),
    "context_offsets": ("contexts",),
    "item_offsets": ("items",),
    "liked_offsets": ("liked", "liked_shares"),
}
"""Which arrays of an encoded corpus go by which offsets."""

_AT_ONCE = 100_000
"""Examples that are taken together: the places of all their tokens are held meanwhile."""

_MEGA_BATCH = 32
"""Batches sorted by length together: enough for little padding, few enough to stay mixed."""


@dataclass(frozen=True)
class EncodedCorpus(Dataset[dict[str, NDArray[Any]]]):
    """Examples as flat arrays; example ``k`` spans ``offsets[k]`` to ``offsets[k + 1]``.

    Attributes:
        ids, labelled: token ids and whether each carries loss, ``(sum of T,)``.
        offsets: ``(N + 1,)`` into them.
        contexts, context_offsets: rows of the contexts whose vectors fill the user slots.
        items, item_offsets: rows of the items whose vectors fill the item slots.
        liked, liked_shares, liked_offsets: tokens that may begin the answer, each with its share of
            1; none where the answer is the only right one.
    """

    ids: NDArray[np.int32]
    labelled: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    contexts: NDArray[np.int32]
    context_offsets: NDArray[np.int64]
    items: NDArray[np.int32]
    item_offsets: NDArray[np.int64]
    liked: NDArray[np.int32]
    liked_shares: NDArray[np.float32]
    liked_offsets: NDArray[np.int64]

    @classmethod
    def build(
        cls,
        encoded: Sequence[Encoded],
        rendered: Sequence[Rendered],
        soft: Sequence[Mapping[int, float]] | None = None,
    ) -> EncodedCorpus:
        """Flatten encoded conversations and the rows that their slots refer to.

        Args:
            encoded: conversations.
            rendered: the same, before they were encoded.
            soft: for each, the tokens that may begin its answer, with their shares; None where all
                answers are the only right ones.
        """
        ids, offsets = _flatten([example.ids for example in encoded], np.int32)
        labelled, _ = _flatten([example.labelled for example in encoded], np.uint8)
        contexts, context_offsets = _flatten([r.context_rows for r in rendered], np.int32)
        items, item_offsets = _flatten([r.item_rows for r in rendered], np.int32)
        soft = [{}] * len(rendered) if soft is None else soft
        liked, liked_offsets = _flatten([list(shares) for shares in soft], np.int32)
        liked_shares, _ = _flatten([list(shares.values()) for shares in soft], np.float32)
        slots = (contexts, context_offsets, items, item_offsets)
        return cls(ids, labelled, offsets, *slots, liked, liked_shares, liked_offsets)

    @classmethod
    def join(cls, parts: Sequence[EncodedCorpus]) -> EncodedCorpus:
        """Put the examples of ``parts`` one after another."""
        joined = {}
        for field in fields(cls):
            arrays = [getattr(part, field.name) for part in parts]
            if field.name.endswith("offsets"):  # each part starts where the one before it ends
                ends = np.cumsum([0, *(array[-1] for array in arrays)])
                shifted = [array[1:] + end for array, end in zip(arrays, ends, strict=False)]
                joined[field.name] = np.concatenate([np.zeros(1, np.int64), *shifted])
            else:
                joined[field.name] = np.concatenate(arrays)
        return cls(**joined)

    def take(self, rows: NDArray[np.integer[Any]]) -> EncodedCorpus:
        """Return the examples at ``rows``, in that order."""
        parts = [self._take(rows[k : k + _AT_ONCE]) for k in range(0, len(rows), _AT_ONCE)]
        return self.join(parts or [self._take(rows)])

    def _take(self, rows: NDArray[np.integer[Any]]) -> EncodedCorpus:
        taken: dict[str, NDArray[Any]] = {}
        for name, arrays in _ARRAYS.items():
            bounds = getattr(self, name)
            lengths = bounds[rows + 1] - bounds[rows]
            offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
            places = np.repeat(bounds[rows] - offsets[:-1], lengths) + np.arange(offsets[-1])
            taken |= {name: offsets} | {array: getattr(self, array)[places] for array in arrays}
        return EncodedCorpus(**taken)

    @classmethod
    def load(cls, path: Path) -> EncodedCorpus:
        """Read what ``save`` wrote."""
        return cls(**load_file(path))

    def save(self, path: Path) -> None:
        """Write all arrays into one safetensors file, atomically."""
        part = path.with_suffix(".part")
        save_file({field.name: getattr(self, field.name) for field in fields(self)}, part)
        part.replace(path)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> dict[str, NDArray[Any]]:
        tokens = slice(self.offsets[index], self.offsets[index + 1])
        contexts = slice(self.context_offsets[index], self.context_offsets[index + 1])
        items = slice(self.item_offsets[index], self.item_offsets[index + 1])
        liked = slice(self.liked_offsets[index], self.liked_offsets[index + 1])
        return {
            "ids": self.ids[tokens],
            "labelled": self.labelled[tokens],
            "contexts": self.contexts[contexts],
            "items": self.items[items],
            "liked": self.liked[liked],
            "liked_shares": self.liked_shares[liked],
        }

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens per example, ``(N,)``."""
        return np.diff(self.offsets)


def _flatten(
    rows: Sequence[Sequence[float]], dtype: type[Any]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    flat = np.fromiter(chain.from_iterable(rows), dtype, count=int(offsets[-1]))
    return flat, offsets


class LengthBatches(Sampler[int]):
    """Yields indices so that each run of ``batch_size`` has like lengths, in random batch order.

    Unlike a sampler that walks each mega-batch from long to short, batches are shuffled, because
    length goes with the task and tasks should stay mixed. The order depends on seed and epoch only.

    Args:
        lengths: tokens per example, ``(N,)``.
        batch_size: examples of a batch.
        seed: of the order.
        short_first: how many steps the training has, if batches of short examples are to come
            mostly early and those of long ones mostly late: a batch stands where the mean of its
            place by length and of a random one puts it. None leaves the order random.
    """

    def __init__(
        self,
        lengths: NDArray[np.int64],
        batch_size: int,
        seed: int,
        short_first: int | None = None,
    ) -> None:
        self.lengths, self.batch_size, self.seed = lengths, batch_size, seed
        self.short_first, self.epoch = short_first, 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of ``epoch``; called by the training loop, also when it resumes."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def per_epoch(self) -> int:
        """Batches of an epoch."""
        return math.ceil(len(self.lengths) / self.batch_size)

    def __iter__(self) -> Iterator[int]:
        for batch in self.batches():
            yield from batch.tolist()

    def batches(self) -> list[NDArray[np.int64]]:
        """Return this epoch's batches; only the last one may be short."""
        rng = np.random.default_rng((self.seed, self.epoch))
        order = rng.permutation(len(self.lengths))
        span = self.batch_size * _MEGA_BATCH
        full: list[NDArray[np.int64]] = []
        short: list[NDArray[np.int64]] = []
        for start in range(0, len(order), span):
            mega = order[start : start + span]
            mega = mega[np.argsort(self.lengths[mega], kind="stable")]
            for first in range(0, len(mega), self.batch_size):
                batch = mega[first : first + self.batch_size]
                (full if len(batch) == self.batch_size else short).append(batch)
        mixed = [full[k] for k in rng.permutation(len(full))]
        if self.short_first is not None:  # of what this epoch reaches: the rest is never seen
            reached = max(0, self.short_first - self.epoch * (len(full) + len(short)))
            mixed = self._by_length(mixed[:reached], rng) + mixed[reached:]
        return mixed + short

    def _by_length(
        self, batches: list[NDArray[np.int64]], rng: np.random.Generator
    ) -> list[NDArray[np.int64]]:
        """Return the same batches, the shorter ones mostly before the longer ones."""
        longest = [int(self.lengths[batch].max()) for batch in batches]
        places = np.argsort(np.argsort(longest, kind="stable"), kind="stable")
        drawn = places + rng.permutation(len(batches))
        return [batches[k] for k in np.argsort(drawn, kind="stable")]

    def padding_share(self) -> float:
        """Return the share of padded positions among all positions of this epoch's batches."""
        positions = sum(len(batch) * int(self.lengths[batch].max()) for batch in self.batches())
        return 1.0 - float(self.lengths.sum()) / max(positions, 1)


class RankBatches(Sampler[list[int]]):
    """One process's share of ``LengthBatches``, in as many parts as it accumulates.

    A batch is cut into ``parts`` runs of like lengths, and every process takes each ``world``-th
    example of a run: the processes compute about as long, and a step sees the same examples
    however many they are. Shares may differ by one example; that of a short batch may be empty.

    Args:
        batches: what one process alone would see.
        parts: micro-batches per batch (gradient accumulation).
        rank: of this process.
        world: how many processes there are.
    """

    def __init__(self, batches: LengthBatches, *, parts: int, rank: int, world: int) -> None:
        self.batch_sampler = batches  # the name by which the trainer finds what has epochs
        self.parts, self.rank, self.world = parts, rank, world

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of ``epoch``; called by the training loop when it resumes."""
        self.batch_sampler.set_epoch(epoch)

    def __len__(self) -> int:
        return self.parts * self.batch_sampler.per_epoch

    def __iter__(self) -> Iterator[list[int]]:
        for batch in self.batch_sampler.batches():
            yield from self.cut(batch)

    def cut(self, batch: NDArray[np.int64]) -> list[list[int]]:
        """Return this process's share of a batch, part by part."""
        parts = np.array_split(batch, self.parts)
        return [part[self.rank :: self.world].tolist() for part in parts]

    def positions(self, steps: int) -> NDArray[np.int64]:
        """Return the tokens that this process computes in each step, ``(steps,)``.

        Padding is included. They come in the order of the training; a pass in random order stands
        for those after it.
        """
        batches, found = copy(self.batch_sampler), list[int]()
        for epoch in range(math.ceil(steps / max(1, batches.per_epoch))):
            batches.set_epoch(epoch)
            for batch in batches.batches()[: steps - len(found)]:
                found.append(sum(self.padded(rows) for rows in self.cut(batch)))
            if batches.short_first is None:
                break
        return np.resize(np.array(found, np.int64), steps)

    def padded(self, rows: Sequence[int]) -> int:
        """Return the tokens of a round with its padding; no rows are computed as one token."""
        return len(rows) * int(self.batch_sampler.lengths[list(rows)].max()) if len(rows) else 1
