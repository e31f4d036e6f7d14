"""What a fresh tiny model can do before its first step."""

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from recexplainer.config.language_model import TinyBackboneConfig
from recexplainer.surrogate.model.backbone_providers import tiny_recipe
from recexplainer.surrogate.model.tiny_weights import start_as_copier, start_from_vectors
from recexplainer.surrogate.model.untrained_surrogate import build_surrogate, made_config


def tiny_config(vocabulary, **size):
    recipe = tiny_recipe(TinyBackboneConfig(heads=2, **size))
    return made_config(recipe, vocabulary, pad=0, end=1)


def test_a_fresh_model_says_what_it_looks_at():
    """Before any training a token of the prompt is likelier than the average token."""
    torch.manual_seed(0)
    config = tiny_config(300, layers=2, width=64)
    plain, copier = (AutoModelForCausalLM.from_config(config).eval() for _ in range(2))
    start_as_copier(copier)
    prompts = torch.randint(10, 300, (40, 12))
    gains = []
    for model in (plain, copier):
        with torch.no_grad():
            logits = model(prompts).logits[:, -1]
        seen = logits.gather(1, prompts[:, :-1]).mean(1)
        gains.append(float((seen - logits.mean(1)).mean()))
    assert abs(gains[0]) < 0.1
    assert gains[1] > 0.2


def test_the_copy_is_exact_through_one_layer():
    config = tiny_config(50, layers=1, width=32)
    model = AutoModelForCausalLM.from_config(config)
    start_as_copier(model)
    attention = model.base_model.layers[0].self_attn
    looped = attention.o_proj.weight @ attention.v_proj.weight
    assert torch.allclose(looped, 2.0 * torch.eye(32), atol=1e-4)


@pytest.fixture
def started(settings, catalogue, sentences, vectors):
    """Make a surrogate that started from vectors: ``started(width)``."""

    def make(width):
        size = TinyBackboneConfig(width=width, heads=2, vocabulary=600)
        model, encoder = build_surrogate(
            settings.model_copy(update={"recipe": tiny_recipe(size)}),
            titles=catalogue.titles,
            texts=[*catalogue.titles, *sentences],
            user_vectors=vectors[0],
            item_vectors=vectors[1],
        )
        start_from_vectors(model, encoder.words(catalogue.titles), *vectors)
        return model.eval(), encoder.tokenizer

    return make


def projected(model, vectors):
    with torch.no_grad():
        return tuple(
            projector(torch.as_tensor(part)).numpy().astype(np.float64)
            for projector, part in zip(
                (model.user_projector, model.item_projector), vectors, strict=True
            )
        )


def test_projected_vectors_agree_as_the_vectors_do(started, vectors):
    users, items = projected(started(32)[0], vectors)
    scores = vectors[0].astype(np.float64) @ vectors[1].T
    ratio = (users @ items.T) / scores
    assert ratio.min() > 0
    assert np.allclose(ratio, ratio.mean(), rtol=1e-3)


def test_users_and_items_start_equally_long(started, vectors):
    users, items = projected(started(32)[0], vectors)
    lengths = [np.linalg.norm(part, axis=1).mean() for part in (users, items)]
    assert lengths[0] == pytest.approx(lengths[1], rel=1e-4)


def test_a_user_vector_in_the_hidden_state_ranks_titles_as_the_target_does(
    started, vectors, catalogue
):
    model, tokenizer = started(32)
    first = [
        ids[0] for ids in tokenizer(list(catalogue.titles), add_special_tokens=False).input_ids
    ]
    once = [row for row, token in enumerate(first) if first.count(token) == 1]
    assert len(once) > 6
    users, _ = projected(model, vectors)
    head = model.get_output_embeddings().weight.detach().numpy().astype(np.float64)
    logits = users @ head[[first[row] for row in once]].T
    scores = vectors[0].astype(np.float64) @ vectors[1][once].T
    assert (np.argsort(logits, axis=1) == np.argsort(scores, axis=1)).all()


def test_a_narrow_model_keeps_the_main_directions(started, vectors):
    """With d_llm = 8, four of six directions: the best four, by the singular values left out."""
    users, items = projected(started(8)[0], vectors)
    scores = vectors[0].astype(np.float64) @ vectors[1].T
    kept = np.corrcoef((users @ items.T).ravel(), scores.ravel())[0, 1]
    assert 0.9 < kept < 1
