"""Item-item models against their papers' formulas, worked out by hand on the toy world."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.errors import UnknownNameError
from recexplainer.testing import toy_training


@pytest.fixture(scope="module")
def taken(toy):
    """Users by items, 1 where taken in training."""
    histories = toy_training(toy).histories.values()
    matrix = np.zeros((len(histories), len(toy.catalogue)))
    for row, history in zip(matrix, histories, strict=True):
        row[toy.catalogue.rows(history)] = 1
    return matrix


def sums(weights, toy, histories):
    rows = []
    for history in histories:
        row = np.zeros(len(toy.catalogue))
        for item in set(history):
            row += weights[toy.catalogue.row(item)]
        rows.append(row)
    return np.array(rows)


HISTORIES = [["red-0"], ["red-3", "blue-7"], ["white-1", "white-2", "white-1"], []]


def test_ease_is_steck_s_closed_form(fit, toy, taken):
    target, _ = fit("ease", settings={"reg_weight": 3.5})
    inverse = np.linalg.inv(taken.T @ taken + 3.5 * np.eye(len(toy.catalogue)))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    expected = sums(weights, toy, HISTORIES)
    np.testing.assert_allclose(target.scores(HISTORIES), expected, atol=1e-4)


def test_itemknn_is_the_cosine_of_the_nearest(fit, toy, taken):
    """Item j is scored by its 3 nearest items only: which of those are in the history."""
    target, _ = fit("itemknn", settings={"k": 3})
    lengths = np.linalg.norm(taken, axis=0)
    cosines = taken.T @ taken / (np.outer(lengths, lengths) + 1e-6)
    np.fill_diagonal(cosines, 0)
    scores = target.scores([[item] for item in toy.catalogue.ids])
    for item in range(len(toy.catalogue)):
        kept = scores[:, item]
        assert (kept > 0).sum() <= 3
        nearest = np.sort(cosines[:, item])[::-1][:3]
        np.testing.assert_allclose(np.sort(kept)[::-1][:3], nearest, atol=1e-5)
        positive = kept > 0
        np.testing.assert_allclose(kept[positive], cosines[positive, item], atol=1e-5)


def test_slim_is_scikit_learn_s_elastic_net_column_by_column(fit, toy, taken):
    from sklearn.linear_model import ElasticNet

    target, _ = fit("slim", settings={"alpha": 0.01, "l1_ratio": 0.1})
    weights = np.zeros((len(toy.catalogue),) * 2)
    for item in range(len(toy.catalogue)):
        others = taken.copy()
        others[:, item] = 0
        # RecBole counts the padding user, who took nothing, among the rows.
        others = np.vstack([np.zeros(others.shape[1]), others])
        wanted = np.concatenate([[0], taken[:, item]])
        net = ElasticNet(
            alpha=0.01, l1_ratio=0.1, positive=True, fit_intercept=False, tol=1e-8, max_iter=5000
        )
        weights[:, item] = net.fit(others, wanted).coef_
    expected = sums(weights, toy, HISTORIES)
    np.testing.assert_allclose(target.scores(HISTORIES), expected, atol=5e-3)
    assert expected.max() > 0.2


@pytest.mark.parametrize("name", ["ease", "itemknn"])  # a dense matrix and a sparse one
def test_contributions_are_what_each_item_of_the_window_adds(fit, toy, name):
    target, _ = fit(name, max_history=3)
    history = ["blue-7", "red-0", "red-1", "red-1", "red-2"]
    for item in ("red-3", "white-0"):
        parts = target.contributions(history, item)
        alone = target.scores([["red-1"], ["red-2"]])[:, toy.catalogue.row(item)]
        assert parts == pytest.approx({"red-1": float(alone[0]), "red-2": float(alone[1])})
        whole = target.scores([history])[0, toy.catalogue.row(item)]
        assert sum(parts.values()) == pytest.approx(float(whole), abs=1e-5)


def test_contributions_of_an_unknown_item_are_refused(fit):
    target, _ = fit("ease")
    with pytest.raises(UnknownNameError, match="no-stone"):
        target.contributions(["red-0"], "no-stone")
