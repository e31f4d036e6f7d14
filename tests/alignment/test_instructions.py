from __future__ import annotations

import json

import numpy as np
import pytest
from pydantic import ValidationError

from recexplainer.alignment.instruction_following import (
    InstructionFollowing,
    InstructionFollowingOptions,
)
from recexplainer.errors import DataError
from recexplainer.records import ITEM_MARK, USER_MARK


def conversation(*turns):
    return {"messages": [{"role": role, "content": content} for role, content in turns]}


PAIR = (("user", "Hello?"), ("assistant", "Hello!"))


@pytest.fixture
def written(tmp_path):
    def write(*rows):
        path = tmp_path / "talk.jsonl"
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


def examples_of(path, seed=0, **options):
    task = InstructionFollowing(InstructionFollowingOptions(path=path, **options))
    assert task.skipped() is None
    return list(task.on_items(np.random.default_rng(seed)))


def said(example):
    return [(turn.role, turn.content[0].text) for turn in example.turns]


def test_without_a_source_it_says_how_to_give_one():
    task = InstructionFollowing(InstructionFollowingOptions())
    assert "path" in task.skipped()
    assert list(task.on_items(np.random.default_rng(0))) == []


def test_only_one_source_may_be_given(tmp_path):
    with pytest.raises(ValidationError, match="not both"):
        InstructionFollowingOptions(path=tmp_path, dataset="owner/name")


def test_conversations_of_many_turns_are_kept_whole(written):
    turns = (("system", "Be kind."), *PAIR, ("user", "How?"), ("assistant", "So."))
    (example,) = examples_of(written(conversation(*turns)))
    assert said(example) == list(turns)


@pytest.mark.parametrize(
    ("turns", "kept"),
    [
        ((*PAIR, ("user", "And?")), 2),
        ((*PAIR, ("user", "And?"), ("assistant", "x" * 100)), 2),
        ((*PAIR, ("assistant", "Again.")), 2),
        ((*PAIR, ("user", "  "), ("assistant", "Again.")), 2),
    ],
)
def test_conversations_end_with_the_last_answer_that_fits(written, turns, kept):
    (example,) = examples_of(written(conversation(*turns)), max_characters=80)
    assert said(example) == list(turns[:kept])


def test_what_is_too_long_from_the_start_is_left_out(written):
    long = conversation(("user", "x" * 100), ("assistant", "y"))
    (example,) = examples_of(written(long, conversation(*PAIR)), max_characters=80)
    assert said(example) == list(PAIR)
    with pytest.raises(DataError, match="at most 80 characters"):
        examples_of(written(long), max_characters=80)


def test_the_limit_draws_at_random(written):
    path = written(*(conversation(("user", f"{n}?"), ("assistant", f"{n}!")) for n in range(50)))
    drawn = [{said(e)[0][1] for e in examples_of(path, seed, limit=10)} for seed in (0, 0, 1)]
    assert len(drawn[0]) == 10
    assert drawn[0] == drawn[1] != drawn[2]


def test_foreign_text_cannot_smuggle_in_a_vector_slot(written):
    marked = conversation(("user", f"a{USER_MARK}b"), ("assistant", f"{ITEM_MARK}c"))
    (example,) = examples_of(written(marked))
    assert said(example) == [("user", "ab"), ("assistant", "c")]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("{not json", "is not JSON"),
        ({"conversations": []}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "human", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user"}]}, "messages.0.content"),
        ([1, 2], "row"),
    ],
)
def test_a_bad_line_is_named(written, row, complaint):
    path = written(conversation(*PAIR), "", row)
    with pytest.raises(DataError, match=complaint) as error:
        examples_of(path)
    assert (error.value.line, str(error.value.path)) == (3, str(path))


def test_a_missing_file_and_a_wrong_encoding_are_named(tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.jsonl: cannot be read"):
        examples_of(tmp_path / "nowhere.jsonl")
    path = tmp_path / "latin.jsonl"
    path.write_bytes('{"messages": "é"}'.encode("latin-1"))
    with pytest.raises(DataError, match="not UTF-8"):
        examples_of(path)
