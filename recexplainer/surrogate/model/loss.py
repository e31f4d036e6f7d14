"""The loss of labelled positions, in parts where their logits would take too much memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

__all__ = [
    "Pointed",
    "Repeats",
    "SoftLabels",
    "matrix_loss",
    "positions_at_once",
    "repeats",
    "softening",
    "summed_loss",
]

_LOGIT_BYTES = 256_000_000
"""Most memory of the logits that exist at once, counted in float32; their gradients come on top."""

_BLOCK = 256
"""Positions of a block of ``matrix_loss``. With fewer the matrix is read too often: with two, whose
262,144 logits each a core's cache holds, the loss took fifteen times as long."""

_IN_CACHE = 500_000
"""Logits, in float32, that a core's cache holds from one pass over them to the next. All of a block
at once took three times as long with 262,144 of each position, as long with 9,216."""

Repeats = tuple[Tensor, Tensor]
"""Positions, ascending, and for each a token that may not follow it."""

Pointed = tuple[Tensor, Tensor]
"""Tokens that P positions point at, and what each adds to its logit there; both ``(P, T)``."""

SoftLabels = tuple[Tensor, Tensor]
"""Tokens, ``(B, K)``, and their shares of 1; a row of zeros has its hard label alone."""


def positions_at_once(vocabulary: int) -> int:
    """Return how many positions have their logits computed together."""
    return max(1, _LOGIT_BYTES // (4 * vocabulary))


def summed_loss(
    logits_of: Callable[[Tensor], Tensor],
    read: Tensor,
    targets: Tensor,
    vocabulary: int,
    ruled_out: Repeats | None = None,
    pointed: Pointed | None = None,
) -> Tensor:
    """Sum the cross-entropy over ``P`` labelled positions.

    In several parts, logits are computed again for the backward pass instead of being kept; torch's
    own ``linear_cross_entropy`` does the like, but knows no cap and nothing that is ruled out, and
    took six times as long on a CPU (torch 2.13).

    Args:
        logits_of: maps any of ``read`` to logits ``(p, vocabulary)``.
        read: ``(P, d)``, what the logits are made of.
        targets: ``(P,)`` token ids.
        vocabulary: how many logits a position has.
        ruled_out: tokens whose logits become -inf.
        pointed: what is added to the logits.
    """
    size = positions_at_once(vocabulary)
    if len(targets) <= size:
        return _part(logits_of, read, targets, ruled_out, pointed)
    parts = [
        checkpoint(
            _part,
            logits_of,
            read[start : start + size],
            targets[start : start + size],
            None if ruled_out is None else _within(ruled_out, start, start + size),
            None if pointed is None else _between(pointed, start, start + size),
            use_reentrant=False,
            preserve_rng_state=False,
        )
        for start in range(0, len(targets), size)
    ]
    return torch.stack(parts).sum()


def _part(
    logits_of: Callable[[Tensor], Tensor],
    read: Tensor,
    targets: Tensor,
    ruled_out: Repeats | None,
    pointed: Pointed | None,
) -> Tensor:
    logits = logits_of(read)
    if pointed is not None:
        tokens, scores = pointed
        logits = logits.scatter_add(1, tokens, scores.to(logits.dtype))
    if ruled_out is not None:
        logits[ruled_out] = -torch.inf
    return functional.cross_entropy(logits.float(), targets, reduction="sum")


def matrix_loss(
    read: Tensor,
    matrix: Tensor,
    targets: Tensor,
    ruled_out: Repeats | None = None,
    pointed: Pointed | None = None,
) -> Tensor:
    """Sum the cross-entropy of the logits ``read @ matrix.T`` over ``P`` positions.

    The gradients are computed with the loss, block by block, and the logits are never kept (as in
    Liger Kernel, Hsu et al., 2024). The products are computed in the type of autocast where that is
    on, else in the matrix's; all else in float32.

    Args:
        read: ``(P, d)``.
        matrix: ``(vocabulary, d)``.
        targets: ``(P,)`` token ids.
        ruled_out: tokens whose logits become -inf.
        pointed: what is added to the logits.
    """
    tokens, scores = pointed or (None, None)
    total: Tensor = _MatrixLoss.apply(read, matrix, scores, tokens, targets, ruled_out)  # type: ignore[no-untyped-call]
    return total


class _MatrixLoss(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0913, PLR0917  # autograd takes tensors one by one
        ctx: Any,
        read: Tensor,
        matrix: Tensor,
        scores: Tensor | None,
        tokens: Tensor | None,
        targets: Tensor,
        ruled_out: Repeats | None,
    ) -> Tensor:
        wanted = ctx.needs_input_grad
        computed = _product_type(matrix)
        states, weights = read.to(computed), matrix.to(computed)
        by_read = torch.empty_like(read) if wanted[0] else None
        by_matrix = torch.zeros_like(matrix) if wanted[1] else None
        by_scores = None if scores is None else torch.empty_like(scores)
        total = read.new_zeros((), dtype=torch.float32)
        size = min(_BLOCK, positions_at_once(len(matrix)))
        few = max(1, _IN_CACHE // len(matrix)) if read.device.type == "cpu" else size
        block = states.new_empty(min(size, len(targets)), len(matrix))
        for start in range(0, len(targets), size):
            stop = min(start + size, len(targets))
            products = torch.mm(states[start:stop], weights.T, out=block[: stop - start])
            for first in range(start, stop, few):
                rows = slice(first, min(first + few, stop))
                loss, of_pointed = _to_gradients(
                    products[first - start : rows.stop - start],
                    targets[rows, None],
                    None if ruled_out is None else _within(ruled_out, first, rows.stop),
                    None if scores is None or tokens is None else (tokens[rows], scores[rows]),
                )
                total += loss
                if by_scores is not None and of_pointed is not None:
                    by_scores[rows] = of_pointed
            if by_read is not None:
                by_read[start:stop] = products @ weights
            if by_matrix is not None:
                by_matrix += products.T @ states[start:stop]
        ctx.save_for_backward(by_read, by_matrix, by_scores)
        return total

    @staticmethod
    def backward(ctx: Any, scale: Tensor) -> tuple[Tensor | None, ...]:
        gradients = (None if saved is None else saved * scale for saved in ctx.saved_tensors)
        return (*gradients, None, None, None)


def _to_gradients(
    products: Tensor, correct: Tensor, ruled_out: Repeats | None, pointed: Pointed | None
) -> tuple[Tensor, Tensor | None]:
    """Turn products into the gradient of their loss, in place.

    Returns:
        The loss, and the gradient of what was added to the logits that are pointed at.
    """
    logits = products.float()
    if pointed is not None:
        tokens, scores = pointed
        logits.scatter_add_(1, tokens, scores.float())
    if ruled_out is not None:
        logits[ruled_out] = -torch.inf
    highest = logits.amax(1, keepdim=True)
    chosen = logits.gather(1, correct)
    sums = logits.sub_(highest).exp_().sum(1, keepdim=True)
    loss = (sums.log() + highest - chosen).sum()
    gradient = logits.div_(sums)  # the softmax, less 1 where the target is
    gradient.scatter_add_(1, correct, gradient.new_full(correct.shape, -1.0))
    of_pointed = None if pointed is None else gradient.gather(1, pointed[0])
    products.copy_(gradient)
    return loss, of_pointed


def _product_type(matrix: Tensor) -> torch.dtype:
    kind = matrix.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else matrix.dtype


def _within(ruled_out: Repeats, start: int, stop: int) -> Repeats:
    positions, tokens = ruled_out
    here = (positions >= start) & (positions < stop)
    return positions[here] - start, tokens[here]


def _between(pointed: Pointed, start: int, stop: int) -> Pointed:
    tokens, scores = pointed
    return tokens[start:stop], scores[start:stop]


def softening(  # as summed_loss, with whose sum it is added up
    logits_of: Callable[[Tensor], Tensor],
    read: Tensor,
    targets: Tensor,
    labelled: Tensor,
    soft: SoftLabels,
    pointed: Pointed | None = None,
) -> Tensor:
    """Return what soft labels of where answers begin add to the sum with hard ones.

    The two cross-entropies differ by logits alone: what these are subtracted from is the same.

    Args:
        logits_of: maps any of ``read`` to logits ``(p, vocabulary)``.
        read: ``(P, d)``, what the logits are made of.
        targets: ``(P,)`` token ids.
        labelled: ``(B, T)``, which positions the P are, row after row.
        soft: of the first of each row.
        pointed: what is added to the logits.
    """
    liked, shares = soft
    rows = shares.any(1).nonzero()[:, 0]
    counts = labelled.sum(1)
    first = (counts.cumsum(0) - counts)[rows]
    logits = logits_of(read[first])
    if pointed is not None:
        tokens, scores = pointed
        logits = logits.scatter_add(1, tokens[first], scores[first].to(logits.dtype))
    logits = logits.float()
    hard = logits.gather(1, targets[first, None]).sum()
    return hard - (logits.gather(1, liked[rows]) * shares[rows]).sum()


def repeats(targets: Tensor, labelled: Tensor, again: Sequence[int]) -> Repeats:
    """Return what lists have said before each position, as it is ruled out where lists are written.

    So no capacity is spent on avoiding repeats (docs/decisions/0002). Answers count
    as lists where they hold the first token of ``again``; a token that is said again stays sayable.

    Args:
        targets: ``(B, T)``, the token that follows each position.
        labelled: ``(B, T)``, which positions carry loss; P in all, row after row.
        again: tokens that may be repeated; the first separates the parts of a list.
    """
    row = labelled.nonzero()[:, 0]  # (P,)
    lists = (targets == again[0]).logical_and(labelled).any(1)  # (B,)
    listed = lists[row].nonzero()[:, 0]  # (L,), those of the P that are in lists
    said, row = targets[labelled][listed], row[listed]
    once = ~torch.isin(said, torch.tensor(list(again), device=said.device))
    before = (row[:, None] == row).tril(-1)  # (L, L): the column's token comes before the row's
    before &= (said[:, None] != said) & once
    position, earlier = before.nonzero(as_tuple=True)
    return listed[position], said[earlier]
