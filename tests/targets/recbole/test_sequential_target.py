"""SASRec learns a world whose answers are known, and answers as RecBole's own model does."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from recexplainer.errors import DataError, RunFolderError, StageError, UnknownNameError
from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import Catalogue, SilentProgress, TrainingHistories
from recexplainer.targets.recbole.families import SasRecOptions
from recexplainer.targets.recbole.recbole_data import Interactions
from recexplainer.targets.recbole.recbole_providers import build_sequential
from recexplainer.targets.recbole.recbole_shim import build_model, kmeans_stand_in
from recexplainer.testing import LatentTargetContract, successor, toy_log, toy_training

QUICK = SasRecOptions(
    hidden_size=32, layers=1, inner_size=64, learning_rate=0.01, batch_size=16, max_epochs=12
)


def fitted(options, log, max_history=5):
    target = build_sequential(options, TargetKit(log.catalogue, max_history, seed=7))
    target.fit(toy_training(log), SilentProgress())
    return target


@pytest.fixture(scope="module")
def log():
    return toy_log()


@pytest.fixture(scope="module")
def sasrec(log):
    return fitted(QUICK, log)


class TestSasRec(LatentTargetContract):
    @pytest.fixture
    def make_target(self):
        return lambda kit: build_sequential(QUICK, kit)


def test_the_next_item_of_a_cycle_is_learned(log):
    target = fitted(QUICK, log)
    histories = [history[1:5] for history in log.histories.values()]
    scores = target.scores(histories)
    for row, history in zip(scores, histories, strict=True):
        row[log.catalogue.rows(history)] = -np.inf
    best = scores.argmax(axis=1)
    right = [log.catalogue.row(successor(history[-1])) for history in histories]
    assert np.mean(best == right) > 0.95


def test_scores_are_dot_products(sasrec, log):
    histories = list(log.histories.values())[:9]
    products = sasrec.user_vectors(histories) @ sasrec.item_vectors().T
    np.testing.assert_allclose(sasrec.scores(histories), products, atol=1e-5)


def test_scores_with_an_item_removed_are_those_of_recbole_itself(sasrec, log, tmp_path):
    from recbole.model.sequential_recommender import SASRec
    from safetensors.torch import load_file

    sasrec.save(tmp_path)
    stock = SASRec(stock_config(QUICK), type("Items", (), {"num": lambda self, field: 41})())
    stock.load_state_dict(load_file(tmp_path / "weights.safetensors"))
    stock.eval()
    full = next(iter(log.histories.values()))[-5:]
    for history in [full, *(full[:k] + full[k + 1 :] for k in range(5))]:
        ids = torch.zeros(1, 5, dtype=torch.long)
        ids[0, : len(history)] = torch.tensor(log.catalogue.rows(history)) + 1
        length = torch.tensor([len(history)])
        with torch.no_grad():
            theirs = stock.full_sort_predict({"item_id_list": ids, "item_length": length})
        np.testing.assert_allclose(sasrec.scores([history]), theirs[:, 1:], atol=1e-5)
    assert np.abs(sasrec.scores([full]) - sasrec.scores([full[1:]])).max() > 1e-3


def stock_config(options):
    fields = {
        "USER_ID_FIELD": "user_id",
        "ITEM_ID_FIELD": "item_id",
        "LIST_SUFFIX": "_list",
        "ITEM_LIST_LENGTH_FIELD": "item_length",
        "NEG_PREFIX": "neg_",
        "MAX_ITEM_LIST_LENGTH": 5,
        "loss_type": "CE",
        "device": "cpu",
    }
    return {**fields, **options.hyper_parameters}


def test_best_weights_are_kept_and_training_stops(log, notes):
    options = SasRecOptions(hidden_size=8, learning_rate=0.03, max_epochs=40, patience=2)
    target = build_sequential(options, TargetKit(log.catalogue, 5, seed=1))
    training = toy_training(log)
    report = target.fit(training, notes)
    assert report.epochs == report.best_epoch + 2 < 40
    best = f"after epoch {report.best_epoch} (ndcg@10 {report.validation['ndcg@10']:.4f})"
    said = (
        f"stopped after epoch {report.epochs}: validation was best {best}, whose weights are kept"
    )
    assert notes.said == [said]
    assert brute_ndcg(target, training, log.catalogue) == pytest.approx(
        report.validation["ndcg@10"]
    )


def brute_ndcg(target, training, catalogue):
    gains = []
    for user, answer in training.validation.items():
        history = training.histories[user]
        row = target.scores([history])[0]
        unseen = sorted(
            (item for item in catalogue.ids if item not in history),
            key=lambda item: -row[catalogue.row(item)],
        )
        rank = unseen.index(answer) + 1
        gains.append(1 / np.log2(rank + 1) if rank <= 10 else 0.0)
    return np.mean(gains)


def test_progress_shows_epoch_loss_and_ndcg(log):
    shown = []

    class Recording(SilentProgress):
        @contextmanager
        def bar(self, label, total):
            shown.append((label, total))
            yield self

        def advance(self, steps=1, **fields):
            shown.append((steps, fields["epoch"], float(fields["loss"]), float(fields["ndcg@10"])))

    options = QUICK.model_copy(update={"max_epochs": 2})
    target = build_sequential(options, TargetKit(log.catalogue, 5))
    report = target.fit(toy_training(log), Recording())
    (label, total), (_, first, loss, _), (_, second, later_loss, _) = shown
    assert (label, total, first, second) == ("Training SASRec", 2, "1", "2")
    assert 0 < later_loss < loss < np.log(40) + 0.5
    best = max(ndcg for *_, ndcg in shown[1:])
    assert best == pytest.approx(report.validation["ndcg@10"], abs=1e-4)


def test_an_empty_history_does_not_depend_on_its_batch(sasrec, log):
    alone = sasrec.scores([[]])
    among = sasrec.scores([*log.histories.values(), []])[-1:]
    np.testing.assert_allclose(alone, among, atol=1e-5)
    assert np.isfinite(alone).all()


def test_no_histories_give_no_scores(sasrec):
    assert sasrec.scores([]).shape == (0, 40)


def test_fitting_again_starts_anew(log):
    options = QUICK.model_copy(update={"max_epochs": 1})
    target = fitted(options, log)
    first = target.scores([["red-0"]])
    target.fit(toy_training(log), SilentProgress())
    np.testing.assert_array_equal(target.scores([["red-0"]]), first)


def test_training_uses_its_own_threads_and_gives_them_back(log):
    during = []

    class Watching(SilentProgress):
        def bar(self, label, total):
            during.append(torch.get_num_threads())
            return super().bar(label, total)

    before = torch.get_num_threads()
    options = SasRecOptions(hidden_size=4, max_epochs=1, threads=before + 1)
    target = build_sequential(options, TargetKit(log.catalogue, 5))
    target.fit(toy_training(log), Watching())
    assert during == [before + 1]
    assert torch.get_num_threads() == before


def test_an_unknown_item_is_named_with_its_nearest(sasrec):
    with pytest.raises(UnknownNameError, match=r"unknown item 'red-33'.*Did you mean 'red-3'"):
        sasrec.scores([["red-1", "red-33"]])


def test_asking_an_untrained_target_is_refused(log):
    target = build_sequential(QUICK, TargetKit(log.catalogue, 5))
    with pytest.raises(StageError, match="call fit or load"):
        target.scores([["red-0"]])


@pytest.mark.parametrize(
    "training",
    [
        TrainingHistories({"u": ("red-0",)}, {"u": "red-1"}),
        TrainingHistories({"u": ("red-0",) * 3}, {}),
    ],
)
def test_histories_that_teach_nothing_are_refused(log, training):
    target = build_sequential(QUICK, TargetKit(log.catalogue, 5))
    with pytest.raises(DataError, match="at least two items and validation"):
        target.fit(training, SilentProgress())


def test_loading_for_other_items_or_settings_is_refused(sasrec, log, tmp_path):
    sasrec.save(tmp_path)
    other = Catalogue(log.catalogue[::-1])
    with pytest.raises(RunFolderError, match="other items than"):
        build_sequential(QUICK, TargetKit(other, 5)).load(tmp_path)
    narrower = QUICK.model_copy(update={"hidden_size": 16})
    with pytest.raises(RunFolderError, match="other settings, max_history than"):
        build_sequential(narrower, TargetKit(log.catalogue, 6)).load(tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [{"hidden_size": 64, "heads": 3}, {"learning_rate": 0}, {"hidden_dropout": 1}, {"epochs": 3}],
)
def test_options_out_of_range_are_refused(wrong):
    with pytest.raises(ValidationError):
        SasRecOptions(**wrong)


def test_options_cost_no_heavy_import():
    code = (
        "import sys, recexplainer.targets.recbole.families, recexplainer.targets.popularity; "
        "print(sorted({'torch', 'recbole', 'pandas'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_a_model_that_recbole_does_not_have_is_refused():
    with pytest.raises(UnknownNameError, match="Did you mean 'SASRec'"):
        build_model("SASRek", {}, Interactions.none(3))


def test_importing_recbole_leaves_no_trace(tmp_path):
    """In a fresh process, with arguments that RecBole would take for its own."""
    code = """
import logging, os, random, sys
import numpy as np, torch
from recexplainer.targets.recbole.recbole_shim import build_model, kmeans_stand_in
def state():
    return (dict(os.environ), list(sys.argv), os.listdir(), list(logging.root.handlers),
            logging.root.level, torch.is_anomaly_enabled(), torch.get_num_threads(),
            random.getstate(), np.random.get_state()[1].tolist(), 'float' in vars(np))
before, seed = state(), torch.get_rng_state()
from recexplainer.targets.recbole.families import SasRecOptions
from recexplainer.targets.recbole.recbole_providers import build_sequential
from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import SilentProgress
from recexplainer.testing import toy_log, toy_training
log = toy_log()
options = SasRecOptions(hidden_size=4, max_epochs=1)
target = build_sequential(options, TargetKit(log.catalogue, 5))
report = target.fit(toy_training(log), SilentProgress())
assert report.epochs == 1
for was, now in zip(before, state()):
    assert was == now, (was, now)
assert torch.equal(seed, torch.get_rng_state())
"""
    subprocess.run(
        [sys.executable, "-c", code, "--epochs=7", "--hidden_size=2"], cwd=tmp_path, check=True
    )


@pytest.mark.parametrize("installed", [False, True])
def test_the_stand_in_for_kmeans_is_gone_after_use_and_hides_no_installed_one(
    installed, monkeypatch, tmp_path
):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "kmeans_pytorch", raising=False)
    if installed:
        (tmp_path / "kmeans_pytorch.py").write_text("kmeans = 'theirs'\n", encoding="utf-8")
    with kmeans_stand_in():
        from kmeans_pytorch import kmeans
    assert kmeans == ("theirs" if installed else None)
    assert ("kmeans_pytorch" in sys.modules) == installed
    sys.modules.pop("kmeans_pytorch", None)
