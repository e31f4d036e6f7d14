"""Estimates are the network's own, by item, and are told to those who word an explanation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recexplainer.plugins.wording_interface import About
from recexplainer.records import Catalogue, Item
from recexplainer.surrogate.corpus.training_files import PULL_NETWORK
from recexplainer.surrogate.generation.estimated_pulls import EstimatedPulls
from recexplainer.surrogate.generation.taught_sentences import Asked
from recexplainer.surrogate.model.pull_network import PullNetwork, PullSize

D_REC = 5


@pytest.fixture
def catalogue():
    return Catalogue([Item(f"i{row}", f"Title {row}") for row in range(9)])


@pytest.fixture
def vectors():
    return np.random.default_rng(0).normal(size=(9, D_REC)).astype(np.float32)


@pytest.fixture
def folder(tmp_path):
    torch.manual_seed(2)
    PullNetwork(PullSize(d_rec=D_REC, ages=4, width=8)).save(tmp_path / PULL_NETWORK)
    return tmp_path


def _asked(history, item):
    return Asked(About(history, item, "Why ?"), [], "")


def test_every_item_gets_the_networks_answer_alone_or_in_a_batch(folder, catalogue, vectors):
    pulls = EstimatedPulls.of(folder, catalogue, vectors)
    asked = [_asked(("i1", "i4", "i7"), "i2"), _asked(("i3",), "i8")]
    network = PullNetwork.load(folder / PULL_NETWORK)
    for one, told in zip(asked, pulls.told(asked), strict=True):
        rows = [int(item[1:]) for item in one.about.history]
        item = torch.tensor([[int(one.about.item[1:])]])
        expected = network(torch.tensor([rows]), item, torch.from_numpy(vectors))[0, 0]
        assert list(told.about.pulls) == list(one.about.history)
        assert list(told.about.pulls.values()) == pytest.approx(expected.tolist(), abs=1e-5)


def test_an_item_that_stands_twice_has_one_pull(folder, catalogue, vectors):
    (told,) = EstimatedPulls.of(folder, catalogue, vectors).told([_asked(("i1", "i4", "i1"), "i2")])
    network = PullNetwork.load(folder / PULL_NETWORK)
    places = network(torch.tensor([[1, 4, 1]]), torch.tensor([[2]]), torch.from_numpy(vectors))
    first, _, last = places[0, 0].tolist()
    assert told.about.pulls["i1"] == pytest.approx((first + last) / 2, abs=1e-5)


def test_an_empty_history_is_left_as_it_is(folder, catalogue, vectors):
    told = EstimatedPulls.of(folder, catalogue, vectors).told([_asked((), "i2")])
    assert told == [_asked((), "i2")]


def test_other_vectors_give_other_estimates(folder, catalogue, vectors):
    pulls, asked = EstimatedPulls.of(folder, catalogue, vectors), [_asked(("i1", "i4"), "i2")]
    other = pulls.with_vectors(vectors[::-1])
    assert other.told(asked) != pulls.told(asked)
    again = EstimatedPulls.of(folder, catalogue, vectors[::-1].copy())
    assert other.told(asked) == again.told(asked)


def test_without_vectors_or_a_network_nothing_is_estimated(folder, catalogue, vectors, tmp_path):
    assert EstimatedPulls.of(folder, catalogue, None) is None
    (folder / PULL_NETWORK).unlink()
    assert EstimatedPulls.of(folder, catalogue, vectors) is None
