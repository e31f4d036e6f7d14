"""Prefix cache: one KV cache serves all continuations of a prompt."""

from __future__ import annotations

from typing import Any

import torch
from transformers import Cache, DynamicCache

from recexplainer.surrogate.model.pointer import repeat_question

__all__ = ["read_question", "rows_can_move"]


def rows_can_move(model: Any) -> bool:
    """Return whether rows of a surrogate's cache can be repeated and left out.

    Not those of convolutions and linear attention (LFM2, transformers 5).
    """
    cache = DynamicCache(config=model.config.language_config)
    return all(hasattr(layer, "batch_select_indices") for layer in cache.layers)


def read_question(model: Any, batch: dict[str, Any], copies: int) -> Cache | None:
    """Return what ``model`` remembers of each question but for its last token, ``copies`` times.

    The library's beams, and sampled answers, would each read the whole question for themselves,
    which costs more than writing a short answer.

    Args:
        model: a surrogate.
        batch: ``input_ids`` and ``attention_mask`` ``(B, T)``, padded on the left, and the vectors.
        copies: how many answers each question gets.

    Returns:
        A cache of ``B * copies`` rows of ``T - 1`` tokens, those of a question one after another;
        None where nothing is gained, or where the last token is a slot, whose vector would be lost.
    """
    ids = batch["input_ids"]
    slots = (model.config.user_token_id, model.config.item_token_id)
    ends_in_slot = any(bool((ids[:, -1] == slot).any()) for slot in slots if slot is not None)
    if copies == 1 or ids.shape[1] == 1 or ends_in_slot or not rows_can_move(model):
        return None
    with torch.no_grad():
        read = model(
            **batch | {"input_ids": ids[:, :-1], "attention_mask": batch["attention_mask"][:, :-1]},
            use_cache=True,
            logits_to_keep=1,
        )
    cache: Cache | None = getattr(read, "past_key_values", None)
    if cache is not None:
        cache.batch_repeat_interleave(copies)
        repeat_question(cache, copies)
    return cache
