"""What RecBole trained and saved answers here as it answers there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch

from recexplainer.config import load_config
from recexplainer.errors import ConfigError, DataError, UserError
from recexplainer.pipeline import default_registry, plan
from recexplainer.plugins.interfaces import LatentTarget, TargetKit
from recexplainer.records import Catalogue, Item, SilentProgress, TrainingHistories
from recexplainer.targets.external.checkpoint_target import (
    build_checkpoint,
    checkpoint_capabilities,
)
from recexplainer.targets.external.recbole_checkpoint import CheckpointOptions, read_checkpoint

ROOT = Path(__file__).parents[3]
KIT = TargetKit(Catalogue([Item(f"b{n:02}", f"Book {n}") for n in range(24, 0, -1)]), max_history=8)
HISTORIES = [["b01", "b02", "b03"], ["b10"], [f"b{n:02}" for n in range(9, 20)]]
SEQUENTIAL = ("SASRec", "GRU4Rec", "BERT4Rec")
BY_USER = ("BPR", "LightGCN")
# Trains with RecBole itself, in a process of its own: it patches numpy, writes where it stands, and
# sets variables. What its own full_sort_predict says is kept as the oracle.
TRAIN = """
import sys, warnings
warnings.simplefilter("ignore")
folder, *models = sys.argv[1:]
sys.argv = sys.argv[:1]
import numpy as np, scipy.sparse, torch
from pathlib import Path
from examples.own_model.train_recbole import train
from recbole.data.interaction import Interaction
scipy.sparse.dok_matrix._update = lambda self, new: self._dict.update(new)
histories = {histories}
for model in models:
    dataset, network, path = train(Path(folder) / model, model)
    path = path.rename(Path(folder) / f"{{model}}.pth")
    kept = torch.load(path, weights_only=False)  # the best epoch, which need not be the last
    network.load_state_dict(kept["state_dict"])
    network.load_other_parameter(kept["other_parameter"])
    rows = dataset.field2token_id["item_id"]
    read = torch.zeros(len(histories), 8, dtype=torch.long)
    for place, history in enumerate(histories):
        kept = [rows[item] for item in history[-8:]]
        read[place, : len(kept)] = torch.tensor(kept)
    asked = {{"item_id_list": read, "item_length": (read > 0).sum(dim=1),
              "user_id": torch.arange(1, 4)}}
    with torch.no_grad():
        scores = network.eval().full_sort_predict(Interaction(asked)).reshape(len(histories), -1)
    np.savez(Path(folder) / f"{{model}}.npz", scores=scores,
             items=np.array(dataset.field2id_token["item_id"], dtype=str),
             users=np.array(dataset.field2id_token["user_id"], dtype=str))
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recbole")
    program = TRAIN.format(histories=HISTORIES)
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", program, str(folder), *SEQUENTIAL, *BY_USER]
    done = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def options(trained, model, **more):
    if not more:
        more = {"item_ids": trained / model / "item_ids.txt"}
    return CheckpointOptions(checkpoint=trained / f"{model}.pth", **more)


def recboles_own(trained, model):
    with np.load(trained / f"{model}.npz") as kept:
        place = {item: row for row, item in enumerate(kept["items"])}
        return kept["scores"][:, [place[item] for item in KIT.catalogue.ids]]


@pytest.mark.parametrize("model", SEQUENTIAL)
def test_scores_are_those_of_recbole(trained, model):
    target = build_checkpoint(options(trained, model), KIT)
    target.fit(TrainingHistories({}, {}), SilentProgress())
    expected = recboles_own(trained, model)
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(target.scores(HISTORIES), expected, atol=1e-6)


@pytest.mark.parametrize("model", SEQUENTIAL)
def test_vectors_are_declared_where_scores_are_dot_products(trained, model):
    target = build_checkpoint(options(trained, model), KIT)
    latent = "vectors" in checkpoint_capabilities(options(trained, model))
    assert latent is isinstance(target, LatentTarget) is (model != "BERT4Rec")
    if latent:
        products = target.user_vectors(HISTORIES) @ target.item_vectors().T
        np.testing.assert_allclose(products, recboles_own(trained, model), atol=1e-6)


def test_the_interactions_tell_the_items_as_well(trained):
    atomic = trained / "SASRec" / "books" / "books.inter"
    read = read_checkpoint(options(trained, "SASRec", interactions=atomic))
    assert read.item_ids == read_checkpoint(options(trained, "SASRec")).item_ids
    with np.load(trained / "SASRec.npz") as kept:
        assert ("[PAD]", *read.item_ids) == tuple(kept["items"])


@pytest.mark.parametrize("model", BY_USER)
def test_users_by_id_are_folded_in_and_measured(trained, model):
    """A user's own vector gives RecBole's own scores; the fold-in is compared with it."""
    atomic = trained / model / "books" / "books.inter"
    chosen = options(trained, model, interactions=atomic)
    read, target = read_checkpoint(chosen), build_checkpoint(chosen, KIT)
    with np.load(trained / f"{model}.npz") as kept:
        assert ("[PAD]", *read.user_ids) == tuple(kept["users"])
    own = read.user_vectors.read()[1:4] @ target.item_vectors().T
    np.testing.assert_allclose(own, recboles_own(trained, model), atol=1e-5)
    histories = {user: tuple(HISTORIES[0]) for user in read.user_ids}
    report = target.fit(TrainingHistories(histories, {}), SilentProgress())
    assert -1 <= report.validation["fold_in_cosine"] <= 1
    assert 0 < report.validation["fold_in_overlap@10"] <= 1


def test_without_the_users_ids_nothing_is_measured(trained):
    target = build_checkpoint(options(trained, "BPR"), KIT)
    assert target.fit(TrainingHistories({"u": ("b01",)}, {}), SilentProgress()).validation == {}


def test_another_checkpoint_under_the_same_name_is_noticed(trained, tmp_path):
    build_checkpoint(options(trained, "SASRec"), KIT).save(tmp_path)
    build_checkpoint(options(trained, "SASRec"), KIT).load(tmp_path)
    with pytest.raises(UserError, match="not the model that this run was made with"):
        build_checkpoint(options(trained, "GRU4Rec"), KIT).load(tmp_path)


def test_a_longer_history_than_the_model_reads(trained):
    longer = TargetKit(KIT.catalogue, max_history=20)
    with pytest.raises(
        UserError, match=r"reads 8 items and dataset.max_history is 20; set it to 8"
    ):
        build_checkpoint(options(trained, "SASRec"), longer)


def test_items_that_the_checkpoint_does_not_know(trained):
    wider = TargetKit(Catalogue([*KIT.catalogue, Item("b25", "New")]), max_history=8)
    with pytest.raises(UserError, match="does not know 1 of the 25 items, such as 'b25'"):
        build_checkpoint(options(trained, "SASRec"), wider)


def test_vectors_of_a_checkpoint_without_them_are_found_in_scores(trained):
    names = f"checkpoint: {trained}/BERT4Rec.pth, item_ids: {trained}/BERT4Rec/item_ids.txt"
    settings = ["target.name=recbole-checkpoint", f"target.options={{{names}}}"]
    assert plan(load_config(overrides=settings), default_registry()).finds_vectors
    names = names.replace("BERT4Rec", "SASRec")
    settings = ["target.name=recbole-checkpoint", f"target.options={{{names}}}"]
    assert not plan(load_config(overrides=settings), default_registry()).finds_vectors


class Config:
    """Saved by the same path as RecBole's own: an object with these two attributes."""

    def __init__(self, model, **settings):
        self.model, self.final_config_dict = model, {"model": model, **settings}


def _saved(path, model="SASRec", weights=None, others=None, **settings):
    default = {"item_embedding.weight": torch.ones(3, 4)}
    state = OrderedDict(default if weights is None else weights)
    kept = {"config": Config(model, **settings), "state_dict": state, "other_parameter": others}
    torch.save(kept, path / "x.pth")
    (path / "ids.txt").write_text("a\nb\n", encoding="utf-8")
    return {"checkpoint": path / "x.pth", "item_ids": path / "ids.txt"}


def test_weights_of_another_shape(tmp_path):
    made = _saved(tmp_path, hidden_size=8)
    kit = TargetKit(Catalogue([Item("a", "A")]), max_history=3)
    with pytest.raises(DataError, match="weights are not those of SASRec"):
        build_checkpoint(CheckpointOptions(**made), kit)


REFUSED = {
    "a network over users": (
        {"model": "NeuMF", "weights": {"user_mf_embedding.weight": torch.ones(2, 2)}},
        "NeuMF knows users by their ids .* train it here with --target recbole:NeuMF",
    ),
    "no embedding": ({"model": "EASE", "weights": {"x": torch.ones(1)}}, "EASE keeps no item"),
    "vectors that were not kept": (
        {"model": "LightGCN", "others": {"restore_item_e": None, "restore_user_e": None}},
        "LightGCN was saved without its final vectors; call model.full_sort_predict once",
    ),
    "other items": (
        {"weights": {"item_embedding.weight": torch.ones(9, 4)}},
        r"ids.txt: names 2 items, and the checkpoint has 8 besides padding; write item_ids",
    ),
    "an item less, as if there were a mask": (
        {"weights": {"item_embedding.weight": torch.ones(4, 4)}},
        r"ids.txt: names 2 items, and the checkpoint has 3 besides padding; write item_ids",
    ),
    "an item more, and a mask": (
        {"model": "BERT4Rec", "weights": {"item_embedding.weight": torch.ones(3, 4)}},
        r"names 2 items, and the checkpoint has 1 besides padding and the mask; write item_ids",
    ),
    "a subclass of a sequential model": (
        {"model": "MySASRec"},
        "its model 'MySASRec' is none of RecBole's.*--target my_module:factory",
    ),
    "a subclass of a network over users": (
        {"model": "MyNeuMF", "weights": {"user_mf_embedding.weight": torch.ones(2, 2)}},
        "its model 'MyNeuMF' is none of RecBole's.*--target my_module:factory",
    ),
}


@pytest.mark.parametrize(("saved", "message"), REFUSED.values(), ids=REFUSED)
def test_checkpoints_that_cannot_be_asked_are_told_by_plan(saved, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        CheckpointOptions(**_saved(tmp_path, **saved))


def test_a_subclass_whose_final_vectors_were_kept_needs_no_code(tmp_path):
    vectors = {"restore_item_e": torch.eye(3), "restore_user_e": torch.eye(3)}
    read = read_checkpoint(CheckpointOptions(**_saved(tmp_path, "MyLightGCN", others=vectors)))
    np.testing.assert_array_equal(read.item_vectors.read(), np.eye(3))


def test_planning_refuses_a_subclass(tmp_path):
    made = _saved(tmp_path, "MySASRec")
    names = f"checkpoint: {made['checkpoint']}, item_ids: {made['item_ids']}"
    settings = ["target.name=recbole-checkpoint", f"target.options={{{names}}}"]
    with pytest.raises(ConfigError, match=r"'MySASRec' is none of RecBole's.*my_module:fact"):
        plan(load_config(overrides=settings), default_registry())
