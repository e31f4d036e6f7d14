"""Surrogates on disk: written and read whole, or as what was trained of a pretrained backbone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from transformers.utils import logging

from recexplainer.errors import RunFolderError, UserError
from recexplainer.records import Recipe
from recexplainer.surrogate.model.backbone_source import BackboneSource, find_source
from recexplainer.surrogate.model.compute_type import torch_type
from recexplainer.surrogate.model.lora import TRAINED_WHOLE
from recexplainer.surrogate.model.quantization import quantized
from recexplainer.surrogate.model.surrogate_config import SurrogateLMConfig
from recexplainer.surrogate.model.surrogate_model import SurrogateLM
from recexplainer.surrogate.model.token_encoder import Encoder

__all__ = ["load_pretrained", "load_surrogate", "save_surrogate"]

logging.disable_progress_bar()  # transformers' own bars would break into ours

_BASE = "backbone.json"
_AGAIN = "Give a folder that this version wrote: the same recx run, or recx export, makes one."
_PROJECTORS = "projectors.safetensors"


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
        own = {name: weights[name] for name in weights if name.startswith(TRAINED_WHOLE)}
        save_file(own, folder / _PROJECTORS)
        model.config.save_pretrained(folder)
    refer = {} if recipe.whole or recipe.source is None else _reference(recipe.source, recipe.base)
    (folder / _BASE).write_text(json.dumps(refer), encoding="utf-8")


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

    Raises:
        RunFolderError: it does not say, as this version reads it, what it was trained from.
        UserError: what it was trained from is not there or cannot be loaded.
    """
    from transformers import AutoTokenizer

    source = _referred(folder / _BASE)
    encoder = Encoder(AutoTokenizer.from_pretrained(folder))
    if source is None:  # it is all there
        return SurrogateLM.from_pretrained(folder).eval(), encoder
    from peft import PeftModel

    config = SurrogateLMConfig.from_pretrained(folder)
    model = SurrogateLM(config, load_pretrained(source, quantization, precision)[1])
    if (folder / "adapter_config.json").exists():
        model = PeftModel.from_pretrained(model, str(folder)).merge_and_unload()
    else:
        model.load_state_dict(load_file(folder / _PROJECTORS), strict=False)
    return model.eval(), encoder


def load_pretrained(
    source: BackboneSource, quantization: str | None = None, precision: str | None = None
) -> tuple[Any, Any]:
    """Return tokenizer and language model of a pretrained backbone; see ``load_surrogate``."""
    held: dict[str, Any] = {"dtype": "auto" if precision is None else torch_type(precision)}
    if quantization is not None:
        held |= quantized(quantization)
    try:
        return source.tokenizer(), source.model(**held)
    except (OSError, ValueError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(
            f"surrogate.backbone: {str(source)!r} could not be loaded as a causal language model"
            f" ({reason}); give 'tiny', a local folder, or a hub id that this machine can reach"
        ) from error


def _reference(backbone: str, base: str | None) -> dict[str, dict[str, str]]:
    """Return what is to be loaded again: each as it was given and, on this machine, its place."""
    named = {"backbone": backbone} | ({} if base is None else {"base": base})
    places = {key: Path(name).expanduser().absolute() for key, name in named.items()}
    found = {key: str(place) for key, place in places.items() if place.exists()}
    return {"given": named, "found": found}


def _referred(path: Path) -> BackboneSource | None:
    """Return what ``path`` refers to, by its place if that is still there; None if to nothing."""
    reference = _read_reference(path)
    if not reference:
        return None
    names = dict(reference["given"])
    names |= {key: at for key, at in reference["found"].items() if Path(at).exists()}
    try:
        return find_source(names["backbone"], names.get("base"))
    except UserError as error:
        raise UserError(f"the model that this surrogate was trained from: {error}") from error


def _read_reference(path: Path) -> dict[str, dict[str, str]]:
    """Return what ``_reference`` made, or nothing where all weights are in the folder."""
    try:
        reference: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
        whole = reference == {} or ("backbone" in reference["given"] and "found" in reference)
    except FileNotFoundError:
        raise RunFolderError(f"{path.parent} holds no {path.name}. {_AGAIN}") from None
    except (KeyError, TypeError, ValueError):
        whole = False
    if not whole:
        raise RunFolderError(
            f"{path} does not say which model the surrogate was trained from, as this version of "
            f"recexplainer writes it. {_AGAIN}"
        )
    return reference
