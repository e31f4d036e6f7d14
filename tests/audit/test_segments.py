from __future__ import annotations

import numpy as np

from recexplainer.audit.segments import given_segments, segment_findings


def test_a_difference_that_is_there_is_confirmed_and_chance_is_not(sound) -> None:
    rng = np.random.default_rng(0)
    short = given_segments(sound)[0].within
    users = [one.user for one in sound.contexts]
    apart = {
        u: float(rng.random() < (0.9 if s else 0.4)) for u, s in zip(users, short, strict=True)
    }
    chance = {user: float(rng.random() < 0.5) for user in users}
    found = segment_findings(sound, {"apart": apart, "chance": chance})
    words = given_segments(sound)[0].words
    (one,) = [f for f in found if f.probe == "apart" and f.sentence.startswith(words)]
    values = np.array([apart[user] for user in users])
    assert one.alarm
    assert one.figure == values[short].mean() - values[~short].mean()
    assert one.low < one.figure < one.high
    assert "a difference that holds" in one.sentence
    assert not any(f.alarm for f in found if f.probe == "chance")


def test_segments_are_thirds_of_the_sample(sound) -> None:
    for segment in given_segments(sound):
        assert 0.25 <= segment.within.mean() <= 0.5
