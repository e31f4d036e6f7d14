"""Batches, padding, and a head that sees answers only give the losses of one example at a time."""

import json

import numpy as np
import pytest
import torch
from torch.nn import functional

from recexplainer.records import SilentProgress
from recexplainer.surrogate.corpus.batches import EncodedCorpus, LengthBatches
from recexplainer.surrogate.corpus.training_folder import prepare, read_vectors
from recexplainer.surrogate.model.surrogate_files import load_surrogate
from recexplainer.surrogate.training.session import train

RATE = 3e-3
"""The default. Higher ones make a model so small magnify the rounding of each step."""


@pytest.fixture(scope="module")
def folder(corpus, settings, catalogue, tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    chosen = settings.model_copy(update={"learning_rate": RATE, "optimizer": "adamw", "threads": 1})
    prepare(corpus, folder, chosen, titles=catalogue.titles, progress=SilentProgress())
    return folder


@pytest.fixture(scope="module")
def one_by_one(folder, settings, pointed_logits):
    """The losses of a plain loop: no padding, no mask, logits everywhere, PyTorch's own AdamW."""
    model, _ = load_surrogate(folder / "start")
    encoded = EncodedCorpus.load(folder / "encoded.safetensors")
    users, items = (torch.from_numpy(vectors) for vectors in read_vectors(folder))
    order = LengthBatches(encoded.lengths, settings.batch_size, settings.seed)
    batches = order.batches()
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), weight_decay=0.0)
    warm, losses = round(0.1 * len(batches)), []
    for step, batch in enumerate(batches):
        falling = (len(batches) - step) / (len(batches) - warm)
        share = step / warm if step < warm else falling
        optimizer.param_groups[0]["lr"] = RATE * share
        total, answers = torch.zeros(()), 0
        for row in batch:
            example = encoded[row]
            ids = torch.from_numpy(example["ids"].astype(np.int64))
            users_in, items_in = users[example["contexts"]], items[example["items"]]
            embedded = model.embed(ids[None], users_in[None], items_in[None])
            logits = pointed_logits(model, ids, embedded)
            answer = np.flatnonzero(example["labelled"])
            again = model.config.said_again
            is_list = again[0] in ids[answer]
            for number, place in enumerate(answer):
                said = set(ids[answer[:number]].tolist()) - {*again, int(ids[place])}
                left = logits[place - 1].clone()
                left[list(said if is_list else ())] = -torch.inf
                total = total + functional.cross_entropy(left, ids[place])
                answers += 1
        loss = total / answers
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), settings.max_grad_norm)
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_the_loss_of_every_step_is_that_of_one_example_at_a_time(folder, one_by_one):
    train(folder, SilentProgress())
    lines = (folder / "log.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line)["loss"] for line in lines]
    assert len(found) == 7
    assert found[-1] < 0.95 * found[0]  # so the updates are compared too
    # Adam divides a gradient by its own size, so that of a nearly idle weight is mostly rounding.
    np.testing.assert_allclose(found, one_by_one, atol=6e-3)
