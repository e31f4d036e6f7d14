"""Low-rank updates (LoRA) of a pretrained surrogate, and the layers that they may name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from recexplainer.errors import UserError, nearest
from recexplainer.surrogate.model.surrogate_model import SurrogateLM
from recexplainer.surrogate.model.training_settings import SurrogateSettings

__all__ = ["TRAINED_WHOLE", "add_lora", "unknown_layers"]

TRAINED_WHOLE = ("user_projector", "item_projector")
"""What is trained beside the updates, with all of its weights."""


def add_lora(model: SurrogateLM, settings: SurrogateSettings) -> Any:
    """Wrap a pretrained surrogate: low-rank updates in the LM, full training of the projectors.

    Raises:
        UserError: the backbone has no layers of the names that are to be updated.
    """
    from peft import LoraConfig, get_peft_model

    for problem in unknown_layers(model.language_model, settings.lora.targets or ()):
        raise UserError(problem)
    torch.manual_seed(settings.seed)  # the updates start at random
    return get_peft_model(
        model,
        LoraConfig(
            r=settings.lora.rank,
            lora_alpha=settings.lora.alpha,
            lora_dropout=settings.lora.dropout,
            task_type="CAUSAL_LM",
            # By default all of the LM, the head apart, whatever it calls them.
            target_modules=list(settings.lora.targets or ()) or "all-linear",
            exclude_modules=rf"({'|'.join(TRAINED_WHOLE)})\..*",
            modules_to_save=list(TRAINED_WHOLE),
        ),
    )


def unknown_layers(language_model: Any, targets: Sequence[str]) -> Iterator[str]:
    """Yield a line for each of ``targets`` that the backbone has not; LoRA would pass over them."""
    linear = {
        name.rpartition(".")[2]
        for name, module in language_model.named_modules()
        if getattr(getattr(module, "weight", None), "ndim", 0) == 2
    }
    for target in targets:
        if target not in linear:
            known = dict.fromkeys([*nearest(target, linear), *sorted(linear)])
            yield (
                f"surrogate.lora.targets: the backbone has no layer {target!r}; it has "
                f"{', '.join(list(known)[:8])}"
            )
