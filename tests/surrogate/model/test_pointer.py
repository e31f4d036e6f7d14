"""What answers point at, word for word, and the same whole, in steps, in beams and in training."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional
from transformers import DynamicCache

from recexplainer.config.language_model import TinyBackboneConfig
from recexplainer.surrogate.generation.prefix_cache import read_question
from recexplainer.surrogate.model import loss
from recexplainer.surrogate.model.backbone_providers import tiny_recipe
from recexplainer.surrogate.model.surrogate_model import IGNORED
from recexplainer.surrogate.model.untrained_surrogate import build_surrogate

TURNS = (
    "<|user|>Toy Story (1995); Heat (1995); Up (2009) “Heat (1995)”<|assistant|>Yes, "
    "“Toy Story (1995)”<|end|><|user|>Heathers (1988); Up (2009)<|assistant|>No<|end|>"
)


@pytest.fixture(scope="module", params=[1, 2])
def surrogate(request, settings, catalogue, sentences):
    """An untrained model, of one layer or two, whose pointer is far from silent."""
    size = TinyBackboneConfig(layers=request.param, width=32, heads=2, vocabulary=600)
    model, encoder = build_surrogate(
        settings.model_copy(update={"recipe": tiny_recipe(size)}),
        titles=catalogue.titles,
        texts=[*catalogue.titles, *sentences],
        user_vectors=None,
        item_vectors=None,
    )
    with torch.no_grad():
        for weight in model.pointer.parameters():
            weight.normal_(0, 0.5)
    return model.eval(), encoder


@pytest.fixture(scope="module", params=[(), (3,), (1, 3, -1)], ids=["no item", "one", "several"])
def ids(surrogate, request):
    """A conversation whose turns ask about items, after so many tokens of the first or the last."""
    model, encoder = surrogate
    found = encoder.tokenizer(TURNS, add_special_tokens=False)["input_ids"]
    for after in request.param:
        turns = [place for place, token in enumerate(found) if token == model.config.turn_ids[0]]
        found.insert(turns[-1] + 1 if after < 0 else after, model.config.item_token_id)
    return torch.tensor([found])


@pytest.fixture(scope="module")
def expected(surrogate, ids, pointed_logits):
    with torch.no_grad():
        model, _ = surrogate
        return pointed_logits(model, ids[0], model.embed(ids, None, None))


def test_an_answer_in_steps_points_at_all_that_was_asked(surrogate, ids, expected):
    model, _ = surrogate
    starts = (ids[0] == model.config.turn_ids[1]).nonzero()[-1, 0]  # of the last answer
    with torch.no_grad():
        first = model(input_ids=ids[:, : starts + 1], use_cache=True)
        cache, logits = first.past_key_values, [first.logits[0, -1]]
        for place in range(starts + 1, ids.shape[1]):
            step = model(input_ids=ids[:, place, None], past_key_values=cache, use_cache=True)
            logits.append(step.logits[0, -1])
    torch.testing.assert_close(torch.stack(logits), expected[starts:], rtol=1e-3, atol=1e-3)


def test_what_is_pointed_at_changes_what_is_said(surrogate, ids, expected):
    with torch.no_grad():
        plain = (
            surrogate[0].language_model(inputs_embeds=surrogate[0].embed(ids, None, None)).logits[0]
        )
    untouched = sorted(set(range(plain.shape[1])) - set(ids[0].tolist()))
    assert torch.allclose(plain[:, untouched], expected[:, untouched], atol=1e-5)
    assert (plain - expected).abs().max() > 0.5


@pytest.mark.parametrize("few", [1, 10_000_000])
@pytest.mark.parametrize("block", [1, 10_000_000])
def test_training_sees_the_same_logits(  # one fixture each
    surrogate, ids, expected, asked_places, block, few, monkeypatch
):
    monkeypatch.setattr(loss, "_BLOCK", block)
    monkeypatch.setattr(loss, "_IN_CACHE", few)
    model, _ = surrogate
    labels = ids.clone()
    answers = [not word for word in asked_places(ids[0], model)]
    labels[0, ~torch.tensor(answers)] = IGNORED
    labels[0, 0] = IGNORED
    places = [place for place in range(1, ids.shape[1]) if answers[place]]
    logits = expected[[place - 1 for place in places]].clone()
    wanted = ids[0, places]
    ruled_out = loss.repeats(
        functional.pad(labels, (0, 1), value=IGNORED)[:, 1:],
        functional.pad(labels, (0, 1), value=IGNORED)[:, 1:] != IGNORED,
        model.config.said_again,
    )
    logits[ruled_out] = -torch.inf
    found = model(input_ids=ids, labels=labels).loss
    right = functional.cross_entropy(logits, wanted)
    torch.testing.assert_close(found.detach(), right, rtol=1e-4, atol=0)
    found.backward()
    assert model.pointer.query.weight.grad.abs().max() > 0
    model.zero_grad()


def test_gradients_are_those_of_plain_logits():
    torch.manual_seed(0)
    read, matrix = torch.randn(7, 5), torch.randn(11, 5)
    tokens, scores = torch.randint(0, 11, (7, 4)), torch.randn(7, 4)
    targets = torch.randint(0, 11, (7,))
    given = [each.requires_grad_() for each in (read, matrix, scores)]

    logits = read @ matrix.T
    added = functional.one_hot(tokens, 11).float() * scores[..., None]
    plain = functional.cross_entropy(logits + added.sum(1), targets, reduction="sum")
    expected = torch.autograd.grad(3 * plain, given)
    found = loss.matrix_loss(read, matrix, targets, None, (tokens, scores))
    parts = loss.summed_loss(
        lambda part: part @ matrix.T, read, targets, 11, None, (tokens, scores)
    )
    for value in (found, parts):
        torch.testing.assert_close(value, plain)
        gradients = torch.autograd.grad(3 * value, given)
        for one, other in zip(gradients, expected, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def greedy(model, ids, steps):
    """Say ``steps`` tokens, reading the whole conversation anew for each."""
    for _ in range(steps):
        with torch.no_grad():
            logits = model(input_ids=ids, use_cache=False).logits[:, -1]
        ids = torch.cat([ids, logits.argmax(1, keepdim=True)], 1)
    return ids


def question(ids, model):
    first = (ids[0] == model.config.turn_ids[1]).nonzero()[0, 0]
    return ids[:, : first + 1]


def test_the_library_generates_the_same_in_steps(surrogate, ids):
    model, _ = surrogate
    asked = question(ids, model)
    mask = torch.ones_like(asked)
    said = model.generate(
        input_ids=asked, attention_mask=mask, max_new_tokens=6, do_sample=False, eos_token_id=-1
    )
    assert torch.equal(said, greedy(model, asked, 6))


def test_beams_from_one_reading_are_those_that_read_for_themselves(surrogate, ids):
    model, _ = surrogate
    asked = question(ids, model).repeat(2, 1)
    asked[1, 1:4] = asked[1, [3, 1, 2]]
    padded = functional.pad(asked, (2, 0), value=model.config.text_config.pad_token_id)
    batch = {
        "input_ids": padded,
        "attention_mask": (functional.pad(torch.ones_like(asked), (2, 0))),
    }
    decoding = {"max_new_tokens": 5, "num_beams": 3, "num_return_sequences": 3, "eos_token_id": -1}
    once = model.generate(
        **batch, **decoding, do_sample=False, past_key_values=read_question(model, batch, 3)
    )
    alone = model.generate(**batch, **decoding, do_sample=False)
    assert torch.equal(once, alone)


def test_a_strangers_cache_is_refused(surrogate, ids):
    model, _ = surrogate
    cache = DynamicCache(config=model.config.language_config)
    model.language_model(
        input_ids=question(ids, model)[:, 4:], past_key_values=cache, use_cache=True
    )
    with pytest.raises(ValueError, match="does not hold the question"):
        model(input_ids=ids[:, -1:], past_key_values=cache)
