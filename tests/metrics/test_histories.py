import pytest

from recexplainer.metrics import accuracy, coverage


@pytest.mark.parametrize(
    ("answered", "expected"),
    [
        (["a", "b", "c", "d"], 1.0),
        (["D", " c", "b", "a"], 1.0),
        (["a", "a", "a", "a"], 0.25),
        (["a", "z", "b"], 0.5),
        (["z", "y", "x", "w", "a", "b", "c", "d"], 0.0),
        ([], 0.0),
    ],
)
def test_each_true_title_counts_once(answered, expected):
    assert coverage(["a", "b", "c", "d"], answered) == expected


def test_a_history_with_a_repeated_item_can_be_told_back_in_full():
    assert coverage(["a", "b", "a"], ["a", "b", "a"]) == 1.0
    assert coverage(["a", "b", "a"], ["a", "b"]) == 1.0


def test_an_empty_history_is_not_scored():
    assert coverage([], ["a"]) is None


def test_labels_match_strictly():
    assert accuracy("Yes", "yes ") == 1.0
    assert accuracy("Yes", "No") == 0.0
    assert accuracy("Yes", "Yes, because") == 0.0
