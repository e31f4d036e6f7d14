from __future__ import annotations

import dataclasses

import numpy as np

from recexplainer.audit.reading.verification import Verifier
from recexplainer.audit.segments import segment_findings
from recexplainer.audit.user_groups import given_segments, numbers_of


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


def with_columns(subject, users):
    log = dataclasses.replace(subject.log, users=users)
    return dataclasses.replace(subject, log=log)


def test_users_are_compared_by_columns_and_a_planted_difference_is_found(sound):
    rng = np.random.default_rng(1)
    users = [one.user for one in sound.contexts]
    known = {
        user: {
            "age": str(20 + int(rng.integers(40))),
            "land": ("Chile", "Peru", "Cuba")[int(rng.integers(3))],
            "sex": "FM"[int(rng.integers(2))],
            "odd": f"x{place}",
        }
        for place, user in enumerate(users)
    }
    subject = with_columns(sound, known)
    added = {"apart": {user: float(own["land"] == "Peru") for user, own in known.items()}}
    segments = {one.words: one.within for one in given_segments(subject)}
    lands = {words for words in segments if "land" in words}
    assert lands == {f"Users whose land is {one!r}" for one in ("Chile", "Peru", "Cuba")}
    assert sum("sex" in words for words in segments) == 1
    assert not any("odd" in words for words in segments)  # a group of one user tells on that user
    (young,) = [within for words, within in segments.items() if words.endswith("or less")]
    ages = np.array([int(known[user]["age"]) for user in users])
    assert young.tolist() == (ages <= max(ages[young])).tolist()
    findings = segment_findings(subject, added)
    sure = [one for one in findings if one.probe == "apart" and one.alarm]
    assert ("Users whose land is 'Peru'",) in {one.named for one in sure}
    assert not any("sex" in one.named[0] for one in sure)
    held = Verifier(subject, added).verified(findings)
    assert [one.withheld for one in held if one.withheld] == []
    assert {one.read for one in held if "Users whose" in one.sentence} == {"target"}
    lie = sure[0].model_copy(update={"sentence": sure[0].sentence.replace("Peru", "Cuba")})
    assert Verifier(subject, added).verified([lie])[0].withheld


def test_amounts_are_told_from_codes():
    assert numbers_of([str(k) for k in range(30)]) is not None
    assert numbers_of(["1", "18", "25"] * 10) is None
    assert numbers_of(["a", "2"]) is None
