"""Last layer of a Llama: computed at the labelled positions, the only ones whose output is read.

Keys and values come from all positions; queries, the output projection and the feed-forward part
from the labelled ones, one in six of a corpus. The result is that of the whole layer.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from transformers import LlamaModel
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

__all__ = ["can_skip_unlabelled", "labelled_hidden"]


def can_skip_unlabelled(body: Any) -> bool:
    """Return whether ``labelled_hidden`` computes what ``body`` would.

    It does for a Llama that attends eagerly, with as many key heads as query heads and nothing
    dropped, and that keeps its activations.
    """
    if not isinstance(body, LlamaModel) or body.gradient_checkpointing:
        return False
    config = body.config
    return bool(
        config._attn_implementation == "eager"  # noqa: SLF001  # it has no public name
        and config.num_attention_heads == config.num_key_value_heads
        and not config.attention_dropout
    )


def labelled_hidden(body: LlamaModel, embedded: Tensor, labelled: Tensor) -> tuple[Tensor, Tensor]:
    """Return the last hidden states ``(P, d_llm)`` at P labelled positions, row after row.

    And beside them what enters the last layer, ``(B, T, d_llm)``.

    Args:
        body: the model without its head.
        embedded: ``(B, T, d_llm)``, rows padded on the right.
        labelled: ``(B, T)``, which positions are wanted.
    """
    length = embedded.shape[1]
    places = torch.arange(length, device=embedded.device)[None]
    rotation = body.rotary_emb(embedded, places)
    later = torch.full((length, length), -torch.inf, device=embedded.device, dtype=embedded.dtype)
    mask = later.triu(1)[None, None]
    *layers, last = body.layers
    hidden = embedded
    for layer in layers:
        hidden = layer(
            hidden, attention_mask=mask, position_ids=places, position_embeddings=rotation
        )
    found: Tensor = body.norm(_at_labelled(last, hidden, rotation, mask, labelled))
    return found, hidden


def _at_labelled(
    layer: Any, hidden: Tensor, rotation: tuple[Tensor, Tensor], mask: Tensor, labelled: Tensor
) -> Tensor:
    """Return what ``layer`` makes of ``hidden`` ``(B, T, d_llm)`` where it is labelled."""
    attention, normal = layer.self_attn, layer.input_layernorm(hidden)
    heads = (*hidden.shape[:2], -1, attention.head_dim)
    asked = attention.q_proj(normal[labelled])
    queries = asked.new_zeros(*hidden.shape[:2], asked.shape[-1])
    queries = queries.masked_scatter(labelled[..., None], asked).view(heads).transpose(1, 2)
    keys = attention.k_proj(normal).view(heads).transpose(1, 2)
    values = attention.v_proj(normal).view(heads).transpose(1, 2)
    queries, keys = apply_rotary_pos_emb(queries, keys, *rotation)
    weights = (queries @ keys.mT * attention.scaling + mask).softmax(-1, dtype=torch.float32)
    read = (weights.to(values.dtype) @ values).transpose(1, 2).flatten(2)[labelled]
    state: Tensor = hidden[labelled] + attention.o_proj(read)
    out: Tensor = state + layer.mlp(layer.post_attention_layernorm(state))
    return out
