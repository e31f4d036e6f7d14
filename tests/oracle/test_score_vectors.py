"""Vectors found in scores, against a target that multiplies vectors and numpy's decomposition."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from recexplainer.oracle import Oracle, ScoreVectors
from recexplainer.oracle import score_vectors as module


class Product:
    """Scores that are products of vectors of ``width`` numbers, and an offset per history."""

    def __init__(self, items: int, width: int) -> None:
        self.items = np.random.default_rng(0).standard_normal((items, width))
        self.offset = 1.0

    def scores(self, histories):
        users = [
            np.random.default_rng(zlib.crc32(" ".join(one).encode())).standard_normal(
                self.items.shape[1]
            )
            for one in histories
        ]
        found = np.array(users) @ self.items.T
        return (found + self.offset * found[:, :1]).astype(np.float32)


def centred(scores):
    return scores - scores.mean(axis=1, keepdims=True)


def test_products_are_the_scores_of_a_target_that_multiplies_vectors(catalogue, histories):
    target = Product(len(catalogue), 5)
    vectors = ScoreVectors.of(Oracle(target, catalogue), histories, seed=3)
    assert vectors.item_vectors().shape == (len(catalogue), 5)
    fresh = [("i1", "i2", "i3"), (), ("i7",)]
    products = vectors.user_vectors(fresh) @ vectors.item_vectors().T
    np.testing.assert_allclose(products, centred(target.scores(fresh)), atol=1e-4)


def test_of_more_directions_the_main_ones_are_kept(catalogue, histories, target, monkeypatch):
    monkeypatch.setattr(module, "_WIDTH", 6)
    vectors = ScoreVectors.of(Oracle(target, catalogue), histories, seed=3)
    scores = centred(target.scores(histories))
    products = vectors.user_vectors(histories) @ vectors.item_vectors().T
    left = np.linalg.svd(scores, compute_uv=False)[6:]  # the best that six directions can do
    assert np.linalg.norm(scores - products) == pytest.approx(np.linalg.norm(left), rel=0.05)


def test_an_item_is_the_longer_the_more_scores_differ_along_its_direction(catalogue, histories):
    target = Product(len(catalogue), 2)
    target.items[:, 1] *= 10
    found = ScoreVectors.of(Oracle(target, catalogue), histories, seed=3).item_vectors()
    lengths = np.square(found).sum(axis=0)
    assert lengths[0] > 2 * lengths[1:].max()
    assert abs(np.corrcoef(found[:, 0], target.items[:, 1])[0, 1]) > 0.95


def test_equal_scores_give_vectors_of_nothing(catalogue, histories):
    target = Product(len(catalogue), 2)
    target.items[:] = 0.0
    vectors = ScoreVectors.of(Oracle(target, catalogue), histories, seed=3)
    assert vectors.item_vectors().shape == (len(catalogue), 1)
    assert not vectors.user_vectors(histories).any()


def test_a_large_catalogue_is_asked_about_fewer_histories(
    catalogue, histories, target, monkeypatch
):
    monkeypatch.setattr(module, "_FEWEST", 4)
    monkeypatch.setattr(module, "_SCORES", 9 * len(catalogue))
    ScoreVectors.of(Oracle(target, catalogue), histories, seed=3)
    assert sum(map(len, target.batches)) == 9


def test_it_counts_the_first_choices_that_products_keep(catalogue, histories, target, monkeypatch):
    monkeypatch.setattr(module, "_WIDTH", 12)
    vectors = ScoreVectors.of(Oracle(target, catalogue), histories, seed=3)
    expected = 0
    for history in histories:
        scores = target.row(history)
        told = vectors.user_vectors([history])[0] @ vectors.item_vectors().T
        open_rows = [row for row in range(len(catalogue)) if f"i{row}" not in history]
        choice = max(open_rows, key=lambda row: scores[row])  # the first of equals
        best = sorted(open_rows, key=lambda row: -told[row])[:5]
        expected += choice in best
    assert vectors.found_first(histories) == expected
    assert 0 < expected < len(histories)


def test_what_was_saved_gives_the_same_vectors(catalogue, histories, target, tmp_path):
    oracle = Oracle(target, catalogue)
    vectors = ScoreVectors.of(oracle, histories, seed=3)
    vectors.save(tmp_path / "found.npz")
    again = ScoreVectors.load(tmp_path / "found.npz", oracle)
    np.testing.assert_array_equal(again.item_vectors(), vectors.item_vectors())
    np.testing.assert_array_equal(again.user_vectors(histories), vectors.user_vectors(histories))
