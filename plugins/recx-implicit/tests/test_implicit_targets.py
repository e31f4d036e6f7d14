from __future__ import annotations

import numpy as np
import pytest
from implicit.als import AlternatingLeastSquares
from pydantic import ValidationError
from recx_implicit.als import AlsTarget
from recx_implicit.bpr import BprTarget
from recx_implicit.options import AlsOptions, BprOptions
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from recexplainer.errors import DataError, RunFolderError, StageError
from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import SilentProgress, TrainingHistories
from recexplainer.testing import LatentTargetContract, toy_log, toy_training

LOG = toy_log()
TRAINING = toy_training(LOG)
KIT = TargetKit(LOG.catalogue, max_history=5, seed=7)
ALS = AlsOptions(factors=8, regularization=0.5, alpha=3.0)
BPR = BprOptions(factors=8, learning_rate=0.05)
BOTH = pytest.mark.parametrize(
    "make", [lambda: AlsTarget(ALS, KIT), lambda: BprTarget(BPR, KIT)], ids=["als", "bpr"]
)


def fitted(target):
    target.fit(TRAINING, SilentProgress())
    return target


@pytest.fixture(scope="module")
def als():
    return fitted(AlsTarget(ALS, KIT))


class TestAlsContract(LatentTargetContract):
    reads_order = False

    @pytest.fixture
    def make_target(self):
        return lambda kit: AlsTarget(ALS, kit)


class TestBprContract(LatentTargetContract):
    reads_order = False

    @pytest.fixture
    def make_target(self):
        return lambda kit: BprTarget(BPR, kit)


@BOTH
def test_what_is_liked_next_is_of_the_color_that_was_walked(make):
    target = fitted(make())
    history = ["green-3", "green-4", "green-5"]
    scores = target.scores([history])[0]
    scores[LOG.catalogue.rows(history)] = -np.inf
    best = np.argsort(-scores)[:2]
    assert all(LOG.catalogue[row].id.startswith("green") for row in best)


@BOTH
def test_the_order_of_a_history_says_nothing(make):
    target = fitted(make())
    there, back = target.scores([["red-1", "blue-2", "red-4"], ["red-4", "blue-2", "red-1"]])
    np.testing.assert_allclose(there, back, rtol=1e-5)


def test_als_scores_are_those_the_library_recommends_by(als):
    rows = [LOG.catalogue.rows(history) for history in TRAINING.histories.values()]
    dense = np.zeros((len(rows), len(LOG.catalogue)), dtype=np.float32)
    for user, row in enumerate(rows):
        dense[user, row] = 1
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=8, regularization=0.5, alpha=3.0, random_state=7, num_threads=1, use_gpu=False
        )
        model.fit(csr_matrix(dense), show_progress=False)
        ids, scores = model.recommend(
            0,
            csr_matrix(dense[:1]),
            N=len(LOG.catalogue),
            recalculate_user=True,
            filter_already_liked_items=False,
        )
    ours = als.scores([next(iter(TRAINING.histories.values()))])[0]
    np.testing.assert_allclose(ours[ids], scores, rtol=1e-4, atol=1e-6)


def test_als_reads_a_history_by_the_least_squares_of_its_paper(als):
    history = ["red-0", "red-1", "red-1", "blue-7"]  # two of one item: twice the confidence
    factors = als.item_vectors().astype(np.float64)
    liked = LOG.catalogue.rows(["red-0", "red-1", "blue-7"])
    confidence = np.ones(len(LOG.catalogue))
    confidence[liked] = 3.0 * np.array([1, 2, 1])
    system = factors.T @ np.diag(confidence) @ factors + 0.5 * np.eye(8)
    expected = np.linalg.solve(system, factors[liked].T @ confidence[liked])
    np.testing.assert_allclose(als.user_vectors([history])[0], expected, rtol=1e-3, atol=1e-4)


def test_als_answers_alike_on_more_threads(als):
    more = fitted(AlsTarget(ALS.model_copy(update={"threads": 2}), KIT))
    np.testing.assert_allclose(
        more.scores([["red-1", "red-2"]]), als.scores([["red-1", "red-2"]]), rtol=1e-4, atol=1e-6
    )


def test_als_of_more_threads_loads_what_one_thread_saved(als, tmp_path):
    als.save(tmp_path)
    other = AlsTarget(ALS.model_copy(update={"threads": 2}), KIT)
    other.load(tmp_path)
    np.testing.assert_array_equal(other.item_vectors(), als.item_vectors())


def test_bpr_reports_how_near_unseen_users_come_to_their_own_vectors():
    report = BprTarget(BPR, KIT).fit(TRAINING, SilentProgress())
    assert 0.5 < report.validation["fold_in_cosine"] <= 1.0


def test_bpr_reports_nothing_where_users_are_too_few_to_tell():
    few = dict(list(TRAINING.histories.items())[:4])
    report = BprTarget(BPR, KIT).fit(TrainingHistories(few, {}), SilentProgress())
    assert report.validation == {}


def test_an_item_that_nobody_had_is_not_recommended(als):
    histories = {
        user: tuple(item for item in history if item != "red-3")
        for user, history in TRAINING.histories.items()
    }
    target = AlsTarget(ALS, KIT)
    target.fit(TrainingHistories(histories, {}), SilentProgress())
    scores = target.scores([["red-1", "red-2"]])[0]
    assert np.argmax(scores) != LOG.catalogue.row("red-3")
    assert scores[LOG.catalogue.row("red-3")] == pytest.approx(0, abs=1e-6)


@BOTH
def test_no_interactions_are_refused(make):
    with pytest.raises(DataError, match="needs interactions; got 1 empty histories"):
        make().fit(TrainingHistories({"user": ()}, {}), SilentProgress())


@BOTH
def test_asking_before_training_says_so(make):
    with pytest.raises(StageError, match="call fit or load first"):
        make().scores([["red-1"]])


@BOTH
def test_loading_from_an_empty_folder_says_so(make, tmp_path):
    with pytest.raises(RunFolderError, match="fit the target again"):
        make().load(tmp_path)


def test_what_was_saved_with_other_options_is_refused(als, tmp_path):
    als.save(tmp_path)
    with pytest.raises(RunFolderError, match="saved with other options"):
        AlsTarget(ALS.model_copy(update={"alpha": 4.0}), KIT).load(tmp_path)
    with pytest.raises(RunFolderError, match="saved with other target, options"):
        BprTarget(BPR, KIT).load(tmp_path)


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        (AlsOptions, {"alpha": 0}),
        (AlsOptions, {"alpha": float("inf")}),
        (AlsOptions, {"factors": 0}),
        (AlsOptions, {"regularization": -1}),
        (BprOptions, {"learning_rate": 0}),
        (BprOptions, {"threads": 4}),
    ],
)
def test_options_outside_their_range_are_refused(options, wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        options(**wrong)
