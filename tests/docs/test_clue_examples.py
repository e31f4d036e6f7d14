"""A clue of an audit is used, as docs/how-to/use-a-clue.md shows it, at a scale of seconds."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner
from pages import ROOT

import recexplainer
from recexplainer.cli.main import recx
from recexplainer.testing.planted_world import planted_log


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(ROOT)


def command(*words):
    told = CliRunner().invoke(recx, [str(one) for one in words], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    return told.output


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """An order-blind recommender of a world in which order matters, and its patch."""
    folder = tmp_path_factory.mktemp("clue")
    log = planted_log(400)
    items = [
        "item_id,title,color",
        *(f"{i.id},{i.title},{i.id.split('-')[0]}" for i in log.catalogue),
    ]
    rows = ["user_id,item_id,timestamp"]
    for user, history in log.histories.items():
        rows += [f"{user},{item},{step}" for step, item in enumerate(history)]
    for name, lines in (("items", items), ("interactions", rows)):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    data = [f"dataset.options.{name}={folder / name}.csv" for name in ("items", "interactions")]
    sets = [word for one in (*data, "dataset.max_history=15") for word in ("--set", one)]
    base = ("--dataset", "csv", "--align", "behavior", "--until", "alignment", *sets)
    own, patched = folder / "own", folder / "patched"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.syspath_prepend(ROOT)
        command("run", "--target", "itemknn", "--out", own, *base)
        arguments = f"target.options.arguments={{runs: [{own}], weight: 1.0}}"
        target = "examples.use_a_clue.followers:WithFollowers"
        command("run", "--target", target, "--out", patched, *base, "--set", arguments)
    return own, patched


def test_the_audit_gives_the_clue_and_its_use_raises_hits(runs, tmp_path):
    own, patched = runs
    command("audit", own, "--out", tmp_path)
    found = json.loads((tmp_path / "audit.json").read_text("utf-8"))["findings"]
    order = next(one for one in found if (one["probe"], one["chapter"]) == ("order", "reliance"))
    assert order["figure"] == 1
    assert "it makes no difference to any list" in order["sentence"]
    told = command("compare", own, patched, "--out", tmp_path, "--fail-if", "change.hit@10.low<0")
    assert "ok    change.hit@10.low<0" in told
    named = {
        one["name"]: one
        for one in json.loads((tmp_path / "comparison.json").read_text("utf-8"))["changes"]
    }
    assert named["hit@10"]["sure"]
    assert named["reliance.order"]["second"] < named["reliance.order"]["first"] == 1


def test_weights_are_chosen_on_what_validates_alone(runs):
    from examples.use_a_clue.followers import WithFollowers
    from examples.use_a_clue.patched import WEIGHTS, validation_hits

    own = recexplainer.load(runs[0])
    found = validation_hits(WithFollowers, [str(runs[0])], window=15)
    assert tuple(found) == WEIGHTS
    hits = []
    for history in own.histories.values():
        known, wanted = history[:-2], own.catalogue.row(history[-2])
        (scores,) = own.target.scores([known[-15:]])
        free = [row for row, item in enumerate(own.catalogue.ids) if item not in known]
        hits.append(sum(scores[row] > scores[wanted] for row in free) < 10)
    assert found[0.0] == pytest.approx(np.mean(hits), abs=0.01)  # but for rounding of equals
    assert max(found.values()) > found[0.0] + 0.05


def test_followers_are_those_that_a_loop_counts(runs):
    from examples.use_a_clue.followers import WithFollowers

    own = recexplainer.load(runs[0])
    ids = own.catalogue.ids[::-1]  # in any order of the data set
    patched = WithFollowers(ids, [str(runs[0])], weight=0.5)
    counts = np.zeros((len(ids), len(ids)))
    for history in own.histories.values():
        learned = history[:-2]
        for place, item in enumerate(learned):
            for later in learned[place + 1 : place + 6]:
                counts[ids.index(item), ids.index(later)] += 1
    chance = counts / (counts.sum(axis=1, keepdims=True) + 10)
    history = next(iter(own.histories.values()))[:7]
    added = sum(chance[ids.index(item)] for item in history[-5:])
    np.testing.assert_allclose(patched.added([history])[0], added)
    scores = own.target.scores([history])[0][::-1].astype(float)
    expected = (scores - scores.mean()) / scores.std() + 0.5 * (added - added.mean()) / added.std()
    np.testing.assert_allclose(patched.scores([history])[0], expected, rtol=1e-5, atol=1e-5)


def test_neighbors_are_the_regressions_that_ease_stands_for(runs):
    """Column j of EASE is the ridge regression of item j on all other items."""
    from examples.use_a_clue.neighbors import RIDGE, WithNeighbors

    own = recexplainer.load(runs[0])
    ids = own.catalogue.ids
    patched = WithNeighbors(ids, [str(runs[0])], weight=0.3)
    taken = np.array(
        [[item in history[:-2] for item in ids] for history in own.histories.values()], dtype=float
    )
    for item in (0, 17, 60):
        others = np.delete(taken, item, axis=1)
        wanted = others.T @ taken[:, item]
        found = np.linalg.solve(others.T @ others + RIDGE * np.eye(others.shape[1]), wanted)
        np.testing.assert_allclose(np.delete(patched.pulls[:, item], item), found, atol=1e-8)
        assert patched.pulls[item, item] == 0
