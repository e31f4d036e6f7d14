"""Nearest names: difflib's own where there are few, and a bounded look where there are many."""

from __future__ import annotations

import difflib
import random
import string

import pytest

from recexplainer import errors
from recexplainer.errors import nearest


def words(count, seed):
    drawn = random.Random(seed)
    return list(
        dict.fromkeys(
            "".join(drawn.choices(string.ascii_lowercase[:6], k=drawn.randint(3, 8)))
            for _ in range(count)
        )
    )


@pytest.mark.parametrize("seed", range(5))
def test_few_names_are_those_that_difflib_finds(seed):
    names = words(200, seed)
    for given in words(30, seed + 100):
        assert nearest(given, names) == difflib.get_close_matches(given, names, n=3, cutoff=0.5)


def test_of_many_names_no_more_are_compared_than_the_bound(monkeypatch):
    compared = []
    own = difflib.get_close_matches

    def counted(word, names, **asked):
        compared.append(len(list(names)))
        return own(word, list(names)[:10], **asked)

    monkeypatch.setattr(difflib, "get_close_matches", counted)
    names = [f"user-{number}" for number in range(60_000)]
    nearest("user-1234567", names)
    nearest("nobody", names)
    assert all(count <= errors._COMPARED for count in compared)
    assert compared[0] > 0


@pytest.mark.parametrize("place", [0, 3, 7])
def test_one_wrong_letter_among_many_names_is_found(place):
    drawn = random.Random(3)
    names = list(dict.fromkeys(f"{drawn.randrange(16**8):08x}" for _ in range(20_000)))
    name = names[777]
    given = name[:place] + "z" + name[place + 1 :]
    (best,) = nearest(given, names, 1)
    ratio = difflib.SequenceMatcher(None, best, given).ratio()
    assert ratio >= difflib.SequenceMatcher(None, name, given).ratio()


def test_capitals_do_not_count():
    assert nearest("sasREC", ["BPR", "SASRec"], 1) == ["SASRec"]
