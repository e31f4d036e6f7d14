"""Every named model of RecBole keeps the contract, and answers as RecBole's own code does."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recexplainer.targets.recbole.families import FAMILIES
from recexplainer.testing import LatentTargetContract, TargetContract, toy_training

QUICK = {"max_epochs": 3, "learning_rate": 0.02}
SEQUENTIAL = ("gru4rec", "bert4rec", "narm", "stamp", "caser")
VECTORS = ("bpr", "lightgcn", "ngcf", "sgl", "dssm", "multivae")
NETWORKS = ("neumf", "fm", "deepfm", "widedeep")
SIMILARITIES = ("itemknn", "ease", "slim")
OTHERS = ("GCSAN", "LightSANs", "NextItNet", "SINE", "SRGNN")
OTHER_SETS = ("MultiDAE", "SpectralCF")
OTHER_NETWORKS = (
    *("AFM", "AutoInt", "DCN", "DCNV2", "EulerNet", "FNN", "FiGNN", "LR", "NFM", "PNN"),
    "xDeepFM",
)


def test_every_named_family_is_tested():
    tested = {"sasrec", *SEQUENTIAL, *VECTORS, *NETWORKS, *SIMILARITIES}
    assert tested == set(FAMILIES)


def contract(base, name, *, reads_order=False, **options):
    """Return the contract's tests of one target."""

    class Checked(base):
        @pytest.fixture
        def make_target(self, build):
            return lambda kit: build(name, kit, **options)

    Checked.reads_order = reads_order
    return Checked


for name in SEQUENTIAL:
    checked = contract(LatentTargetContract, name, reads_order=True, **QUICK)
    globals()[f"Test_{name}"] = checked
for name in VECTORS:
    globals()[f"Test_{name}"] = contract(LatentTargetContract, name, **QUICK)
for name in NETWORKS:
    globals()[f"Test_{name}"] = contract(TargetContract, name, **QUICK)
for name in SIMILARITIES:
    globals()[f"Test_{name}"] = contract(TargetContract, name)
for name in OTHERS:
    checked = contract(LatentTargetContract, f"recbole:{name}", reads_order=True, **QUICK)
    globals()[f"Test_{name}"] = pytest.mark.slow(checked)
for name in OTHER_SETS:
    checked = contract(LatentTargetContract, f"recbole:{name}", **QUICK)
    globals()[f"Test_{name}"] = pytest.mark.slow(checked)
for name in OTHER_NETWORKS:
    checked = contract(TargetContract, f"recbole:{name}", **QUICK)
    globals()[f"Test_{name}"] = pytest.mark.slow(checked)
del checked, name


def histories_of(toy):
    return [list(history) for history in toy_training(toy).histories.values()]


def own_scores(model, toy, batch):
    """RecBole's own scores of all items."""
    with torch.no_grad():
        answer = model.full_sort_predict(batch)
    return np.asarray(answer).reshape(-1, len(toy.catalogue) + 1)[:, 1:]


def batch_of(toy, histories, width, ahead=0):
    ids = torch.zeros(len(histories), width + ahead, dtype=torch.long)
    for row, history in enumerate(histories):
        ids[row, ahead : ahead + len(history)] = torch.tensor(toy.catalogue.rows(history)) + 1
    lengths = torch.tensor([len(history) + ahead for history in histories])
    nobody = torch.zeros(len(histories), dtype=torch.long)
    return {"item_id_list": ids, "item_length": lengths, "user_id": nobody}


@pytest.mark.parametrize("name", ["gru4rec", "narm", "stamp", "caser"])
def test_sequential_scores_are_those_of_recbole(fit, toy, name):
    target, model = fit(name, **QUICK)
    histories = histories_of(toy)
    theirs = own_scores(model, toy, batch_of(toy, histories, 10))
    np.testing.assert_allclose(target.scores(histories), theirs, atol=1e-5)


def test_bert4rec_reads_the_oldest_item_too(fit, toy):
    """RecBole drops the first item of each history; given one more in front, it reads ours."""
    target, model = fit("bert4rec", **QUICK)
    histories = histories_of(toy)
    batch = batch_of(toy, histories, 10, ahead=1)
    batch["item_id_list"][:, 0] = 3
    theirs = own_scores(model, toy, batch)
    np.testing.assert_allclose(target.scores(histories), theirs, atol=1e-5)
    shorter = [history[1:] for history in histories]
    assert np.abs(target.scores(shorter) - target.scores(histories)).max() > 1e-3


@pytest.mark.parametrize("name", ["bpr", "lightgcn", "ngcf", "sgl"])
def test_user_and_item_vectors_are_those_that_recbole_scores_with(fit, toy, name):
    target, model = fit(name, **QUICK)
    users, items = target._numbers(model)
    model.restore_user_e = model.restore_item_e = None
    theirs = own_scores(model, toy, {"user_id": torch.arange(1, len(users) + 1)})
    np.testing.assert_allclose(users @ items.T, theirs, atol=1e-5)
    np.testing.assert_array_equal(target.item_vectors(), items)


def test_dot_products_of_towers_are_the_cosine_of_recbole(fit, toy):
    target, model = fit("dssm", **QUICK)
    users, items = target._numbers(model)
    np.testing.assert_allclose(users @ items.T, logits_of_pairs(model, toy, len(users)), atol=1e-5)


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_with_their_own_users_score_as_in_recbole(fit, toy, name):
    target, model = fit(name, **QUICK)
    users, _ = target._numbers(model)
    theirs = logits_of_pairs(model, toy, len(users))
    np.testing.assert_allclose(target._scores_of(model, users), theirs, atol=1e-5)
    # The network that is kept has other rows for users, and must answer alike.
    np.testing.assert_allclose(target._scores_of(target._network, users), theirs, atol=1e-5)


def logits_of_pairs(model, toy, users):
    """RecBole's own prediction of every pair, before its sigmoid."""
    items = len(toy.catalogue)
    pairs = {
        "user_id": torch.arange(1, users + 1).repeat_interleave(items),
        "item_id": torch.arange(1, items + 1).repeat(users),
    }
    with torch.no_grad():
        return torch.logit(model.predict(pairs).double()).reshape(users, items).numpy()


def test_autoencoder_scores_are_those_of_recbole(fit, toy):
    target, model = fit("multivae", **QUICK)
    histories = histories_of(toy)
    theirs = own_scores(model, toy, {"user_id": torch.arange(1, len(histories) + 1)})
    np.testing.assert_allclose(target.scores(histories), theirs, atol=1e-5)


def test_lightgcn_vectors_are_propagated_over_the_training_interactions(fit, toy):
    """By dense matrices: the mean over layers of the normalized adjacency's powers."""
    target, model = fit("lightgcn", **QUICK)
    walk, start = graph_of(toy, model)
    layers = [start, walk @ start, walk @ walk @ start]
    items = np.mean(layers, axis=0)[-len(toy.catalogue) :]
    np.testing.assert_allclose(target.item_vectors(), items, atol=1e-5)


def graph_of(toy, model):
    """Return the dense normalized adjacency of users and items, and their embeddings."""
    histories = histories_of(toy)
    users, items = len(histories), len(toy.catalogue)
    adjacency = np.zeros((users + items, users + items))
    for row, history in enumerate(histories):
        for item in toy.catalogue.rows(history):
            adjacency[row, users + item] = adjacency[users + item, row] = 1
    scale = 1 / np.sqrt(np.maximum(adjacency.sum(axis=0), 1e-7))
    weights = model.state_dict()
    start = np.vstack([weights["user_embedding.weight"][1:], weights["item_embedding.weight"][1:]])
    return scale[:, None] * adjacency * scale, start


def test_ngcf_drops_nothing_when_it_is_asked(fit, toy):
    """By dense matrices, each layer whole: RecBole 1.2.0 drops half of it when asked, too."""
    target, model = fit("ngcf", settings={"message_dropout": 0.5}, **QUICK)
    walk, layer = graph_of(toy, model)
    parts = [layer]
    for step in model.GNNlayers:
        weights = {name: value.numpy() for name, value in step.state_dict().items()}
        near = walk @ layer
        layer = (layer + near) @ weights["linear.weight"].T + weights["linear.bias"]
        layer += (near * parts[-1]) @ weights["interActTransform.weight"].T
        layer += weights["interActTransform.bias"]
        layer = np.where(layer > 0, layer, 0.2 * layer)
        layer /= np.linalg.norm(layer, axis=1, keepdims=True)
        parts.append(layer)
    vectors = np.hstack(parts)
    users, items = np.split(vectors, [len(vectors) - len(toy.catalogue)])
    np.testing.assert_allclose(target.item_vectors(), items, atol=1e-5)
    np.testing.assert_allclose(target._numbers(model)[0], users, atol=1e-5)
    history = histories_of(toy)[:1]
    np.testing.assert_array_equal(target.scores(history), target.scores(history))


def test_ngcf_drops_while_it_is_trained(fit):
    _, model = fit("ngcf", settings={"message_dropout": 0.5}, **QUICK)
    model.train()
    with torch.no_grad():
        first, second = model()[1], model()[1]
    layers = first.split(64, dim=1)
    assert torch.equal(layers[0], second.split(64, dim=1)[0])
    for layer in layers[1:]:
        assert 0.3 < (layer == 0).float().mean() < 0.7
    assert not torch.equal(first, second)


@pytest.mark.parametrize("name", [*VECTORS[:5], *NETWORKS])
def test_how_well_histories_fold_in_is_reported(fit, name):
    validation = fit(name, **QUICK)[0].report.validation
    assert -1 <= validation["fold_in_cosine"] <= 1
    assert 0 <= validation["fold_in_overlap@10"] <= 1


@pytest.mark.parametrize("name", ["gru4rec", "bert4rec", "narm", "caser"])
def test_sequential_models_learn_what_follows(fit, toy, name):
    rate = 0.002 if name == "bert4rec" else 0.01
    options = {"learning_rate": rate, "batch_size": 16, "max_epochs": 40, "patience": 40}
    stride = {"stride": 1} if name in {"narm", "caser"} else {}
    # Windows of three, so that no place is asked about that nothing was learned of.
    target, _ = fit(name, max_history=3, **options, **stride)
    assert target.report.validation["ndcg@10"] > 0.8


@pytest.mark.parametrize("name", ["bpr", "lightgcn", "multivae", "ease", "itemknn", "deepfm"])
def test_sets_of_items_lead_to_items_of_their_color(fit, toy, name):
    solved = name in SIMILARITIES
    options = {} if solved else {"learning_rate": 0.01, "batch_size": 64, "max_epochs": 60}
    target, _ = fit(name, **options)
    histories = histories_of(toy)
    scores = target.scores(histories)
    right = 0
    for row, history in zip(scores, histories, strict=True):
        row[toy.catalogue.rows(history)] = -np.inf
        right += toy.catalogue.ids[row.argmax()].split("-")[0] == history[0].split("-")[0]
    assert right / len(histories) > 0.9
