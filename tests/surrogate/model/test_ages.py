"""Ages of a prompt's titles, by hand and through the model."""

from __future__ import annotations

import pytest
import torch

from recexplainer.config.language_model import TinyBackboneConfig
from recexplainer.surrogate.model.ages import list_ages
from recexplainer.surrogate.model.backbone_providers import tiny_recipe
from recexplainer.surrogate.model.untrained_surrogate import build_surrogate

SEPARATOR, USER, ANSWER, TITLE, WORD = 4, 1, 2, 7, 5


def ages(*ids):
    found, told = list_ages(torch.tensor([ids]), SEPARATOR, USER, ANSWER)
    pairs = zip(found[0].tolist(), told[0].tolist(), strict=True)
    return [age if here else None for age, here in pairs]


def test_titles_count_those_after_them():
    ids = (USER, WORD, TITLE, SEPARATOR, TITLE, SEPARATOR, TITLE, WORD, ANSWER)
    assert ages(*ids) == [2, 2, 2, 1, 1, 0, 0, 0, None]


def test_answers_have_no_age_and_turns_do_not_count_each_other():
    first = (USER, TITLE, SEPARATOR, TITLE, ANSWER, TITLE, SEPARATOR, TITLE)
    second = (USER, TITLE, SEPARATOR, TITLE, SEPARATOR, TITLE, ANSWER, WORD)
    assert ages(*first, *second) == ages(*first) + ages(*second)
    assert ages(*first) == [1, 1, 0, 0, None, None, None, None]


def test_padding_has_none_and_changes_none():
    ids = (USER, TITLE, SEPARATOR, TITLE, ANSWER)
    assert ages(0, 0, *ids) == [None, None, *ages(*ids)]
    assert ages(*ids, 0, 0) == [*ages(*ids), None, None]


@pytest.fixture
def surrogate(settings, catalogue, sentences):
    recipe = tiny_recipe(TinyBackboneConfig(width=32, heads=2, vocabulary=600))
    return build_surrogate(
        settings.model_copy(update={"recipe": recipe}),
        titles=catalogue.titles,
        texts=[*catalogue.titles, *sentences],
        user_vectors=None,
        item_vectors=None,
    )


def test_the_same_title_is_read_otherwise_by_its_place(surrogate, catalogue):
    model, encoder = surrogate
    first, other = catalogue.titles[:2]
    (ids,) = encoder.tokenizer([f"<|user|>{first}; {other}; {first}<|assistant|>"])["input_ids"]
    embedded = model.embed(torch.tensor([ids]), None, None)[0]
    (title,) = encoder.words([first])
    places = [place for place, token in enumerate(ids) if token == title[0]]
    plain = model.get_input_embeddings()(torch.tensor(title[:1]))[0]
    table = model.age_embedding.weight
    assert torch.allclose(embedded[places[0]], plain + table[2])
    assert torch.allclose(embedded[places[1]], plain + table[0])


def test_lists_longer_than_the_table_are_read(surrogate, catalogue):
    model, encoder = surrogate
    text = "<|user|>" + "; ".join([catalogue.titles[0]] * 100) + "<|assistant|>"
    ids = encoder.tokenizer([text])["input_ids"]
    assert torch.isfinite(model.embed(torch.tensor(ids), None, None)).all()
