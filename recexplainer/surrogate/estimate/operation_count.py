"""Operations of a training: how many a token takes, and how many this machine does in a second.

It is what can be said of a training without making a step of it. A multiplication and an addition
are two operations. Attention's own products are left out: prompts are short beside the width.
"""

from __future__ import annotations

import torch

from recexplainer.surrogate.estimate.training_estimate import estimate, language_config
from recexplainer.surrogate.model.compute_type import (
    choose_device,
    choose_precision,
    measured_rates,
)
from recexplainer.surrogate.model.training_settings import SurrogateSettings

__all__ = ["full_rate", "operations_per_token", "reached_rate"]

_LABELLED = 0.2
"""Share of the tokens that are learned, which alone pass the head; as in our tasks."""
_REACHED = 0.4
"""Part of the rate of a lone product that a training comes to. Gemma 3 270M with updates of all
layers: 0.55 in float32 on a Xeon, one thread, before padding and what surrounds the steps."""


def operations_per_token(settings: SurrogateSettings) -> float | None:
    """Return the operations that training on one token takes; None where the model is not here.

    Args:
        settings: of the training.
    """
    config = language_config(settings)
    parameters = estimate(settings, settings.processes, None).parameters
    if config is None or parameters is None:
        return None
    text = config.get_text_config()
    embedding: int = text.hidden_size * text.vocab_size
    layers = parameters - embedding * (1 if config.tie_word_embeddings else 2)
    passes = 6 if settings.recipe.whole else 4  # frozen weights have no gradients of their own
    if settings.gradient_checkpointing:
        passes += 2
    return passes * (layers + _LABELLED * embedding)


def full_rate(settings: SurrogateSettings) -> float:
    """Return the operations a second that all threads, or the GPU, do in a lone product."""
    device = choose_device(settings.device)
    rates = measured_rates(device)
    half = choose_precision(settings.precision, device) != "float32"
    rate = 1e9 * (rates.bfloat16 if half else rates.float32)
    threads = settings.threads or torch.get_num_threads()
    return rate * (threads if device == "cpu" else settings.processes)


def reached_rate(settings: SurrogateSettings) -> float:
    """Return the operations a second that a training can be expected to do."""
    return _REACHED * full_rate(settings)
