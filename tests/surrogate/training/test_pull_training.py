"""The network learns a rule that is known, and says how well it does."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from recexplainer.config.language_model import TinyBackboneConfig
from recexplainer.records import SilentProgress
from recexplainer.runs.artifacts import write_arrays
from recexplainer.surrogate.corpus.training_files import PULL_NETWORK, PULLS
from recexplainer.surrogate.model.backbone_providers import tiny_recipe
from recexplainer.surrogate.model.pull_network import PullNetwork
from recexplainer.surrogate.model.training_settings import SurrogateSettings
from recexplainer.surrogate.training.pull_training import Samples, pull_loss, train_pulls

ITEMS, D_REC, LONGEST = 80, 6, 8


class _Notes(SilentProgress):
    def __init__(self):
        self.said = []

    def note(self, message):
        self.said.append(message)


class _Counting(SilentProgress):
    def bar(self, label, total, **given):
        self.total = total
        return super().bar(label, total, **given)


def _samples(rng, vectors, count):
    """A title pulls by its likeness to the item, and half as far with each title behind it."""
    histories = np.full((count, LONGEST), -1, np.int32)
    items = rng.integers(0, ITEMS, (count, 32)).astype(np.int32)
    shares = np.zeros((count, 32, LONGEST), np.float16)
    for row in range(count):
        length = int(rng.integers(1, LONGEST + 1))
        own = rng.choice(ITEMS, length, replace=False)
        pulls = vectors[items[row]] @ vectors[own].T * 0.7 ** np.arange(length - 1, -1, -1)
        histories[row, LONGEST - length :] = own
        shares[row, :, LONGEST - length :] = pulls / np.abs(pulls).max(1, keepdims=True)
    return histories, items, shares


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(4)
    vectors = rng.normal(size=(ITEMS, D_REC)).astype(np.float32)
    return vectors, _samples(rng, vectors, 2400), _samples(rng, vectors, 200)


def _folder(place, vectors, samples):
    save_file({"user": vectors[:1], "item": vectors}, place / "vectors.safetensors")
    if samples is not None:
        write_arrays(place / PULLS, dict(zip(Samples._fields, samples, strict=True)))
    return place


@pytest.fixture
def settings():
    return SurrogateSettings(recipe=tiny_recipe(TinyBackboneConfig()), seed=3)


def test_it_learns_which_title_pulls_and_says_how_well(world, tmp_path, settings):
    vectors, taught, others = world
    notes = _Notes()
    train_pulls(_folder(tmp_path, vectors, taught), settings, notes)
    network = PullNetwork.load(tmp_path / PULL_NETWORK)
    histories, items, shares = (torch.from_numpy(array) for array in others)
    with torch.no_grad():
        pulls = network(histories.long(), items.long(), torch.from_numpy(vectors))
    missing = (histories < 0)[:, None]
    for sign in (1, -1):
        named = (sign * pulls).masked_fill(missing, -torch.inf).argmax(-1)
        best, strongest = (sign * shares.float()).masked_fill(missing, -torch.inf).max(-1)
        right = (named == strongest)[best > 0].float().mean()
        chance = (1 / (histories >= 0).sum(1)).mean()
        assert right > 0.75 > 2 * chance
    (said,) = notes.said
    told = re.fullmatch(r"of ([\d,]+) questions kept apart, .* known in (\d+) %", said)
    asked, known = told.groups()
    assert int(asked.replace(",", "")) > 2000
    assert 75 < int(known) < 100


def test_the_same_seed_learns_the_same_and_draws_of_others_stay(world, tmp_path, settings):
    vectors, taught, _ = world
    few = tuple(array[:200] for array in taught)
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        torch.manual_seed(9)
        train_pulls(_folder(tmp_path / name, vectors, few), settings, SilentProgress())
        assert torch.equal(torch.rand(3), torch.rand(3, generator=torch.manual_seed(9)))
        found.append((tmp_path / name / PULL_NETWORK).read_bytes())
    assert found[0] == found[1]


@pytest.mark.parametrize(("budget", "passes"), [(0.1, 1), (0.5, 3), (1.0, 6), (4.0, 6)])
def test_a_smaller_budget_buys_fewer_passes(world, tmp_path, settings, budget, passes):
    vectors, taught, _ = world
    few = tuple(array[:200] for array in taught)  # 190 to learn from: three batches
    progress = _Counting()
    settings = settings.model_copy(update={"budget": budget})
    train_pulls(_folder(tmp_path, vectors, few), settings, progress)
    assert progress.total == 3 * passes


def test_what_is_learned_is_not_learned_again(world, tmp_path, settings):
    vectors, taught, _ = world
    folder = _folder(tmp_path, vectors, taught)
    (folder / PULL_NETWORK).write_bytes(b"learned before")
    train_pulls(folder, settings, SilentProgress())
    assert (folder / PULL_NETWORK).read_bytes() == b"learned before"


def test_without_samples_there_is_no_network(world, tmp_path, settings):
    train_pulls(_folder(tmp_path, world[0], None), settings, SilentProgress())
    assert not (tmp_path / PULL_NETWORK).exists()


def test_the_loss_is_the_sum_by_hand():
    """One context of two titles and one that is missing, one item."""
    samples = Samples(
        torch.tensor([[-1, 4, 2]]), torch.tensor([[0]]), torch.tensor([[[9.0, -0.5, 1.0]]])
    )
    pulls = torch.tensor([[[7.0, 0.2, 0.6]]])
    squared = ((0.2 + 0.5) ** 2 + (0.6 - 1.0) ** 2) / 2
    up = math.exp(2 * 0.6) / (math.exp(2 * 0.2) + math.exp(2 * 0.6))
    down = math.exp(-2 * 0.2) / (math.exp(-2 * 0.2) + math.exp(-2 * 0.6))
    named = up * 1 + (1 - up) * -0.5, down * 1 + (1 - down) * -1  # -2 is cut to -1
    expected = 2 * squared - math.log(up) - math.log(down) - 2 * sum(named)
    assert float(pull_loss(pulls, samples, torch.tensor(2.0))) == pytest.approx(expected)


def test_where_nothing_pulls_the_loss_is_finite():
    samples = Samples(torch.tensor([[-1, 4]]), torch.tensor([[0]]), torch.zeros(1, 1, 2))
    loss = pull_loss(torch.tensor([[[7.0, 0.5]]]), samples, torch.tensor(3.0))
    assert float(loss) == pytest.approx(2 * 0.25)
