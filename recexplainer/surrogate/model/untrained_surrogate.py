"""Untrained surrogates, made by their backbone's recipe."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

import torch
from numpy.typing import NDArray
from transformers import AutoConfig

from recexplainer.records import Recipe
from recexplainer.surrogate.model.backbone_source import find_source
from recexplainer.surrogate.model.surrogate_config import SurrogateLMConfig
from recexplainer.surrogate.model.surrogate_files import load_pretrained
from recexplainer.surrogate.model.surrogate_model import SurrogateLM
from recexplainer.surrogate.model.tiny_tokenizer import separators, train_tokenizer, turn_ids
from recexplainer.surrogate.model.tiny_weights import start_as_copier, start_with_ages
from recexplainer.surrogate.model.token_encoder import Encoder
from recexplainer.surrogate.model.training_settings import SurrogateSettings

__all__ = ["build_surrogate", "made_config"]


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
        source = find_source(recipe.source, recipe.base)
        tokenizer, language_model = load_pretrained(source, precision=precision)
        text_config = deepcopy(language_model.config)  # wrapping writes into it
    encoder = Encoder(tokenizer, settings.chat_template)
    config = SurrogateLMConfig(
        text_config,
        user_dim=64 if user_vectors is None else user_vectors.shape[1],
        item_dim=64 if item_vectors is None else item_vectors.shape[1],
        user_token_id=encoder.user_id,
        item_token_id=encoder.item_id,
        said_again=separators(tokenizer) if language_model is None else (),
        ages=recipe.ages,
        turn_ids=turn_ids(tokenizer) if language_model is None else (),
        pointer=recipe.pointer,
        max_tokens=settings.max_tokens or recipe.max_tokens,
    )
    model = SurrogateLM(config, language_model)
    if recipe.head_start:
        start_as_copier(model.language_model)
    if recipe.ages:
        start_with_ages(model)
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
