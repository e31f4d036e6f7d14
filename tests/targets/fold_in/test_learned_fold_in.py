"""The map from histories to users, against scikit-learn and against worlds where it is exact."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from recexplainer.targets.fold_in.learned_fold_in import FoldIn, agreement, learn_fold_in

RNG = np.random.default_rng(3)
ITEMS = RNG.normal(size=(30, 4)).astype(np.float32)
HISTORIES = [RNG.permutation(30)[: RNG.integers(1, 12)].tolist() for _ in range(120)]


def read_by_hand(history):
    if not history:
        return np.zeros(9)
    vectors = [ITEMS[item].astype(float) for item in history]
    total = sum(vectors)
    count = len(history)
    return np.concatenate([total / count, total / count**0.5, [np.log(count)]])


READ = np.array([read_by_hand(history) for history in HISTORIES])


def test_users_that_are_linear_in_their_items_fold_in_exactly():
    users = (READ @ RNG.normal(size=(9, 5)) + 2.0).astype(np.float32)
    fold_in, out_of_fold = learn_fold_in(ITEMS, users, HISTORIES, seed=0)
    spread = users.std()
    assert np.abs(out_of_fold - users).max() < 0.02 * spread
    assert np.abs(fold_in.users(HISTORIES) - users).max() < 0.02 * spread


def test_the_map_is_the_ridge_that_predicts_users_left_out_best():
    users = (READ @ RNG.normal(size=(9, 5)) + 3 * RNG.normal(size=(120, 5))).astype(np.float32)
    fold_in, out_of_fold = learn_fold_in(ITEMS, users, HISTORIES, seed=4)
    folds = PredefinedSplit(np.random.default_rng(4).permutation(120) % 5)
    best = None
    for strength in (1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0):
        # scikit-learn's penalty is not scaled by the number of users, which is 96 in each fold.
        left_out = make_pipeline(StandardScaler(), Ridge(alpha=strength * 96))
        predicted = cross_val_predict(left_out, READ, users, cv=folds)
        error = ((predicted - users) ** 2).mean()
        if best is None or error < best[0]:
            whole = make_pipeline(StandardScaler(), Ridge(alpha=strength * 120)).fit(READ, users)
            best = error, predicted, whole
    np.testing.assert_allclose(out_of_fold, best[1], atol=1e-3)
    unseen = [[1, 2, 3], [29], [0, 5, 7, 9]]
    expected = best[2].predict([read_by_hand(history) for history in unseen])
    np.testing.assert_allclose(fold_in.users(unseen), expected, atol=1e-3)


def test_an_empty_history_is_the_constant():
    weights = RNG.normal(size=(10, 3)).astype(np.float32)
    np.testing.assert_allclose(FoldIn(ITEMS, weights).users([[]]), weights[-1:], rtol=1e-6)


def test_agreement_by_hand():
    own = np.array([[1.0, 0.0], [0.0, 2.0]], dtype=np.float32)
    folded = np.array([[2.0, 0.0], [1.0, 1.0]], dtype=np.float32)
    items = np.zeros((25, 2), dtype=np.float32)
    items[:, 0], items[:, 1] = np.arange(25), np.arange(25)[::-1]
    found = agreement(own, folded, lambda users: users @ items.T, [[24], []])
    assert found.cosine == pytest.approx((1 + 1 / 2**0.5) / 2)
    # The first user's order is the same. The second's own first ten are 0..9, and folded in all
    # items score alike, so that the earlier rows come first: the same ten.
    assert found.overlap == pytest.approx(1.0)
    against = agreement(own, -folded, lambda users: users @ items.T, [[24], [0, 1]])
    # Own 14..23 against 0..9; and 2..11 against 2..11 by row order of ties.
    assert against.overlap == pytest.approx(0.5)


def test_seen_items_that_fill_the_top_are_left_out():
    own = np.ones((1, 1), dtype=np.float32)
    items = np.arange(5, dtype=np.float32)[:, None]
    found = agreement(own, own, lambda users: users @ items.T, [[0, 1, 2]])
    assert found.overlap == 1.0
