"""Samples of pulls are what the target answers, asked one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from recexplainer.alignment.corpus import build_training
from recexplainer.alignment.item_ranking import ItemRanking
from recexplainer.alignment.pull_samples import PullSamples
from recexplainer.alignment.rationale import Rationale, RationaleOptions
from recexplainer.oracle import decided_rows
from recexplainer.records import Context, SilentProgress
from recexplainer.runs.artifacts import read_arrays


def build(world, folder, tasks, *, pulls=False):
    build_training(
        tasks,
        contexts=world.train,
        excluded=world.excluded,
        target=world.target,
        catalogue=world.catalogue,
        forms=("combined",),
        folder=folder,
        seed=1,
        progress=SilentProgress(),
        pulls=pulls,
    )


@pytest.fixture(scope="module")
def sampled(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    build(world, folder, [(Rationale(RationaleOptions(), world.kit), 1.0)], pulls=True)
    return read_arrays(folder / "pulls.npz")


def _moved(world, history, removed, row):
    ids = world.catalogue.ids
    whole, left = (
        [ids[r] for r in rows] for rows in (history, [r for r in history if r != removed])
    )
    return world.target.scores([whole])[0, row] - world.target.scores([left])[0, row]


def test_shares_are_those_of_removals_asked_one_by_one(world, sampled):
    rng = np.random.default_rng(0)
    for number in rng.choice(len(sampled["histories"]), 40):
        places = np.flatnonzero(sampled["histories"][number] >= 0)
        history = sampled["histories"][number][places].tolist()
        for column in rng.choice(sampled["items"].shape[1], 3):
            item = int(sampled["items"][number, column])
            moved = np.array([_moved(world, history, one, item) for one in history])
            expected = moved / np.abs(moved).max()
            shares = sampled["shares"][number, column, places]
            np.testing.assert_allclose(shares, expected, atol=2e-3)


def test_half_of_the_items_are_liked_and_half_rejected(world, sampled):
    for number in range(0, len(sampled["histories"]), 7):
        history = [row for row in sampled["histories"][number].tolist() if row >= 0]
        scores = world.target.scores([[world.catalogue.ids[row] for row in history]])[0].copy()
        items = sampled["items"][number]
        assert not np.isin(items, history).any()
        scores[history] = -np.inf  # earlier items of the user may be missing as well
        liked, rejected = decided_rows(scores)
        assert np.isin(items[:16], liked).mean() > 0.8
        assert np.isin(items[16:], rejected).mean() > 0.8


def test_nothing_is_kept_that_nobody_asks_for(world, tmp_path):
    build(world, tmp_path / "no", [(Rationale(RationaleOptions(), world.kit), 1.0)])
    build(world, tmp_path / "none", [(ItemRanking(), 1.0)], pulls=True)
    assert not list(tmp_path.glob("*/pulls.npz"))


def test_the_target_is_asked_no_more_for_it(world, tmp_path):
    counts = []
    for pulls in (False, True):
        before = world.target.asked
        task = Rationale(RationaleOptions(), world.kit)
        build(world, tmp_path / str(pulls), [(task, 1.0)], pulls=pulls)
        counts.append(world.target.asked - before)
    assert counts[0] == counts[1]


def test_of_more_contexts_each_is_as_likely_to_be_kept(world, tmp_path):
    ids = world.catalogue.ids
    scores = world.target.scores([ids[:1]])[0]
    kept: Counter[int] = Counter()
    for seed in range(200):
        samples = PullSamples(world.catalogue, seed, longest=1, most=4)
        for row in range(20):
            context = Context(f"u{row}", 1, (ids[row],), "train")
            samples.hear(context, scores, {ids[row]: np.zeros_like(scores)})
        samples.write(tmp_path / "pulls.npz")
        rows = read_arrays(tmp_path / "pulls.npz")["histories"][:, 0].tolist()
        assert len(set(rows)) == 4
        kept.update(rows)
    assert sum(kept[row] for row in range(4)) == pytest.approx(160, abs=40)
    assert sum(kept[row] for row in range(16, 20)) == pytest.approx(160, abs=40)


def test_what_does_not_move_a_score_has_no_share(world, tmp_path):
    ids = world.catalogue.ids
    scores = world.target.scores([ids[:2]])[0]
    samples = PullSamples(world.catalogue, 0, longest=2)
    samples.hear(Context("u", 2, ids[:2], "train"), scores, dict.fromkeys(ids[:2], scores))
    samples.write(tmp_path / "pulls.npz")
    assert not read_arrays(tmp_path / "pulls.npz")["shares"].any()


def test_of_long_histories_fewer_are_kept(world, tmp_path):
    """No more numbers than 30 million, however long histories are: here 31 contexts' worth."""
    ids = world.catalogue.ids
    scores = world.target.scores([ids[:1]])[0]
    samples = PullSamples(world.catalogue, 0, longest=30_000)
    for row in range(40):
        context = Context(f"u{row}", 1, (ids[row],), "train")
        samples.hear(context, scores, {ids[row]: np.zeros_like(scores)})
    samples.write(tmp_path / "pulls.npz")
    assert len(read_arrays(tmp_path / "pulls.npz")["histories"]) == 31
