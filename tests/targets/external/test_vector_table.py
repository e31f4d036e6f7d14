"""Tables of vectors score any history, by a vector made from its items."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from recexplainer.errors import UserError
from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import Catalogue, Item, SilentProgress, TrainingHistories
from recexplainer.targets.external.vector_table import VectorOptions, build_vectors
from recexplainer.targets.fold_in.closed_form import fold_in
from recexplainer.testing import LatentTargetContract
from recexplainer.testing.toy import toy_log

IDS = ("a", "b", "c", "d")
KIT = TargetKit(Catalogue([Item(one, one.upper()) for one in IDS]), max_history=3)
OWN = ("d", "unused", "c", "b", "a")
VECTORS = np.array([[3, 4], [9, 9], [0, 2], [1, 0], [1, 1]], dtype=np.float32)


@pytest.fixture
def items(tmp_path):
    np.save(tmp_path / "items.npy", VECTORS)
    (tmp_path / "ids.txt").write_text("\n".join(OWN) + "\n", encoding="utf-8")
    return {"item_vectors": tmp_path / "items.npy", "item_ids": tmp_path / "ids.txt"}


def built(items, **options):
    return build_vectors(VectorOptions(**items, **options), KIT)


class TestFoldedVectorsContract(LatentTargetContract):
    @pytest.fixture
    def make_target(self, tmp_path):
        ids = toy_log().catalogue.ids
        np.save(tmp_path / "v.npy", np.random.default_rng(0).normal(size=(len(ids), 6)))
        (tmp_path / "v.txt").write_text("\n".join(ids), encoding="utf-8")
        options = VectorOptions(item_vectors=tmp_path / "v.npy", item_ids=tmp_path / "v.txt")
        return lambda kit: build_vectors(options, kit)


class TestCosineContract(LatentTargetContract):
    @pytest.fixture
    def make_target(self, tmp_path):
        ids = toy_log().catalogue.ids
        table = pd.DataFrame(np.random.default_rng(1).normal(size=(len(ids), 5)))
        table.columns = [f"v{column}" for column in table.columns]
        table.insert(0, "item_id", ids)
        table.to_parquet(tmp_path / "v.parquet")
        options = VectorOptions(
            item_vectors=tmp_path / "v.parquet", similarity="cosine", history="mean"
        )
        return lambda kit: build_vectors(options, kit)


def test_fold_in_minimizes_what_it_says():
    """No vector nearby is better, and the gradient by hand is zero."""
    rng = np.random.default_rng(0)
    items = rng.normal(size=(30, 7)).astype(np.float32)
    histories = [[0, 5, 9], [1], [2, 2, 3], list(range(20)), []]

    def loss(vector, rows):
        return ((items[rows] @ vector - 1) ** 2).sum() + 0.3 * vector @ vector

    for vector, rows in zip(fold_in(items, histories, 0.3), histories, strict=True):
        gradient = 2 * items[rows].T @ (items[rows] @ vector - 1) + 0.6 * vector
        np.testing.assert_allclose(gradient, 0, atol=1e-4)
        moved = [vector + rng.normal(scale=0.01, size=7) for _ in range(20)]
        assert all(loss(other, rows) >= loss(vector, rows) for other in moved)


def test_fold_in_is_the_same_in_any_batch():
    items = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    histories = [[row % 50, (row * 7) % 50] for row in range(2500)]  # more than two batches
    together = fold_in(items, histories, 0.1)
    np.testing.assert_array_equal(together[2400], fold_in(items, [histories[2400]], 0.1)[0])


def test_a_trained_user_is_found_again():
    """A user who likes exactly what its vector says gets that vector back, up to the ridge."""
    rng = np.random.default_rng(0)
    user = rng.normal(size=4)
    likes = rng.normal(size=(40, 4))
    likes /= (likes @ user)[:, None]  # every one of them scores 1
    (found,) = fold_in(likes.astype(np.float32), [list(range(40))], 1e-6)
    np.testing.assert_allclose(found, user, rtol=1e-3)


@pytest.mark.parametrize(
    ("options", "vector"),
    [
        ({"history": "mean"}, [(1 + 1 + 0) / 3, (1 + 0 + 2) / 3]),
        ({"history": "last"}, [0, 2]),
        ({"history": "last", "similarity": "cosine"}, [0, 1]),
    ],
)
def test_history_vectors_by_hand(items, options, vector):
    target = built(items, **options)
    history = [["d", "a", "b", "c"]]  # the last three are read
    np.testing.assert_allclose(target.user_vectors(history), [vector], rtol=1e-6)


def test_scores_by_hand(items):
    dots = built(items, history="last").scores([["d"]])
    np.testing.assert_allclose(dots, [[7, 3, 8, 25]])
    cosines = built(items, history="last", similarity="cosine").scores([["d"]])
    np.testing.assert_allclose(cosines, [[7 / (5 * 2**0.5), 0.6, 0.8, 1]], rtol=1e-6)


def test_an_empty_history_favors_nothing(items):
    for history in ("fold-in", "mean", "last"):
        assert built(items, history=history).scores([[]]).tolist() == [[0, 0, 0, 0]]


def _same_table(tmp_path, items, table, **options):
    table.to_parquet(tmp_path / "t.parquet")
    read = build_vectors(VectorOptions(item_vectors=tmp_path / "t.parquet", **options), KIT)
    np.testing.assert_array_equal(read.item_vectors(), built(items).item_vectors())


def test_parquet_of_lists_and_of_columns_and_other_ids(tmp_path, items):
    _same_table(tmp_path, items, pd.DataFrame({"item_id": OWN, "vector": VECTORS.tolist()}))
    columns = pd.DataFrame({"book": OWN, "x": VECTORS[:, 0], "y": VECTORS[:, 1]})
    _same_table(tmp_path, items, columns, item_column="book")


def test_ids_may_be_json_or_npy(tmp_path, items):
    (tmp_path / "ids.json").write_text('["d", "unused", "c", "b", "a"]', encoding="utf-8")
    np.save(tmp_path / "ids.npy", np.array(OWN))
    for name in ("ids.json", "ids.npy"):
        read = built(items | {"item_ids": tmp_path / name})
        np.testing.assert_array_equal(read.item_vectors(), built(items).item_vectors())


def test_fold_in_is_measured_against_the_users_own_vectors(tmp_path, items):
    users = pd.DataFrame({"user_id": ["u", "v", "x"], "vector": [[0.0, 2.0], [2.0, 0.0], [1, 1]]})
    users.to_parquet(tmp_path / "users.parquet")
    target = built(items, history="last", user_vectors=tmp_path / "users.parquet")
    training = TrainingHistories({"u": ("a", "c"), "v": ("c",), "nobody": ("a",)}, {})
    notes = []

    class Notes(SilentProgress):
        def note(self, message):
            notes.append(message)

    report = target.fit(training, Notes())
    # u gets (0, 2), its own vector; v gets (0, 2) and its own is at a right angle to it
    assert report.validation["fold_in_cosine"] == pytest.approx((1 + 0) / 2)
    assert "cosine 0.50" in notes[-1]


def _many(tmp_path, count):
    """Write tables in which a user's vector is twice the mean of the items they took, turned."""
    rng = np.random.default_rng(0)
    items = rng.normal(size=(60, 4))
    turn = rng.normal(size=(4, 4))
    taken = [rng.choice(60, size=8, replace=False) for _ in range(count)]
    users = np.array([2 * items[rows].mean(axis=0) @ turn for rows in taken])
    np.save(tmp_path / "items.npy", items)
    np.save(tmp_path / "users.npy", users)
    (tmp_path / "items.txt").write_text("\n".join(f"i{n}" for n in range(60)), encoding="utf-8")
    (tmp_path / "users.txt").write_text("\n".join(f"u{n}" for n in range(count)), encoding="utf-8")
    options = VectorOptions(
        item_vectors=tmp_path / "items.npy", item_ids=tmp_path / "items.txt",
        user_vectors=tmp_path / "users.npy", user_ids=tmp_path / "users.txt",
    )  # fmt: skip
    kit = TargetKit(Catalogue([Item(f"i{n}", f"Title {n}") for n in range(60)]), max_history=8)
    histories = {f"u{n}": tuple(f"i{row}" for row in rows) for n, rows in enumerate(taken)}
    return options, kit, TrainingHistories(histories, {}), users


def test_with_user_vectors_the_way_to_them_is_learned(tmp_path):
    options, kit, training, users = _many(tmp_path, 100)
    target = build_vectors(options, kit)
    report = target.fit(training, SilentProgress())
    assert report.validation["fold_in_cosine"] > 0.99
    assert report.validation["fold_in_overlap@10"] > 0.9
    given = target.user_vectors(list(training.histories.values()))
    np.testing.assert_allclose(given, users, atol=0.05 * np.abs(users).max())


def test_what_was_learned_is_kept(tmp_path):
    options, kit, training, _ = _many(tmp_path, 40)
    target = build_vectors(options, kit)
    target.fit(training, SilentProgress())
    asked = [*list(training.histories.values())[:5], ()]
    target.save(tmp_path / "kept")
    again = build_vectors(options, kit)
    again.load(tmp_path / "kept")
    np.testing.assert_array_equal(again.scores(asked), target.scores(asked))


def test_too_few_users_to_learn_from(tmp_path):
    options, kit, training, _ = _many(tmp_path, 19)
    with pytest.raises(UserError, match=r"19 of its 19 users .* and 20 are needed"):
        build_vectors(options, kit).fit(training, SilentProgress())


def test_the_ridge_is_a_multiple_of_the_items_length(items, tmp_path):
    """Items twice as long give vectors half as long: the same scores."""
    np.save(tmp_path / "longer.npy", 2 * VECTORS)
    longer = built(items | {"item_vectors": tmp_path / "longer.npy"})
    asked = [["a", "b"], ["d"]]
    np.testing.assert_allclose(longer.scores(asked), built(items).scores(asked), rtol=1e-5)
