"""Search among as many users and items as a large data set has, held to brute force."""

from __future__ import annotations

import random

import pytest

from recexplainer.explorer.name_index import NameIndex

DRAWN = random.Random(0)
NAMES = ["".join(DRAWN.choices("abÄß İz<", k=DRAWN.randint(1, 9))) for _ in range(100_000)]
INDEX = NameIndex(NAMES)


@pytest.mark.parametrize("text", ["a", "AB", "ä", "ss", "b<", "zzzzzzzz", "not there", NAMES[7]])
def test_a_search_finds_what_looking_at_every_name_finds(text) -> None:
    wanted = text.strip().casefold()
    every = [place for place, name in enumerate(NAMES) if wanted in name.casefold()]
    found = INDEX.find(text, len(NAMES))
    assert sorted(found) == every
    standing = [
        (NAMES[place].casefold() != wanted, not NAMES[place].casefold().startswith(wanted), place)
        for place in found
    ]
    assert standing == sorted(standing)
    assert INDEX.find(text, 8) == found[:8]
