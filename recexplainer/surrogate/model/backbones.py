"""Untrained surrogates, made by their backbone's recipe; also reads and writes surrogates."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from transformers import AutoConfig
from transformers.utils import logging

from recexplainer.errors import UserError, nearest
from recexplainer.records import Recipe
from recexplainer.surrogate.model.compute_type import torch_type
from recexplainer.surrogate.model.quantization import quantized
from recexplainer.surrogate.model.surrogate_model import SurrogateConfig, SurrogateLM
from recexplainer.surrogate.model.tiny import separators, train_tokenizer
from recexplainer.surrogate.model.tiny_weights import start_as_copier
from recexplainer.surrogate.model.token_encoder import Encoder
from recexplainer.surrogate.model.training_settings import SurrogateSettings

__all__ = [
    "add_lora",
    "build_surrogate",
    "load_surrogate",
    "made_config",
    "save_surrogate",
    "unknown_layers",
]

logging.disable_progress_bar()  # transformers' own bars would break into ours

_BASE = "backbone.json"
_TRAINED_WHOLE = ("user_projector", "item_projector")
_PROJECTORS = "projectors.safetensors"


def build_surrogate(
    settings: SurrogateSettings,
    *,
    titles: Iterable[str],
    texts: Iterable[str],
    user_vectors: NDArray[Any] | None,
    item_vectors: NDArray[Any] | None,
) -> tuple[SurrogateLM, Encoder]:
    """Return the surrogate before any training, and its encoder.

    Args:
        settings: recipe of the backbone, and seed.
        titles: catalogue titles and attribute values, for a tokenizer that is trained here.
        texts: the tasks' wording, for a tokenizer that is trained here.
        user_vectors: ``(N, d_rec)`` training vectors, or None in behavior alignment.
        item_vectors: ``(I, d_rec)``, or None.

    Raises:
        UserError: the backbone is not a causal language model that can be loaded.
    """
    torch.manual_seed(settings.seed)
    recipe = settings.recipe
    if recipe.source is None:
        tokenizer, language_model = train_tokenizer(titles, texts, recipe.vocabulary), None
        pad, end = tokenizer.pad_token_id, tokenizer.eos_token_id
        text_config = made_config(recipe, len(tokenizer), pad=pad, end=end)
    else:
        precision = "float32" if recipe.whole else None  # what is trained is trained in float32
        tokenizer, language_model = _pretrained(recipe.source, precision=precision)
        text_config = deepcopy(language_model.config)  # wrapping writes into it
    encoder = Encoder(tokenizer)
    config = SurrogateConfig(
        text_config,
        user_dim=64 if user_vectors is None else user_vectors.shape[1],
        item_dim=64 if item_vectors is None else item_vectors.shape[1],
        user_token_id=encoder.user_id,
        item_token_id=encoder.item_id,
        said_again=separators(tokenizer) if language_model is None else (),
        max_tokens=settings.max_tokens or recipe.max_tokens,
    )
    model = SurrogateLM(config, language_model)
    if recipe.head_start:
        start_as_copier(model.language_model)
    if user_vectors is not None and item_vectors is not None:
        model.user_projector.standardize_by(torch.from_numpy(user_vectors))
        model.item_projector.standardize_by(torch.from_numpy(item_vectors))
    return model, encoder


def made_config(recipe: Recipe, vocabulary: int, *, pad: int, end: int) -> Any:
    """Return the config of a language model that is made here.

    Args:
        recipe: of the backbone.
        vocabulary: how many tokens there are.
        pad: the token that fills up.
        end: the token that ends an answer.
    """
    given = {"vocab_size": vocabulary, "pad_token_id": pad, "eos_token_id": end}
    return AutoConfig.for_model(**(recipe.architecture or {}), **given, bos_token_id=None)


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
            exclude_modules=rf"({'|'.join(_TRAINED_WHOLE)})\..*",
            modules_to_save=list(_TRAINED_WHOLE),
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


def save_surrogate(model: Any, encoder: Encoder, folder: Path, recipe: Recipe) -> None:
    """Write weights (safetensors), config and tokenizer; what is not trained is referred to."""
    encoder.tokenizer.save_pretrained(folder)
    if recipe.whole:
        model.save_pretrained(folder)
    elif hasattr(model, "peft_config"):
        model.save_pretrained(folder)
        model.get_base_model().config.save_pretrained(folder)
    else:  # before training only the projectors are new
        weights = model.state_dict()
        own = {name: weights[name] for name in weights if name.startswith(_TRAINED_WHOLE)}
        save_file(own, folder / _PROJECTORS)
        model.config.save_pretrained(folder)
    (folder / _BASE).write_text(
        json.dumps({"backbone": None if recipe.whole else recipe.source}), encoding="utf-8"
    )


def load_surrogate(
    folder: Path, quantization: str | None = None, precision: str | None = None
) -> tuple[SurrogateLM, Encoder]:
    """Read what ``save_surrogate`` wrote; logits are those of the model that was saved.

    Args:
        folder: where that is.
        quantization: ``8bit`` or ``4bit``, to train low-rank updates of a pretrained backbone that
            is held so.
        precision: the compute type, in which the weights of a pretrained backbone are held; None
            holds them as they were published.
    """
    from transformers import AutoTokenizer

    encoder = Encoder(AutoTokenizer.from_pretrained(folder))
    backbone = json.loads((folder / _BASE).read_text(encoding="utf-8"))["backbone"]
    if backbone is None:  # it is all there
        return SurrogateLM.from_pretrained(folder).eval(), encoder
    from peft import PeftModel

    config = SurrogateConfig.from_pretrained(folder)
    model = SurrogateLM(config, _pretrained(backbone, quantization, precision)[1])
    if (folder / "adapter_config.json").exists():
        model = PeftModel.from_pretrained(model, str(folder)).merge_and_unload()
    else:
        model.load_state_dict(load_file(folder / _PROJECTORS), strict=False)
    return model.eval(), encoder


def _pretrained(
    backbone: str, quantization: str | None = None, precision: str | None = None
) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    held: dict[str, Any] = {"dtype": "auto" if precision is None else torch_type(precision)}
    if quantization is not None:
        held |= quantized(quantization)
    try:
        tokenizer = AutoTokenizer.from_pretrained(backbone)
        return tokenizer, AutoModelForCausalLM.from_pretrained(backbone, **held)
    except (OSError, ValueError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(
            f"surrogate.backbone: {backbone!r} could not be loaded as a causal language model"
            f" ({reason}); give 'tiny', a local folder, or a hub id that this machine can reach"
        ) from error
