"""As many questions are out at a time as the service bears."""

from __future__ import annotations

import threading
import time

import pytest

from recexplainer.chat.window import Window


def places(window):
    """Count how many places are free at once, by taking them."""
    taken, release = [], threading.Event()

    def take():
        with window.place():
            taken.append(1)
            release.wait(5)

    threads = [threading.Thread(target=take) for _ in range(40)]
    for thread in threads:
        thread.start()
    before = -1
    while len(taken) != before:
        before = len(taken)
        time.sleep(0.05)
    window.shut()
    release.set()
    for thread in threads:
        thread.join()
    return before


@pytest.mark.parametrize(("answers", "size"), [(0, 1), (1, 2), (7, 8), (100, 16)])
def test_it_opens_with_answers_up_to_the_most(answers, size):
    window = Window(16, 60)
    for _ in range(answers):
        window.open(0.1)
    assert places(window) == size


def test_answers_that_wait_in_the_service_open_nothing():
    window = Window(16, 60)
    window.open(10)
    for _ in range(9):
        window.open(21)
    assert places(window) == 2


def test_a_model_that_thinks_for_long_is_asked_more_at_once():
    window = Window(16, 60)
    for _ in range(9):
        window.open(35)
    assert places(window) == 10


def test_trouble_halves_it_once_for_all_that_was_out():
    window = Window(16, 60)
    for _ in range(15):
        window.open(0.1)
    began = time.monotonic()
    for _ in range(16):
        window.narrow(began)
    assert places(window) == 8


def test_after_trouble_it_opens_by_one_a_round():
    window = Window(16, 60)
    for _ in range(15):
        window.open(0.1)
    window.narrow(time.monotonic())
    for _ in range(9):
        window.open(0.1)
    assert places(window) == 9


def test_it_never_closes():
    window = Window(16, 60)
    for _ in range(9):
        window.narrow(time.monotonic())
        time.sleep(0.001)
    assert places(window) == 1
