"""Every transition is learned from once, and nothing is read that lies outside the window."""

from __future__ import annotations

import pytest

from recexplainer.targets.recbole.padded_windows import cut_windows, pack


def transitions(windows):
    return [
        (window[: place + 1], following)
        for window in windows.tolist()
        for place, following in enumerate(window[1:])
        if following
    ]


@pytest.mark.parametrize("length", range(2, 14))
@pytest.mark.parametrize("width", [1, 3, 5])
def test_every_item_but_the_first_is_predicted_once(length, width):
    history = list(range(1, length + 1))
    learned = transitions(cut_windows([history], width, width))
    assert sorted(following for _, following in learned) == history[1:]
    for read, following in learned:
        assert read == history[following - 1 - len(read) : following - 1]
        assert 1 <= len(read) <= width


def test_a_shorter_stride_overlaps():
    windows = cut_windows([[1, 2, 3, 4, 5, 6]], 3, 1)
    assert windows.tolist() == [[3, 4, 5, 6], [2, 3, 4, 5], [1, 2, 3, 4]]


def test_histories_without_a_transition_give_no_window():
    assert cut_windows([[], [1]], 3, 3).shape == (0, 4)


def test_packing_keeps_the_latest_and_pads_to_one_width():
    ids, lengths = pack([[1, 2, 3, 4], [5], []], 3)
    assert ids.tolist() == [[2, 3, 4], [5, 0, 0], [0, 0, 0]]
    assert lengths.tolist() == [3, 1, 1]
