"""Random sampling of answers, reproducible per question in whatever batch it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np
import torch
from torch import Tensor
from transformers import LogitsProcessor, TopPLogitsWarper

__all__ = ["GumbelNoise", "row_seeds"]


class GumbelNoise(LogitsProcessor):
    """Turns greedy decoding into sampling: the largest of logits with Gumbel noise is a sample.

    Every row has a generator of its own, unlike ``do_sample``, whose samples depend on what
    else is in the batch; an interrupted run that resumes could not repeat those.

    Args:
        seeds: one per row.
        temperature: divides the logits.
        top_p: samples the likeliest tokens only, as few as reach this probability together.
    """

    def __init__(self, seeds: Sequence[int], temperature: float, top_p: float = 1.0) -> None:
        # NumPy's exponential samples are several times as fast as torch's.
        self.generators = [np.random.default_rng(seed) for seed in seeds]
        self.temperature = temperature
        self.nucleus = TopPLogitsWarper(top_p) if top_p < 1 else None

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Return logits ``(B, vocabulary)`` with noise."""
        draws = np.empty(scores.shape, np.float32)
        for row, generator in zip(draws, self.generators, strict=True):
            generator.standard_exponential(dtype=np.float32, out=row)
        noise = torch.from_numpy(draws).clamp_min(torch.finfo(torch.float32).tiny)
        scores = scores / self.temperature
        if self.nucleus is not None:
            scores = self.nucleus(input_ids, scores)
        return scores - noise.log().to(scores.device)


def row_seeds(batch: Mapping[str, Tensor], draws: int, seed: int) -> list[int]:
    """Return a seed for each of ``draws`` samples of each question, from its unpadded tokens.

    Args:
        batch: ``input_ids`` and ``attention_mask`` ``(B, T)``.
        draws: how many samples each question gets.
        seed: of all of them.
    """
    pairs = zip(batch["input_ids"], batch["attention_mask"].bool(), strict=True)
    tokens = [ids[mask].cpu().numpy() for ids, mask in pairs]
    return [crc32(ids.tobytes(), seed) + draw for ids in tokens for draw in range(draws)]
