import math

import pytest

from recexplainer.metrics import hit, ndcg_single

ANSWERS = ["a", "b", "c", "d", "e", "f"]


@pytest.mark.parametrize(
    ("reference", "expected_hit", "expected_ndcg"),
    [
        ("a", 1.0, 1.0),
        ("B ", 1.0, 1 / 1.5849625007211562),  # log2(3)
        ("c", 1.0, 0.5),
        ("e", 1.0, 1 / 2.584962500721156),  # log2(6)
        ("f", 0.0, 0.0),
        ("z", 0.0, 0.0),
    ],
)
def test_by_hand(reference, expected_hit, expected_ndcg):
    assert hit(reference, ANSWERS, 5) == expected_hit
    assert ndcg_single(reference, ANSWERS, 5) == pytest.approx(expected_ndcg)


def test_a_repeated_wrong_answer_takes_up_its_places():
    assert ndcg_single("b", ["a", "a", "b"]) == 0.5


def test_no_answers_miss():
    assert hit("a", []) == 0.0
    assert ndcg_single("a", []) == 0.0


def test_the_mean_over_random_beams_is_k_over_the_catalogue():
    titles = [str(number) for number in range(20)]
    lists = [titles[start:] + titles[:start] for start in range(20)]
    assert sum(hit("3", answers, 5) for answers in lists) / 20 == pytest.approx(5 / 20)
    expected = sum(1 / math.log2(rank + 1) for rank in range(1, 6)) / 20
    assert sum(ndcg_single("3", answers, 5) for answers in lists) / 20 == pytest.approx(expected)
