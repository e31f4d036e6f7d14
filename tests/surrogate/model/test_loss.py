"""In parts, the loss and its gradients are those of all positions at once."""

from functools import partial

import pytest
import torch
from torch.nn import functional

from recexplainer.surrogate.model import loss
from recexplainer.surrogate.model.head import LinearHead
from recexplainer.surrogate.model.surrogate_model import IGNORED

VOCABULARY, WIDTH, POSITIONS = 50, 8, 23


@pytest.fixture
def world():
    torch.manual_seed(2)
    embedding = torch.nn.Linear(WIDTH, VOCABULARY)
    read = torch.randn(POSITIONS, WIDTH, requires_grad=True)
    return embedding, read, torch.randint(0, VOCABULARY, (POSITIONS,))


@pytest.fixture
def five_at_once(monkeypatch):
    monkeypatch.setattr(loss, "_LOGIT_BYTES", 5 * 4 * VOCABULARY + 3)


def with_gradients(value, embedding, read):
    for tensor in (read, *embedding.parameters()):
        tensor.grad = None
    value.backward()
    return [value.detach(), read.grad, *(weight.grad for weight in embedding.parameters())]


def by_hand(head, embedding, read, targets, banned=()):
    total = torch.zeros(())
    for position, target in enumerate(targets):
        logits = head.logits(embedding, read[position])
        gone = [token for place, token in banned if place == position]
        logits = logits.index_fill(0, torch.tensor(gone, dtype=torch.long), -torch.inf)
        total = total - logits.log_softmax(-1)[target]
    return total


@pytest.mark.parametrize("head", [LinearHead(), LinearHead(0.5, 3.0, 2.0)], ids=["plain", "capped"])
def test_parts_add_up_to_one_position_at_a_time(head, world, five_at_once):
    embedding, read, targets = world
    logits_of = partial(head.logits, embedding)
    found = loss.summed_loss(logits_of, read, targets, VOCABULARY)
    expected = by_hand(head, embedding, read, targets)
    pairs = [with_gradients(value, embedding, read) for value in (found, expected)]
    for one, other in zip(*pairs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_no_more_logits_exist_at_once_than_the_bound_allows(world, five_at_once):
    embedding, read, targets = world
    seen = []

    def logits_of(part):
        seen.append(len(part))
        return embedding(part)

    loss.summed_loss(logits_of, read, targets, VOCABULARY).backward()
    assert seen == [5, 5, 5, 5, 3, 3, 5, 5, 5, 5]  # and again for the backward pass


def test_below_the_bound_nothing_is_computed_twice(world):
    embedding, read, targets = world
    seen = []

    def logits_of(part):
        seen.append(len(part))
        return embedding(part)

    loss.summed_loss(logits_of, read, targets, VOCABULARY).backward()
    assert seen == [POSITIONS]
    assert loss.positions_at_once(9216) > 64 * 100  # the default surrogate's


def test_what_lists_have_said_is_ruled_out_in_the_part_it_belongs_to(world, five_at_once):
    embedding, read, _ = world
    rows = torch.randint(2, 9, (4, 9))  # so few tokens that most are said again
    rows[:, 3] = 1  # the separator makes a list of a row
    rows[2, 3] = 2  # but not of this one
    labelled = torch.rand(4, 9, generator=torch.Generator().manual_seed(0)) < 0.7
    labelled[:, 3] = True
    labelled.view(-1)[labelled.view(-1).nonzero()[POSITIONS:, 0]] = False
    targets = rows.masked_fill(~labelled, IGNORED)
    said = targets[labelled]
    assert len(said) == POSITIONS
    banned, place = [], 0
    for row in range(4):
        earlier = []
        for token in targets[row][labelled[row]].tolist():
            is_list = 1 in targets[row][labelled[row]]
            banned += [(place, e) for e in earlier if is_list and e not in {1, token}]
            earlier.append(token)
            place += 1
    found = loss.repeats(targets, labelled, [1])
    assert sorted(set(zip(*(t.tolist() for t in found), strict=True))) == sorted(set(banned))
    value = loss.summed_loss(embedding, read, said, VOCABULARY, found)
    expected = by_hand(LinearHead(), embedding, read, said, banned)
    pairs = [with_gradients(each, embedding, read) for each in (value, expected)]
    for one, other in zip(*pairs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_half_precision_is_summed_in_full(world):
    embedding, read, targets = world
    half = embedding.to(torch.bfloat16)
    found = loss.summed_loss(half, read.detach().to(torch.bfloat16), targets, VOCABULARY)
    logits = half(read.detach().to(torch.bfloat16)).float()
    assert found.dtype == torch.float32
    assert torch.equal(found, functional.cross_entropy(logits, targets, reduction="sum"))


def test_no_labelled_position_is_no_loss(world):
    embedding, read, targets = world
    value = loss.summed_loss(embedding, read[:0], targets[:0], VOCABULARY)
    value.backward()
    assert value.item() == 0
    assert torch.equal(read.grad, torch.zeros_like(read))


@pytest.mark.parametrize("frozen", [(), ("read",), ("matrix",)])
@pytest.mark.parametrize("few", [1, 3, POSITIONS])
@pytest.mark.parametrize("block", [1, 5, POSITIONS])
def test_gradients_computed_with_the_loss_are_those_of_one_position_at_a_time(
    block, few, frozen, world, monkeypatch
):
    monkeypatch.setattr(loss, "_BLOCK", block)
    monkeypatch.setattr(loss, "_IN_CACHE", few * VOCABULARY)
    embedding, read, targets = world
    embedding.bias = None
    embedding.weight.requires_grad_("matrix" not in frozen)
    read = read.detach().requires_grad_("read" not in frozen)
    banned = [(3, 7), (3, 9), (11, 0), (22, 49)]
    banned = [(place, token) for place, token in banned if targets[place] != token]
    ruled_out = tuple(torch.tensor(column) for column in zip(*banned, strict=True))
    found = 3 * loss.matrix_loss(read, embedding.weight, targets, ruled_out)
    expected = 3 * by_hand(LinearHead(), embedding, read, targets, banned)
    pairs = [with_gradients(value, embedding, read) for value in (found, expected)]
    for one, other in zip(*pairs, strict=True):
        if one is None:
            assert other is None
        else:
            torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("whole", [True, False], ids=["trained in float32", "frozen in bfloat16"])
def test_products_in_16_bits_differ_by_their_rounding_alone(whole, world):
    embedding, read, targets = world
    embedding.bias = None
    weight = embedding.weight
    if not whole:
        weight.requires_grad = False
        weight.data = weight.data.bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        found = loss.matrix_loss(read, weight, targets)
    expected = by_hand(LinearHead(), embedding.float(), read, targets)
    pairs = [with_gradients(value, embedding, read) for value in (found, expected)]
    assert found.dtype == torch.float32
    for one, other in zip(*pairs, strict=True):
        if one is None:
            assert other is None
        else:
            assert (one - other).norm() < 0.01 * other.norm()


def test_a_large_vocabulary_is_not_read_for_each_position():
    assert min(loss._BLOCK, loss.positions_at_once(262_144)) > 200  # Gemma's


def test_the_gradient_of_no_positions_is_zero(world):
    embedding, read, targets = world
    loss.matrix_loss(read[:0], embedding.weight, targets[:0]).backward()
    assert not embedding.weight.grad.any()
