"""The line that tells how long a training takes, its figures counted by hand."""

import numpy as np
import pytest

from recexplainer.records import Recipe
from recexplainer.surrogate.estimate.step_timer import StepTimes
from recexplainer.surrogate.estimate.time_words import duration, training_line, two_digits


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (1.04, "1 second"),
        (44.4, "44 seconds"),
        (95, "1.6 minutes"),
        (366, "6.1 minutes"),
        (5400, "1.5 hours"),
        (172_800, "2 days"),
        (86_400 * 1234, "1,200 days"),
    ],
)
def test_durations_have_two_digits_and_a_unit_that_fits(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("number", "digits"), [(0.0312, "0.031"), (1.25, "1.2"), (87, "87"), (12_345, "12,000")]
)
def test_numbers_have_two_digits(number, digits):
    assert two_digits(number) == digits


# Steps of 0.5 s, as the first two of a pass are; those of the whole pass take 0.75 s.
TIMES = StepTimes(fixed=0.25, each=0.025, timed=10, positions=np.array([10, 10, 30, 30]))


def test_the_line_of_a_budget(settings):
    line = training_line(settings, TIMES, steps=2, per_pass=4)
    assert line == "training takes about 1 second here: 2 steps of 0.5 s (10 of them timed)"
    whole = training_line(settings, TIMES, steps=400, per_pass=4)
    assert "about 5 minutes here: 400 steps of 0.75 s" in whole


def test_the_line_of_a_resumed_training_tells_of_what_is_left(settings):
    line = training_line(settings, TIMES, steps=400, per_pass=4, done=399)
    assert line.startswith("the rest of the training takes about 1 second here: 1 step of 1 s")


def test_the_steps_that_are_left_are_told_by_their_own_lengths(settings):
    """The last two of a pass: 0.25 s + 30 tokens of 0.025 s each, and one more of 0.5 s."""
    line = training_line(settings, TIMES, steps=4, per_pass=4, done=2)
    assert line.startswith("the rest of the training takes about 2 seconds here: 2 steps of 1 s")
    line = training_line(settings, TIMES, steps=4, per_pass=4, done=1)
    assert line.startswith("the rest of the training takes about 2.5 seconds here: 3 steps of 0.83")


def test_the_line_of_minutes_says_why_and_what_that_comes_to(settings):
    asked = settings.model_copy(update={"minutes": 5.0})
    line = training_line(asked, TIMES, steps=240, per_pass=160)
    assert line.endswith(", as many as fit training.minutes=5: 1.5 passes over the corpus")
    longer = training_line(asked, TIMES, steps=400, per_pass=160)
    assert ", as many as fit training.minutes=5: 2.5 passes over the corpus" in longer


def test_who_has_time_for_two_passes_is_told_of_more_questions(settings):
    twice = training_line(settings, TIMES, steps=320, per_pass=160)
    assert twice.endswith("; alignment.questions would ask more, in place of the same again")
    assert "questions" not in training_line(settings, TIMES, steps=319, per_pass=160)
    published = settings.model_copy(update={"recipe": Recipe(source="owner/model")})
    assert "questions" not in training_line(published, TIMES, steps=320, per_pass=160)


def test_it_is_said_where_only_parts_of_steps_were_timed(settings):
    times = StepTimes(0.0, 1.0, 0, np.array([60]))
    line = training_line(settings, times, steps=120, per_pass=1)
    assert "2 hours here: 120 steps of 60 s (parts of a few of them timed)" in line
