"""Reliance, pulls, lists and segments of versions whose differences are planted."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.audit.versions.decision_flips import Decisions
from recexplainer.audit.versions.list_changes import list_agreement, list_changes
from recexplainer.audit.versions.pull_changes import pull_changes
from recexplainer.audit.versions.quality_changes import quality_changes
from recexplainer.audit.versions.reliance_changes import figure_name, reliance_changes
from recexplainer.audit.versions.segment_changes import segment_changes
from recexplainer.audit.versions.version_comparison import comparison_of


def first_ten(version, history, had):
    """The first ten of the shared items, sorted by hand."""
    (scores,) = version.oracle.target.scores([history[-version.max_history :]])
    free = [row for row, item in enumerate(version.catalogue.ids) if item not in had]
    return sorted(free, key=lambda row: -scores[row])[:10]


@pytest.fixture(scope="module")
def last_only(make_pair):
    return make_pair(read=lambda history: history[-1:])


@pytest.fixture(scope="module")
def reds_unread(make_pair):
    return make_pair(
        users=300, read=lambda history: [one for one in history if not one.startswith("red")]
    )


def test_reliance_is_measured_user_by_user(world, last_only):
    named = {one.name: one for one in reliance_changes(last_only)}
    line = named["reliance.last-item"]
    shares = []
    for user in last_only.users:
        history = world.log.histories[user][:-1]
        whole = first_ten(last_only.first, history, history)
        alone = first_ten(last_only.first, history[-1:], history)
        shares.append(len(set(whole) & set(alone)) / 10)
    assert line.first == pytest.approx(np.mean(shares))
    assert line.second == 1
    assert line.sure
    assert line.low <= line.change <= line.high
    assert line.change == pytest.approx(1 - np.mean(shares))
    assert "more with spoiled" in line.sentence
    assert named["reliance.without-the-oldest-five"].second == 1
    assert 1 <= len(line.examples) <= 3
    assert line.examples[0].commands[0].startswith("recx explain runs/sound --user ")


def test_popularity_and_what_both_have_are_told_of_each(world, make_pair):
    counts = world.split.popularity.astype(np.float32)
    pair = make_pair(spoil=lambda scores, _: np.tile(counts, (len(scores), 1)))
    named = {one.name: one for one in reliance_changes(pair)}
    assert named["reliance.popularity-alone"].second == 1
    assert named["reliance.history-at-all"].second == 1
    assert named["reliance.same-for-everybody"].second == 1
    assert named["reliance.same-for-everybody"].sure
    assert named["reliance.popular-items"].change > 0


def test_lists_agree_as_sets_do(world, last_only):
    shares = []
    for user in last_only.users:
        history = world.log.histories[user]
        first = first_ten(last_only.first, history, history)
        second = first_ten(last_only.first, history[-1:], history)
        shares.append(len(set(first) & set(second)) / 10)
    np.testing.assert_allclose(list_agreement(last_only), shares)
    named = {one.name: one for one in list_changes(last_only)}
    assert named["list-agreement"].change == pytest.approx(np.mean(shares))
    assert named["listed-items"].first == len(
        {row for user in last_only.users for row in first_ten(
            last_only.first, world.log.histories[user], world.log.histories[user])}
    )  # fmt: skip


def test_what_comes_into_lists_is_counted(world, make_pair):
    row = world.catalogue.row("blue-9")

    def lift(scores, _):
        scores[:, row] = 1000
        return scores

    pair = make_pair(spoil=lift)
    more = next(one for one in list_changes(pair) if one.name == "items-listed-more")
    without = [user for user in pair.users if "blue-9" not in world.log.histories[user]]
    listed = sum(
        row in first_ten(pair.first, world.log.histories[user], world.log.histories[user])
        for user in without
    )
    assert more.change == len(without) - listed
    assert repr(world.catalogue[row].title) in more.sentence
    assert f"({listed} before, {len(without)} now)" in more.sentence
    for shown in more.examples:
        assert "--item blue-9" in shown.commands[1]


def test_an_attribute_that_is_not_read_pulls_less(reds_unread):
    named = {one.name: one for one in pull_changes(reds_unread, Decisions.of(reds_unread))}
    red = named["pull.color-red"]
    assert red.sure
    assert red.change < 0
    assert "less with spoiled" in red.sentence
    lines = [one for name, one in named.items() if name.startswith("pull.")]
    assert min(lines, key=lambda one: one.change) is red
    for shown in red.examples:  # what turned from Yes to No has the color
        command = shown.commands[0].split()
        assert command[command.index("--item") + 1].startswith("red-")


def test_the_segment_is_found_for_which_answers_change(world, make_pair):
    lengths = sorted(len(one) - 1 for one in world.log.histories.values())
    border = lengths[2 * len(lengths) // 3]
    rng = np.random.default_rng(0)
    noise = rng.normal(scale=100, size=len(world.catalogue))
    reads = 15

    def spoil(scores, histories):
        long = np.array([len(history) >= min(border, reads) for history in histories])
        return scores + noise * long[:, None]

    pair = make_pair(users=300, spoil=spoil)
    found = segment_changes(pair, Decisions.of(pair))
    sure = [one for one in found if one.sure]
    assert sure == found[: len(sure)]
    named = {one.name: one for one in sure}
    long = next(name for name in named if "or-more.share-of-items-that-get" in name)
    short = next(name for name in named if "or-fewer.share-of-items-that-get" in name)
    assert named[long].change > 0 > named[short].change
    assert named[long].examples


def test_worse_lists_are_told_with_their_interval(world, make_pair):
    pair = make_pair(users=300, spoil=lambda scores, _: -scores)
    hit = next(one for one in quality_changes(pair) if one.name == "hit@10")
    hits = []
    for user in pair.users:
        *history, wanted = world.log.histories[user]
        hits.append(world.catalogue.row(wanted) in first_ten(pair.first, history, history))
    assert hit.first == pytest.approx(np.mean(hits), abs=0.01)  # but for equal scores
    assert hit.sure
    assert hit.high < 0


def test_a_recommender_beside_itself_differs_in_nothing(make_pair):
    found = comparison_of(make_pair(users=40))
    assert not [one.name for one in found.changes if one.sure]
    changed = [one for one in found.changes if one.second is not None]
    assert changed
    assert all(one.change == 0 for one in changed)
    assert found.decisions[0][1:] == (0, 0)
    text = " ".join(one.sentence for one in found.leading)
    assert "Both have the same 120 items" in text
    assert "All 40 users get the same first 10" in text


def test_names_are_unique_and_sentences_end(last_only):
    found = comparison_of(last_only)
    names = [one.name for one in found.changes]
    assert len(names) == len(set(names))
    for one in found.changes:
        assert one.sentence[0].isupper() or one.sentence[0].isdigit(), one.sentence
        assert one.sentence.endswith("."), one.sentence
        assert "{" not in one.sentence
        assert len(one.examples) <= 3
    assert len(found.leading) <= 12
    assert figure_name("Users with 40 items or fewer: hit@10") == (
        "users-with-40-items-or-fewer-hit@10"
    )


def test_welch_is_that_of_scipy():
    from scipy.stats import ttest_ind

    from recexplainer.audit.estimate import welch

    rng = np.random.default_rng(3)
    inside, outside = rng.normal(0.4, 1, 31), rng.normal(0, 2, 67)
    test = ttest_ind(inside, outside, equal_var=False)
    interval = test.confidence_interval()
    assert welch(inside, outside) == pytest.approx((test.pvalue, interval.low, interval.high))
