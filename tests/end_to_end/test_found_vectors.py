"""A whole run of hybrid alignment to a recommender that tells no vectors."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import load_file

import recexplainer
from recexplainer import load_config, run

SETTINGS = (
    *("target.name=ease", "alignment.mode=hybrid", "dataset.sample_users=120"),
    *("surrogate.tiny.layers=1", "surrogate.tiny.width=32", "training.budget=0.01"),
    *("training.threads=1", "surrogate.device=cpu", "fidelity.users=10", "explanations.users=4"),
    "explanations.explainers=[surrogate, unchecked]",
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "ease"
    run(load_config(None, SETTINGS), out)
    return out


def test_the_corpus_holds_vectors_whose_products_are_near_the_scores(finished):
    target = recexplainer.load(finished).target
    stored = load_file(finished / "3-alignment" / "vectors.safetensors")
    assert stored["item"].shape == (target.scores([()]).shape[1], 64)
    bench = recexplainer.load(finished)._bench
    history = bench.split.train[-1].history
    (user,) = bench.vectors.user_vectors([history])
    distances = np.abs(stored["user"] - user).max(axis=1)
    assert distances.min() < 1e-4  # it is one of those that the corpus was written with
    scores, products = target.scores([history])[0], user @ stored["item"].T
    assert np.corrcoef(scores, products)[0, 1] > 0.9


def test_the_report_says_that_vectors_were_found_in_scores(finished):
    report = json.loads((finished / "report.json").read_text(encoding="utf-8"))
    (note,) = [one for one in report["run"]["notes"] if "tells no vectors" in one]
    assert note.startswith(
        "The recommender ease tells no vectors. In their place the language model"
    )
    assert {one["subject"] for one in report["metrics"] if one["task"] == "history_reconstruction"}
    assert len(report["explanations"]) == 2 * 8
    swapped = {one["metric"]: one["n"] for one in report["metrics"]}
    assert swapped["agreement_other"] > 0  # from the vectors found in another target's scores


def test_what_asks_later_reads_the_same_vectors(finished):
    bench = recexplainer.load(finished)._bench
    (unchecked,) = [part for part in bench.plan.explainers if part.name == "unchecked"]
    before = [one.text for one in bench.explanations() if one.explainer == "hybrid-unchecked"]
    assert len(before) == 8
    assert [one.text for one in bench.explain(unchecked, bench.cases(), None)] == before
