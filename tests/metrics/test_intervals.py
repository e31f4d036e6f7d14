import numpy as np
import pytest
from scipy import stats

from recexplainer.metrics import bootstrap_interval, summarize
from recexplainer.records import Figure

SHARE = Figure(task="t", metric="m")
LABELS = {"subject": "s", "split": "leave_one_out", "seed": 0}


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


def test_of_many_users_it_is_scipys_percentile_bootstrap():
    values = np.random.default_rng(0).exponential(size=2000)
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=20_000, rng=np.random.default_rng(1)
    ).confidence_interval
    ours = bootstrap_interval(values, resamples=20_000, seed=2)
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.006)


def test_of_few_users_it_is_scipys_t_interval():
    values = np.random.default_rng(0).normal(3.0, 2.0, size=7)
    theirs = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert bootstrap_interval(values) == pytest.approx((theirs.low, theirs.high))


@pytest.mark.parametrize(("hits", "count"), [(10, 10), (0, 17), (30, 40), (70, 100), (400, 1000)])
def test_a_share_of_independent_values_is_scipys_wilson(hits, count):
    theirs = stats.binomtest(hits, count).proportion_ci(0.95, "wilson")
    ours = bootstrap_interval([1.0] * hits + [0.0] * (count - hits))
    assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_one_miss_of_few_is_given_the_exact_bound_where_wilsons_is_too_sure():
    exact = stats.binomtest(9, 10).proportion_ci(0.90, "exact")  # 5 % on either side
    low, high = bootstrap_interval([1.0] * 9 + [0.0])
    assert high == pytest.approx(exact.high)
    assert low == pytest.approx(stats.binomtest(9, 10).proportion_ci(0.95, "wilson").low)


def test_values_of_one_user_count_once_where_all_users_agree():
    users = [place // 5 for place in range(50)]
    assert bootstrap_interval([1.0] * 50, users) == bootstrap_interval([1.0] * 10)


def test_users_who_repeat_themselves_leave_fewer_values():
    users = [place // 5 for place in range(200)]
    answers = np.random.default_rng(2).integers(0, 2, 40).astype(float)
    alike = bootstrap_interval(np.repeat(answers, 5), users)
    alone = bootstrap_interval(answers)
    assert alike == pytest.approx(alone, abs=0.02)  # wider by Student's correction alone


def test_no_spread_is_no_certainty():
    assert bootstrap_interval([0.4] * 10) == pytest.approx(
        (0.4 * 0.7411, 1 - 0.6 * 0.7411), abs=1e-3
    )
    low, high = bootstrap_interval([0.0] * 10, bounds=(-1.0, 1.0))
    assert (low, high) == pytest.approx((-high, high))
    assert 0.2 < high < 0.5


def test_what_may_fall_below_0_is_not_shown_to_be_above_it_by_one_value():
    values = [0.0] * 9 + [1.0]
    assert bootstrap_interval(values)[0] > 0
    assert bootstrap_interval(values, bounds=(-1.0, 1.0))[0] < 0


def test_one_user_tells_nothing_of_users_where_there_are_no_bounds():
    assert bootstrap_interval([2.0, 3.0, 4.0], ["u"] * 3) is None
    figure = summarize(SHARE, [2.0, 3.0], groups=["u", "u"], **LABELS)
    assert (figure.value, figure.low, figure.high) == (2.5, None, None)
    low, high = bootstrap_interval([1.0, 1.0], ["u", "u"])
    assert low < 0.3
    assert high == 1.0


def test_users_are_resampled_with_all_their_values():
    users = np.repeat(np.arange(40), 10)

    def of_users(rng, groups):
        values = rng.normal(size=40)[users] + rng.normal(0, 0.1, size=400)
        return bootstrap_interval(values, groups, seed=3)

    assert 0.88 <= covered(lambda rng: of_users(rng, list(users)), 0.0) <= 0.99
    # Taken for independent, the same values give intervals that are far too sure.
    assert covered(lambda rng: of_users(rng, None), 0.0) < 0.6


def test_a_user_with_more_values_weighs_more():
    users = ["u"] * 27 + ["v", "w"] + [f"x{place}" for place in range(27)]
    values = [8.0] * 27 + [0.0] * 29
    low, high = bootstrap_interval(values, users, seed=0)
    # Whether u is drawn, and how often, decides: half of all values are u's.
    assert low == 0.0
    assert high > 8 * 0.65


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
    figure = summarize(SHARE, [1.0, None, 0.0, None, 1.0, 1.0], **LABELS)
    assert (figure.value, figure.n, figure.unscored) == (0.75, 4, 2)
    assert figure.low <= 0.75 <= figure.high


def test_a_summary_drops_the_users_of_unscored_values():
    figure = summarize(SHARE, [1.0, None, 1.0], groups=["u", "v", "u"], **LABELS)
    assert (figure.low, figure.value, figure.high) == (pytest.approx(0.05), 1.0, 1.0)


def test_a_summary_of_nothing_has_no_value():
    figure = summarize(SHARE, [None, None], **LABELS)
    assert (figure.value, figure.low, figure.high, figure.n, figure.unscored) == (
        (None, None, None, 0, 2)
    )
