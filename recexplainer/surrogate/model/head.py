"""Head of a language model, applied to the labelled positions alone.

Most heads are a linear map of the last hidden state, some times a constant, some capped. Which one
a model has is asked of the model itself: its forward pass runs once on three made-up tokens, and
the output embedding's result is replaced by known numbers on the way. Nothing depends on its name.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

__all__ = ["LinearHead", "find_head"]

_PROBES = (1.0, 1e2, 1e6)
"""Largest outputs of the embedding that the model is shown: some that no cap touches, and some that
every cap does. One probe, one token."""

_TOLERANCE = 1e-5


@dataclass(frozen=True)
class LinearHead:
    """Logits as ``cap * tanh(after * W(before * hidden) / cap)``.

    Attributes:
        before: what hidden states are multiplied by.
        after: what the output embedding's result is multiplied by.
        cap: the bound of the logits; None where they have none.
    """

    before: float = 1.0
    after: float = 1.0
    cap: float | None = None

    def logits(self, embedding: Any, hidden: Tensor) -> Tensor:
        """Return ``(..., vocabulary)`` for ``hidden`` ``(..., d_llm)``, by the output embedding.

        A slice is copied first: torch multiplies one of several rows by as many copies of the
        matrix (pytorch/pytorch#186148), which took 29 s and 5 GB for 16 of 262,144 tokens.
        """
        return self.finish(embedding(_times(hidden.contiguous(), self.before)))

    def finish(self, embedded: Tensor) -> Tensor:
        """Scale and cap what the output embedding gives."""
        scaled = _times(embedded, self.after)
        return scaled if self.cap is None else self.cap * torch.tanh(scaled / self.cap)


def find_head(language_model: Any) -> LinearHead | None:
    """Return the head of a causal language model; None if it is anything but linear.

    Args:
        language_model: a causal language model of transformers, its weights whole and real.
    """
    body, embedding = language_model.base_model, language_model.get_output_embeddings()
    if embedding is None or body is language_model:
        return None
    seen: dict[str, Tensor] = {}

    def exchange(_: Any, given: tuple[Tensor, ...], output: Tensor) -> Tensor:
        seen["read"], seen["shown"] = given[0], _known_numbers(output)
        return seen["shown"]

    hook, training = embedding.register_forward_hook(exchange), language_model.training
    try:  # as it is trained: what is dropped at random between the two would be missing otherwise
        language_model.train()
        logits = _on_made_up_tokens(language_model, language_model).logits
    finally:
        hook.remove()
        hidden = _on_made_up_tokens(body, language_model).last_hidden_state
        language_model.train(training)
    return _described(hidden, seen["read"], seen["shown"], logits) if seen else None


def _on_made_up_tokens(module: Any, language_model: Any) -> Any:
    """Run a language model, or its body, on the same tokens and with the same random numbers."""
    weight = language_model.get_input_embeddings().weight
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(0)
        tokens = torch.randn(1, len(_PROBES), weight.shape[1]).to(weight)
        return module(inputs_embeds=tokens, use_cache=False)


def _known_numbers(output: Tensor) -> Tensor:
    """Return numbers in the shape ``(1, T, vocabulary)`` of ``output``, from small to large."""
    probes = torch.tensor(_PROBES, device=output.device)
    spread = torch.linspace(-1, 1, output.shape[-1], device=output.device)
    return (probes[:, None] * spread).expand(output.shape).contiguous()


def _described(hidden: Tensor, read: Tensor, shown: Tensor, logits: Tensor) -> LinearHead | None:
    """Return the head that reads ``read`` of ``hidden`` and makes ``logits`` of ``shown``."""
    before = _factor(hidden, read)
    if before is None or logits.shape != shown.shape:
        return None
    after = _factor(shown, logits)
    if after is not None:
        return LinearHead(before, after)
    cap = float(logits.max())
    small, made = float(shown[0, 0, -1]), float(logits[0, 0, -1])
    if not 0 < made < cap < math.inf:
        return None
    head = LinearHead(before, _rounded(cap * math.atanh(made / cap) / small), cap)
    return head if _alike(head.finish(shown), logits) else None


def _factor(given: Tensor, made: Tensor) -> float | None:
    """Return what ``given`` was multiplied by; None if it was not."""
    if given.shape != made.shape:
        return None
    x, y = given.double().flatten(), made.double().flatten()
    factor = float(x @ y / (x @ x))
    factor = _rounded(factor)
    return factor if math.isfinite(factor) and _alike(x * factor, made.flatten()) else None


def _rounded(factor: float) -> float:
    """Return 1 for what is 1 but for rounding: nothing is multiplied then."""
    return 1.0 if math.isclose(factor, 1.0, rel_tol=1e-6) else factor


def _alike(expected: Tensor, found: Tensor) -> bool:
    """Whether both are the same, each number to the precision that ``found`` has."""
    precision = max(_TOLERANCE, 2 * torch.finfo(found.dtype).eps)
    return torch.allclose(expected.double(), found.double(), rtol=precision, atol=1e-6)


def _times(values: Tensor, factor: float) -> Tensor:
    return values if factor == 1.0 else values * factor
