"""Training loops as one writes them without this package: what ``training.py`` compares with.

Stock model, stock loss over all positions, PyTorch's AdamW, shuffled batches. They see the same
examples, and take the same steps, as ours.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from recexplainer.surrogate.corpus.batches import EncodedCorpus
from recexplainer.surrogate.corpus.collator import pad_vectors
from recexplainer.surrogate.model.surrogate_model import IGNORED

__all__ = ["Corpus", "per_sample_losses", "throughput"]


@dataclass(frozen=True)
class Corpus:
    """Encoded examples, and the target's vectors for slots ``(N, d_rec)`` and ``(I, d_rec)``."""

    encoded: EncodedCorpus
    users: NDArray[Any]
    items: NDArray[Any]

    def batch(self, rows: Sequence[int], length: int | None) -> dict[str, Tensor]:
        """Return tensors ``(B, T)``; T is ``length``, or that of the longest example."""
        examples = [self.encoded[row] for row in rows]
        longest = length or max(len(example["ids"]) for example in examples)
        ids = torch.zeros(len(rows), longest, dtype=torch.long)
        labels = torch.full((len(rows), longest), IGNORED)
        mask = torch.zeros(len(rows), longest, dtype=torch.long)
        for row, example in enumerate(examples):
            tokens = torch.from_numpy(example["ids"].astype(np.int64))
            ids[row, : len(tokens)], mask[row, : len(tokens)] = tokens, 1
            answer = torch.from_numpy(example["labelled"].astype(bool))
            labels[row, : len(tokens)] = tokens.masked_fill(~answer, IGNORED)
        return {
            "input_ids": ids,
            "labels": labels,
            "attention_mask": mask,
            "user_vectors": pad_vectors(self.users, [example["contexts"] for example in examples]),
            "item_vectors": pad_vectors(self.items, [example["items"] for example in examples]),
        }


def _loss(model: Any, batch: dict[str, Tensor], answer_tokens: Any) -> Tensor:
    """Return the language model's own loss, over logits of every position."""
    embedded = model.embed(batch["input_ids"], batch["user_vectors"], batch["item_vectors"])
    loss: Tensor = model.language_model(
        inputs_embeds=embedded,
        attention_mask=batch["attention_mask"],
        labels=batch["labels"],
        num_items_in_batch=answer_tokens,
        use_cache=False,
    ).loss
    return loss


def throughput(
    model: Any,
    corpus: Corpus,
    *,
    steps: int,
    length: int | None,
    micro: int,
    precision: str,
) -> float:
    """Return examples per second over ``steps`` steps of 64; one step before them is not counted.

    Args:
        model: the surrogate.
        corpus: what it is trained on.
        steps: how many are timed.
        length: what every example is padded to; None is the longest of its batch.
        micro: examples computed at once; a step adds up the gradients of as many as it needs.
        precision: ``float32`` or ``bfloat16``.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98), weight_decay=0.0)
    model.train()
    began = 0.0
    for step, rows in enumerate(_shuffled(len(corpus.encoded), steps + 1)):
        if step == 1:
            began = time.perf_counter()
        answer_tokens = sum(int(corpus.encoded[row]["labelled"].sum()) for row in rows)
        for start in range(0, len(rows), micro):
            batch = corpus.batch(rows[start : start + micro], length)
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                loss = _loss(model, batch, answer_tokens)
            loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    return steps * 64 / (time.perf_counter() - began)


def _shuffled(count: int, steps: int) -> Iterator[list[int]]:
    order = np.random.default_rng(0).permutation(count)
    for step in range(steps):
        yield order[step * 64 : (step + 1) * 64].tolist()


def per_sample_losses(model: Any, corpus: Corpus, batches: Sequence[Sequence[int]]) -> list[float]:
    """Train with one example at a time, in float32, and return each step's loss.

    Nothing is padded, batched or masked; the learning rate rises over a tenth of the steps and
    falls linearly, as ours.
    """
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98), weight_decay=0.0)
    warm = round(0.1 * len(batches))
    model.train()
    losses = []
    for step, rows in enumerate(batches):
        rising = step / max(1, warm)
        falling = (len(batches) - step) / max(1, len(batches) - warm)
        optimizer.param_groups[0]["lr"] = 3e-3 * (rising if step < warm else falling)
        answer_tokens = sum(int(corpus.encoded[row]["labelled"].sum()) for row in rows)
        total = 0.0
        for row in rows:
            loss = _one(model, corpus.batch([row], None)) / answer_tokens
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own
            total += loss.item()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(total)
    return losses


def _one(model: Any, batch: dict[str, Tensor]) -> Tensor:
    """Return the summed loss of one example, from its logits."""
    embedded = model.embed(batch["input_ids"], batch["user_vectors"], batch["item_vectors"])
    logits = model.language_model(inputs_embeds=embedded, use_cache=False).logits[0, :-1]
    return functional.cross_entropy(
        logits, batch["labels"][0, 1:], reduction="sum", ignore_index=IGNORED
    )
