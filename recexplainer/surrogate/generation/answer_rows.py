"""Rows of answers: all written to the end together, or leaving the batch as they end."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional
from transformers import LogitsProcessorList

from recexplainer.surrogate.generation.prefix_cache import read_question, rows_can_move
from recexplainer.surrogate.model.pointer import select_question

__all__ = ["write_in_rounds", "write_together"]

_ROUND = 64
"""Tokens after which answered questions leave; the cache is copied then."""


def write_together(
    model: Any,
    batch: dict[str, Any],
    guards: LogitsProcessorList,
    decoding: dict[str, Any],
    copies: int,
) -> torch.Tensor:
    """Return the tokens of ``B * copies`` answers: beams, or else as many rows of each question.

    Args:
        model: a surrogate.
        batch: B questions, padded on the left, with their vectors.
        guards: what changes the logits.
        decoding: arguments of ``generate``.
        copies: how many answers each question gets.
    """
    cache = read_question(model, batch, copies)
    if decoding["num_beams"] < copies:
        batch = {name: rows.repeat_interleave(copies, 0) for name, rows in batch.items()}
    given = {} if cache is None else {"past_key_values": cache}
    with torch.no_grad():
        written = model.generate(**batch, **decoding, **given, logits_processor=guards)
    answers: torch.Tensor = written[:, batch["input_ids"].shape[1] :]
    return answers


def write_in_rounds(
    model: Any, batch: dict[str, Any], guards: LogitsProcessorList, decoding: dict[str, Any]
) -> torch.Tensor:
    """Return the tokens of B likeliest answers; rows that have ended cost nothing any more.

    They stay where a cache cannot be cut.

    Of lists the longest has four times the tokens of the mean one.

    Args:
        model: a surrogate.
        batch: as for ``write_together``.
        guards: what changes the logits, of every row alike.
        decoding: arguments of ``generate``, greedy.
    """
    if not rows_can_move(model):
        return write_together(model, batch, guards, decoding, 1)
    ids, most = batch["input_ids"], decoding["max_new_tokens"]
    ends = torch.tensor(decoding["eos_token_id"], device=ids.device)
    answers: torch.Tensor = ids.new_full((len(ids), most), decoding["pad_token_id"])
    rows, start, cache = torch.arange(len(ids), device=ids.device), ids.shape[1], None
    while len(rows):
        known = batch["input_ids"].shape[1]
        bounds = {"max_new_tokens": min(_ROUND, start + most - known)}
        with torch.no_grad():
            found = model.generate(
                **batch | {"past_key_values": cache},
                **decoding | bounds,
                logits_processor=guards,
                return_dict_in_generate=True,
            )
        written, cache = found.sequences, found.past_key_values
        answers[rows, known - start : written.shape[1] - start] = written[:, known:]
        left = (~torch.isin(written[:, known:], ends).any(1)).nonzero()[:, 0]
        if written.shape[1] == start + most or not len(left):
            break
        rows, batch = rows[left], {name: one[left] for name, one in batch.items()}
        batch["input_ids"], added = written[left], written.shape[1] - known
        batch["attention_mask"] = functional.pad(batch["attention_mask"], (0, added), value=1)
        cache.batch_select_indices(left)
        select_question(cache, left)
    return answers
