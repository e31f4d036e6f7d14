"""Vectors land in their slots, the loss is the plain one, and nothing is lost on disk."""

import pytest
import torch
from torch.nn import functional

from recexplainer.surrogate.corpus.batches import EncodedCorpus
from recexplainer.surrogate.corpus.collator import Collator
from recexplainer.surrogate.model.projector import Projector
from recexplainer.surrogate.model.surrogate_config import SurrogateLMConfig
from recexplainer.surrogate.model.surrogate_files import load_surrogate
from recexplainer.surrogate.model.surrogate_model import IGNORED, SurrogateLM

WORDS = [7, 8, 9, 10, 11, 12]


@pytest.fixture
def slots(surrogate):
    """Two rows with two user and three item slots, and with one of each; and their vectors."""
    _, encoder = surrogate
    u, i = encoder.user_id, encoder.item_id
    ids = torch.tensor([[7, u, 8, i, i, 9, u, i], [u, 7, 7, i, 8, 9, 10, 11]])
    generator = torch.Generator().manual_seed(1)
    user = torch.randn(2, 2, 6, generator=generator)
    item = torch.randn(2, 3, 6, generator=generator)
    return ids, user, item


def by_hand(model, encoder, ids, user, item):
    """Embed one row, one token at a time."""
    rows, users, items = [], iter(user), iter(item)
    (begins, answers), separator = model.config.turn_ids, model.config.said_again[0]
    asked = False
    for place, token in enumerate(ids.tolist()):
        if token == encoder.user_id:
            rows.append(model.user_projector(next(users)))
        elif token == encoder.item_id:
            rows.append(model.item_projector(next(items)))
        else:
            rows.append(model.get_input_embeddings().weight[token])
        asked = token != answers and (asked or token == begins)
        if asked:
            rest = ids.tolist()[place + 1 :]
            turn = rest[: rest.index(answers)] if answers in rest else rest
            rows[-1] = rows[-1] + model.age_embedding.weight[turn.count(separator)]
    return torch.stack(rows)


def test_the_kth_vector_lands_in_the_kth_slot(surrogate, slots):
    model, encoder = surrogate
    embedded = model.embed(*slots)
    for row, (ids, user, item) in enumerate(zip(*slots, strict=True)):
        expected = by_hand(model, encoder, ids, user, item)
        torch.testing.assert_close(embedded[row], expected, rtol=1e-5, atol=1e-5)


def test_without_vectors_it_is_the_language_model(surrogate):
    model, _ = surrogate
    ids = torch.tensor([WORDS])
    with torch.no_grad():
        assert torch.equal(model(input_ids=ids).logits, model.language_model(input_ids=ids).logits)


def test_slots_need_neither_rows_in_the_embedding_nor_in_the_head(surrogate):
    model, encoder = surrogate
    assert min(encoder.user_id, encoder.item_id) >= model.get_input_embeddings().num_embeddings


def test_projector_standardizes_with_the_training_vectors():
    vectors = torch.randn(500, 4) * torch.tensor([1.0, 50.0, 0.01, 0.0]) + 7.0
    projector = Projector(4, 8)
    projector.standardize_by(vectors)
    seen = (vectors - projector.mean) / projector.deviation
    assert seen.mean(0).abs().max() < 1e-3
    torch.testing.assert_close(seen.std(0)[:3], torch.ones(3), rtol=1e-3, atol=1e-3)
    assert seen[:, 3].abs().max() < 10  # a constant coordinate says nothing, and does not explode


def plain_loss(model, embedded, labels):
    """Sum over the labelled tokens of one row, each predicted from the row before it."""
    logits = model.language_model(inputs_embeds=embedded[None]).logits[0]
    places = [t for t in range(1, len(labels)) if labels[t] != IGNORED]
    losses = [functional.cross_entropy(logits[t - 1], labels[t]) for t in places]
    return torch.stack(losses).sum(), len(places)


@pytest.fixture
def padded(surrogate, slots):
    """Three conversations of unlike lengths as the collator pads them, and each one alone."""
    _, encoder = surrogate
    ids, user, item = slots
    alone = [(ids[0], user[0], item[0]), (ids[1][:5], user[1][:1], item[1][:1])]
    alone.append((torch.tensor(WORDS[:4]), user[0][:0], item[0][:0]))
    batch = {
        "input_ids": torch.zeros(3, 8, dtype=torch.long),
        "labels": torch.full((3, 8), IGNORED),
        "user_vectors": torch.zeros(3, 2, 6),
        "item_vectors": torch.zeros(3, 3, 6),
    }
    slot_ids = torch.tensor([encoder.user_id, encoder.item_id])
    for row, (tokens, users, items) in enumerate(alone):
        length = len(tokens)
        batch["input_ids"][row, :length] = tokens
        words = torch.isin(tokens, slot_ids, invert=True)
        batch["labels"][row, :length] = torch.where(words, tokens, IGNORED)
        batch["user_vectors"][row, : len(users)] = users
        batch["item_vectors"][row, : len(items)] = items
    return batch, alone


def expected_loss(surrogate, padded):
    model, encoder = surrogate
    batch, alone = padded
    total, count = 0.0, 0
    for row, (ids, user, item) in enumerate(alone):
        embedded = by_hand(model, encoder, ids, user, item)
        loss, labelled = plain_loss(model, embedded, batch["labels"][row, : len(ids)])
        total, count = total + loss.item(), count + labelled
    return total, count


def test_loss_of_a_padded_batch_is_that_of_its_rows_alone(surrogate, padded):
    total, count = expected_loss(surrogate, padded)
    loss = surrogate[0](**padded[0]).loss.item()
    assert loss == pytest.approx(total / count, abs=1e-5)


def test_loss_is_averaged_over_the_tokens_it_is_told(surrogate, padded):
    total, _ = expected_loss(surrogate, padded)
    loss = surrogate[0](**padded[0], num_items_in_batch=torch.tensor(50)).loss.item()
    assert loss == pytest.approx(total / 50, abs=1e-5)


def test_loss_with_a_head_that_scales_its_logits():
    """Cohere multiplies its logits: their head must not be replaced by the embedding alone."""
    from transformers import CohereConfig

    text = CohereConfig(
        vocab_size=40,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        logit_scale=0.25,
    )
    torch.manual_seed(0)
    config = SurrogateLMConfig(text, user_dim=6, item_dim=6, user_token_id=40, item_token_id=41)
    model = SurrogateLM(config).eval()
    ids = torch.tensor([[5, 6, 7, 8, 9]])
    labels = torch.tensor([[IGNORED, IGNORED, 7, 8, 9]])
    total, count = plain_loss(model, model.get_input_embeddings()(ids[0]), labels[0])
    loss = model(input_ids=ids, labels=labels).loss.item()
    assert loss == pytest.approx(total.item() / count, abs=1e-5)


def test_both_projectors_learn(surrogate, padded):
    model, _ = surrogate
    model.zero_grad()
    model(**padded[0]).loss.backward()
    for projector in (model.user_projector, model.item_projector):
        assert all(p.grad is not None and p.grad.abs().max() > 0 for p in projector.parameters())
    model.zero_grad()


def test_saved_and_loaded_logits_are_the_same_bits(surrogate, surrogate_folder, slots):
    loaded, encoder = load_surrogate(surrogate_folder)
    ids, user, item = slots
    with torch.no_grad():
        before = surrogate[0](input_ids=ids, user_vectors=user, item_vectors=item).logits
        after = loaded(input_ids=ids, user_vectors=user, item_vectors=item).logits
    assert torch.equal(before, after)
    assert (encoder.user_id, encoder.item_id) == (surrogate[1].user_id, surrogate[1].item_id)
    assert not list(surrogate_folder.glob("*.bin"))


def test_a_loaded_tokenizer_encodes_the_same(surrogate, surrogate_folder, conversation, sentences):
    _, encoder = load_surrogate(surrogate_folder)
    asked = [conversation(("user", text), ("assistant", "Heat (1995)")) for text in sentences]
    assert encoder.conversations(asked) == surrogate[1].conversations(asked)


def test_a_collated_corpus_runs_end_to_end(surrogate, vectors, conversation, monkeypatch):
    """Rows of contexts and items reach the model as the vectors of exactly those rows."""
    model, encoder = surrogate
    monkeypatch.setattr(model.config, "pointer", 0)  # its part is in test_pointer
    marked = conversation(
        ("user", "The user \ue000 and \ue001 or \ue001?"),
        ("assistant", "Yes"),
        contexts=(4,),
        items=(7, 2),
    )
    corpus = EncodedCorpus.build(encoder.conversations([marked]), [marked])
    batch = Collator(*vectors, encoder.tokenizer.pad_token_id)([corpus[0]])
    user, item = (torch.from_numpy(kind) for kind in vectors)
    ids = batch["input_ids"][0]
    embedded = by_hand(model, encoder, ids, user[[4]], item[[7, 2]])
    loss, count = plain_loss(model, embedded, batch["labels"][0])
    assert count == 1 + len(encoder.tokenizer("Yes")["input_ids"])
    assert model(**batch).loss.item() == pytest.approx(loss.item() / count, abs=1e-5)
