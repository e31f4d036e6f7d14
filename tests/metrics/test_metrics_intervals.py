import numpy as np
import pytest
from scipy import stats

from recexplainer.metrics import bootstrap_interval, summarize

LABELS = {"subject": "s", "task": "t", "metric": "m", "split": "leave_one_out", "seed": 0}


def covered(draw, truth, runs=200):
    intervals = [draw(np.random.default_rng(run)) for run in range(runs)]
    return sum(low <= truth <= high for low, high in intervals) / runs


def test_it_covers_the_mean_of_a_known_distribution_as_often_as_it_says():
    rate = covered(lambda rng: bootstrap_interval(rng.normal(3.0, 1.0, 100), seed=1), 3.0)
    assert 0.90 <= rate <= 0.99
    narrow = covered(
        lambda rng: bootstrap_interval(rng.normal(3.0, 1.0, 100), seed=1, level=0.5), 3.0
    )
    assert 0.40 <= narrow <= 0.60


def test_it_is_scipys_percentile_bootstrap():
    values = np.random.default_rng(0).exponential(size=80)
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(1)
    ).confidence_interval
    ours = bootstrap_interval(values, resamples=20_000, seed=2)
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.01)


def test_users_are_resampled_with_all_their_values():
    users = np.repeat(np.arange(40), 10)

    def of_users(rng, groups):
        values = rng.normal(size=40)[users] + rng.normal(0, 0.1, size=400)
        return bootstrap_interval(values, groups, seed=3)

    assert 0.88 <= covered(lambda rng: of_users(rng, list(users)), 0.0) <= 0.99
    # Taken for independent, the same values give intervals that are far too sure.
    assert covered(lambda rng: of_users(rng, None), 0.0) < 0.6


def test_a_user_with_more_values_weighs_more():
    values, users = [1.0, 1.0, 1.0, 0.0], ["u", "u", "u", "v"]
    # Draws of two users: uu 1.0, vv 0.0, uv 0.75.
    low, high = bootstrap_interval(values, users, level=0.4, seed=0)
    assert (low, high) == (0.75, 0.75)


def test_groups_of_one_are_no_groups():
    values = list(np.random.default_rng(0).normal(size=30))
    names = [f"user {number}" for number in range(30)]
    assert bootstrap_interval(values, names, seed=5) == bootstrap_interval(values, seed=5)


def test_the_seed_decides():
    values = list(np.random.default_rng(0).normal(size=30))
    assert bootstrap_interval(values, seed=1) == bootstrap_interval(values, seed=1)
    assert bootstrap_interval(values, seed=1) != bootstrap_interval(values, seed=2)


def test_many_values_are_drawn_in_pieces_of_the_same_stream():
    values = np.random.default_rng(0).normal(size=300_000)  # more than one piece per 1000 draws
    low, high = bootstrap_interval(values, seed=0, resamples=40)
    spread = values.std() / np.sqrt(len(values))
    assert (high - low) / spread == pytest.approx(2 * 1.96, rel=0.35)


def test_misuse_is_an_error():
    with pytest.raises(ValueError, match="at least one value"):
        bootstrap_interval([])
    with pytest.raises(ValueError, match="2 values but 1 groups"):
        bootstrap_interval([1.0, 2.0], ["u"])


def test_a_summary_leaves_out_and_counts_what_was_not_scored():
    figure = summarize([1.0, None, 0.0, None, 1.0, 1.0], **LABELS)
    assert (figure.value, figure.n, figure.unscored) == (0.75, 4, 2)
    assert figure.low <= 0.75 <= figure.high


def test_a_summary_drops_the_users_of_unscored_values():
    figure = summarize([1.0, None, 1.0], groups=["u", "v", "u"], **LABELS)
    assert (figure.low, figure.value, figure.high) == (1.0, 1.0, 1.0)


def test_a_summary_of_nothing_has_no_value():
    figure = summarize([None, None], **LABELS)
    assert (figure.value, figure.low, figure.high, figure.n, figure.unscored) == (
        (None, None, None, 0, 2)
    )
