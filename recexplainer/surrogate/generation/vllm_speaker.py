"""Surrogate behind a vLLM server: its prompts are embedded here and sent as vectors.

A server is given one request per question, many at a time, and batches them itself. Beams, titles
of the catalogue only, and likelihoods are computed here as before: a vLLM server offers none of
the three for embedded prompts.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any

import torch
from transformers import LogitsProcessor

from recexplainer.plugins.speaker_interface import Orders
from recexplainer.surrogate.generation.answer_wish import Allowed, Wish
from recexplainer.surrogate.generation.offered_orders import OfferedOrders
from recexplainer.surrogate.generation.surrogate_speaker import SurrogateSpeaker
from recexplainer.surrogate.generation.token_draws import row_seeds
from recexplainer.surrogate.generation.vllm_client import CompletionServer

__all__ = ["ServedSpeaker"]

_AT_ONCE = 64


class ServedSpeaker(SurrogateSpeaker):
    """Has a server continue the prompts (see ``SurrogateSpeaker`` for the arguments).

    Args:
        server: serves the merged language model of this surrogate.
    """

    def __init__(self, *arguments: Any, server: CompletionServer, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.server = server

    def _write(
        self,
        batch: dict[str, Any],
        wish: Wish,
        guard: LogitsProcessor | None = None,
        allowed: Allowed | None = None,
    ) -> list[str]:
        searched = wish.beams > 1 and wish.temperature == 0
        if wish.constrained or searched:
            return super()._write(batch, wish, guard, allowed)
        with torch.no_grad():
            embedded = self.model.embed(
                batch["input_ids"], batch.get("user_vectors"), batch.get("item_vectors")
            )
        masks = batch["attention_mask"].bool()
        prompts = [row[mask] for row, mask in zip(embedded, masks, strict=True)]
        wishes = [self._sampling(wish, seed) for seed in row_seeds(batch, 1, self.seed)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = pool.map(
                lambda prompt, sampling: self.server.complete(prompt, **sampling), prompts, wishes
            )
            return list(chain.from_iterable(answers))

    def _write_orders(
        self, batch: dict[str, Any], walks: Sequence[OfferedOrders], max_new_tokens: int
    ) -> list[Orders]:
        free = self._write(batch, Wish(max_new_tokens, distinct=True))
        kept = super()._write_orders(batch, walks, 1)  # the free one of here is not looked at
        return [orders._replace(free=text) for text, orders in zip(free, kept, strict=True)]

    def _sampling(self, wish: Wish, seed: int) -> dict[str, Any]:
        """Return the server's parameters for one question."""
        sampling: dict[str, Any] = {
            "n": wish.beams,
            "max_tokens": wish.max_new_tokens,
            "temperature": wish.temperature,
            "top_p": wish.top_p,
            "seed": seed,
            "stop_token_ids": [self._end, self.tokenizer.eos_token_id],
        }
        if unsayable := self._unsayable():
            sampling["logit_bias"] = {str(token): -100.0 for token in unsayable}
        return sampling
