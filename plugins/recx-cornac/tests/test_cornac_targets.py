from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from cornac.data import Dataset
from cornac.models import EASE, VAECF, BiVAECF
from pydantic import ValidationError
from recx_cornac.bivae import BiVaeTarget
from recx_cornac.ease import EaseTarget
from recx_cornac.options import BiVaeOptions, EaseOptions, VaeOptions
from recx_cornac.vae import VaeTarget

from recexplainer.errors import DataError, RunFolderError, StageError, UnknownNameError
from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import SilentProgress, TrainingHistories
from recexplainer.testing import LatentTargetContract, TargetContract, toy_log, toy_training

LOG = toy_log()
TRAINING = toy_training(LOG)
KIT = TargetKit(LOG.catalogue, max_history=5, seed=7)
EASE_OPTIONS = EaseOptions(regularization=2)
VAE = VaeOptions(latent=6, hidden=(12,), epochs=60, batch_size=16, learning_rate=0.01)
BIVAE = BiVaeOptions(latent=6, hidden=(12,), epochs=60, batch_size=16, learning_rate=0.01)
MAKERS = {
    "ease": lambda: EaseTarget(EASE_OPTIONS, KIT),
    "vae": lambda: VaeTarget(VAE, KIT),
    "bivae": lambda: BiVaeTarget(BIVAE, KIT),
}
ALL = pytest.mark.parametrize("name", list(MAKERS))


@pytest.fixture(scope="module")
def targets():
    made = {name: make() for name, make in MAKERS.items()}
    for target in made.values():
        target.fit(TRAINING, SilentProgress())
    return made


def trained_by_cornac(model):
    """Return ``model`` trained without our code, on the same rows and columns."""
    items = {item: row for row, item in enumerate(LOG.catalogue.ids)}
    users = {user: row for row, user in enumerate(TRAINING.histories)}
    pairs = sorted(
        (users[user], items[item]) for user, had in TRAINING.histories.items() for item in had
    )
    rows, columns = np.array(pairs).T
    ones = np.ones(len(pairs), dtype=np.float32)
    state = torch.get_rng_state()
    model.fit(Dataset(len(users), len(items), users, items, (rows, columns, ones), seed=7))
    torch.set_rng_state(state)
    return model


class TestEaseContract(TargetContract):
    reads_order = False

    @pytest.fixture
    def make_target(self):
        return lambda kit: EaseTarget(EASE_OPTIONS, kit)


class TestVaeContract(LatentTargetContract):
    reads_order = False

    @pytest.fixture
    def make_target(self):
        return lambda kit: VaeTarget(VAE, kit)


class TestBiVaeContract(LatentTargetContract):
    reads_order = False

    @pytest.fixture
    def make_target(self):
        return lambda kit: BiVaeTarget(BIVAE, kit)


def test_ease_scores_are_cornacs(targets):
    model = trained_by_cornac(EASE(lamb=2, posB=False, verbose=False))
    ours = targets["ease"].scores(list(TRAINING.histories.values()))
    theirs = np.vstack([model.score(user) for user in range(len(ours))])
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_ease_without_negative_weights_never_scores_below_zero():
    target = EaseTarget(EaseOptions(regularization=2, positive=True), KIT)
    target.fit(TRAINING, SilentProgress())
    assert target.scores([LOG.catalogue.ids[:5]]).min() >= 0


def test_vae_scores_are_cornacs_before_the_softmax(targets):
    model = trained_by_cornac(
        VAECF(
            k=6,
            autoencoder_structure=[12],
            n_epochs=60,
            batch_size=16,
            learning_rate=0.01,
            beta=0.2,
            seed=7,
        )
    )
    ours = targets["vae"].scores(list(TRAINING.histories.values()))
    theirs = np.vstack([model.score(user) for user in range(len(ours))])
    shares = np.exp(ours - ours.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares, theirs, rtol=1e-3, atol=1e-5)


def test_bivae_scores_are_cornacs_before_the_sigmoid(targets):
    model = trained_by_cornac(
        BiVAECF(
            k=6,
            encoder_structure=[12],
            n_epochs=60,
            batch_size=16,
            learning_rate=0.01,
            seed=7,
            use_gpu=False,
        )
    )
    ours = targets["bivae"].scores(list(TRAINING.histories.values()))
    theirs = np.vstack([model.score(user) for user in range(len(ours))])
    np.testing.assert_allclose(1 / (1 + np.exp(-ours)), theirs, rtol=1e-3, atol=1e-5)


@ALL
def test_what_is_liked_next_is_of_the_color_that_was_walked(targets, name):
    history = ["green-3", "green-4", "green-5"]
    scores = targets[name].scores([history])[0]
    scores[LOG.catalogue.rows(history)] = -np.inf
    best = np.argsort(-scores)[:2]
    assert all(LOG.catalogue[row].id.startswith("green") for row in best)


@ALL
def test_a_history_is_a_set(targets, name):
    once, twice = targets[name].scores([["red-1", "blue-2"], ["blue-2", "red-1", "red-1"]])
    np.testing.assert_allclose(once, twice, rtol=1e-4, atol=1e-5)


@ALL
def test_an_item_that_nobody_had_is_not_recommended_first(name):
    histories = {
        user: tuple(item for item in history if item != "red-3")
        for user, history in TRAINING.histories.items()
    }
    target = MAKERS[name]()
    target.fit(TrainingHistories(histories, {}), SilentProgress())
    scores = target.scores([["red-1", "red-2"]])[0]
    assert scores[LOG.catalogue.row("red-3")] < np.sort(scores)[-3]


@ALL
def test_no_interactions_are_refused(name):
    with pytest.raises(DataError, match="needs interactions; got 1 empty histories"):
        MAKERS[name]().fit(TrainingHistories({"user": ()}, {}), SilentProgress())


@ALL
def test_asking_before_training_says_so(name):
    with pytest.raises(StageError, match="call fit or load first"):
        MAKERS[name]().scores([["red-1"]])


@ALL
def test_loading_from_an_empty_folder_says_so(name, tmp_path):
    with pytest.raises(RunFolderError, match="fit the target again"):
        MAKERS[name]().load(tmp_path)


def test_what_was_saved_with_other_options_is_refused(targets, tmp_path):
    targets["vae"].save(tmp_path)
    with pytest.raises(RunFolderError, match="saved with other options"):
        VaeTarget(VAE.model_copy(update={"latent": 7}), KIT).load(tmp_path)
    with pytest.raises(RunFolderError, match="saved with other target, options"):
        EaseTarget(EASE_OPTIONS, KIT).load(tmp_path)


def test_more_threads_load_what_one_thread_saved(targets, tmp_path):
    targets["bivae"].save(tmp_path)
    other = BiVaeTarget(BIVAE.model_copy(update={"threads": 2}), KIT)
    other.load(tmp_path)
    np.testing.assert_array_equal(other.item_vectors(), targets["bivae"].item_vectors())


@ALL
def test_an_unknown_item_is_named_with_the_nearest(targets, name):
    with pytest.raises(UnknownNameError, match="Did you mean 'red-1'"):
        targets[name].scores([["redd-1"]])


def test_cornac_leaves_the_environment_alone():
    code = (
        "import os, torch; before = dict(os.environ); "
        "from recx_cornac.library import load_cornac; load_cornac(); "
        "import sys; sys.exit('cornac' not in sys.modules or dict(os.environ) != before)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        (EaseOptions, {"regularization": 0}),
        (VaeOptions, {"hidden": []}),
        (VaeOptions, {"hidden": [0]}),
        (VaeOptions, {"activation": "gelu"}),
        (BiVaeOptions, {"likelihood": "mult"}),
        (BiVaeOptions, {"kl_weight": float("inf")}),
    ],
)
def test_options_outside_their_range_are_refused(options, wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        options(**wrong)
