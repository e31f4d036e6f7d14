from __future__ import annotations

import pytest
import torch

from recexplainer.errors import RunFolderError
from recexplainer.surrogate.model.pull_network import (
    NO_ITEM,
    PullNetwork,
    PullSize,
    right_aligned,
)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return PullNetwork(PullSize(d_rec=6, ages=8, width=16)).eval()


@pytest.fixture
def vectors():
    return torch.randn(20, 6, generator=torch.Generator().manual_seed(1)) * 3 + 2


def test_what_stands_before_a_history_changes_nothing(network, vectors):
    network.standardize_by(vectors)
    histories = [[3, 5, 7], [1, 2, 3, 4, 5, 6], [9]]
    items = torch.tensor([[0, 11], [12, 13], [14, 15]])
    together = network(right_aligned(histories, 8), items, vectors)
    for row, history in enumerate(histories):
        alone = network(right_aligned([history], 8), items[row : row + 1], vectors)[0]
        torch.testing.assert_close(together[row, :, -len(history) :], alone)


def test_the_same_title_pulls_otherwise_at_another_place_and_beside_others(network, vectors):
    items = torch.tensor([[0]])
    pulls = {
        history: network(torch.tensor([history]), items, vectors)[0, 0, history.index(5)].item()
        for history in ((5, 6, 7), (6, 7, 5), (5, 6, 8))
    }
    assert len({round(pull, 5) for pull in pulls.values()}) == 3


def test_of_a_long_history_the_latest_are_kept():
    aligned = right_aligned([[1, 2, 3, 4], [5]], 3)
    assert aligned.tolist() == [[2, 3, 4], [NO_ITEM, NO_ITEM, 5]]


def test_older_items_than_were_learned_count_as_the_oldest(network, vectors):
    histories = torch.arange(12)[None]
    found = network(histories, torch.tensor([[15]]), vectors)
    assert torch.isfinite(found).all()
    assert found.shape == (1, 1, 12)


def test_what_is_saved_answers_the_same(network, vectors, tmp_path):
    network.standardize_by(vectors)
    network.save(tmp_path / "network.safetensors")
    again = PullNetwork.load(tmp_path / "network.safetensors")
    asked = right_aligned([[1, 2, 3]], 8), torch.tensor([[4, 5]]), vectors
    assert torch.equal(again(*asked), network(*asked))


def test_a_damaged_file_is_refused(tmp_path):
    (tmp_path / "network.safetensors").write_bytes(b"nothing")
    with pytest.raises(RunFolderError, match="damaged"):
        PullNetwork.load(tmp_path / "network.safetensors")


def test_scale_and_origin_of_the_vectors_do_not_matter(network, vectors):
    asked = right_aligned([[1, 2, 3]], 8), torch.tensor([[4, 5]])
    network.standardize_by(vectors)
    before = network(*asked, vectors)
    network.standardize_by(vectors * 50 - 7)
    torch.testing.assert_close(network(*asked, vectors * 50 - 7), before, atol=1e-4, rtol=1e-4)
