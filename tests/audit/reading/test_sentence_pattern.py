from __future__ import annotations

from recexplainer.audit.reading.sentence_pattern import read_by


def test_slots_are_filled_by_kind():
    pattern = (
        "{title:name} holds {figure:estimate} of {n:amount} lists{alarm:?, alas}; "
        "{apart:more|less}."
    )
    read = read_by(pattern, "\"It's 'x'\" holds 62% (57% to 66%) of 1,349 lists; less.")
    assert read is not None
    assert read.names == {"title": "It's 'x'"}
    assert read.words == {"alarm": "", "apart": "less"}
    values = {"figure": 0.62, "low": 0.57, "high": 0.66, "n": 1349}
    assert read.amounts.keys() == values.keys()
    assert all(read.amounts[name].holds(value) for name, value in values.items())


def test_other_words_are_not_read():
    assert read_by("{n:amount} items", "12 users") is None
    assert read_by("{n:amount} items", "12 items, all of them bad") is None
