"""Questions outside what a run asks are answered as far as they can be, and say what they are.

The recommender is popularity, so that its ranking can be counted by hand.
"""

from __future__ import annotations

from collections import Counter

import pytest

import recexplainer
from recexplainer.config import load_config
from recexplainer.errors import UnknownNameError, UserError
from recexplainer.explanation.sentences import decided
from recexplainer.pipeline import run
from recexplainer.report.check_words import case_words

ITEMS, WINDOW = 12, 3
HISTORIES = {f"-u{user}": [f"--i{(user + step) % 10}" for step in range(5)] for user in range(10)}
HISTORIES |= {f"-last{user}": ["--i0", "--i1", "--i2", "--i3", "--i11"] for user in range(3)}
"""Item 10 is had once, and item 11 by nobody in the part that is learned from."""


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    folder = tmp_path_factory.mktemp("moments")
    rows = [f"{u},{item},{at}" for u, had in HISTORIES.items() for at, item in enumerate(had)]
    rows += ["once,--i0,1", "once,--i10,2"]
    texts = {
        "interactions": ["user_id,item_id,timestamp", *rows],
        "items": ["item_id,title", *(f"--i{item},Film {item}" for item in range(ITEMS))],
    }
    for name, lines in texts.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    options = ", ".join(f"{name}: {folder / name}.csv" for name in texts)
    config = load_config(
        overrides=[
            *("dataset.name=csv", f"dataset.options={{{options}}}", "dataset.min_interactions=3"),
            *(f"dataset.max_history={WINDOW}", "target.name=popularity"),
            *("alignment.mode=behavior", "explanations.explainers=[occlusion]"),
            "dataset.accept_losses=true",
        ]
    )
    run(config, folder / "run", until="alignment")
    return recexplainer.load(folder / "run")


def counts() -> Counter[str]:
    """Count the interactions that are learned from: all but each user's last two."""
    return Counter(item for had in HISTORIES.values() for item in had[:-2])


def place(item: str, had: list[str]) -> tuple[int, int]:
    """Return how many unseen items are counted more often than ``item``, and no less often."""
    learned, unseen = counts(), [one for one in known() if one not in had and one != item]
    ahead = sum(learned[one] > learned[item] for one in unseen)
    return ahead, ahead + sum(learned[one] == learned[item] for one in unseen)


def known() -> set[str]:
    return {item for had in HISTORIES.values() for item in had}


def test_an_item_that_was_had_is_never_called_one_of_the_unseen(door) -> None:
    had = HISTORIES["-u2"]
    told = door.explain(user="-u2", item=had[-1])
    others = len(known() - set(had))
    ahead, behind = place(had[-1], had)
    assert ahead < told.case.rank <= behind + 1
    (text,) = [one.text for one in told.explanations]
    for said in (text, decided(told.case, "x"), case_words(told.case)):
        assert f"beside the {others} items that" in said
        assert "candidates" not in said
    assert any("is number 5 of the 5 items in the history" in note for note in told.notes)


def test_an_item_from_before_the_window_is_placed_in_the_whole_history(door) -> None:
    told = door.explain(user="-u2", item=HISTORIES["-u2"][0])
    assert any("is number 1 of the 5 items" in note for note in told.notes)


def test_a_history_longer_than_is_read_says_how_much_is(door) -> None:
    long = door.explain(user="-u2", item="--i0")
    assert any("reads the last 3 of the 5 items" in note for note in long.notes)
    short = door.explain(history=["--i1", "--i2"], item="--i0")
    assert short.notes == ()
    same = door.explain(history=HISTORIES["-u2"][-WINDOW:], item="--i0")
    assert same.case.score == long.case.score


def test_an_item_that_nothing_was_learned_about_is_said_to_be_one(door) -> None:
    assert counts()["--i11"] == 0
    told = door.explain(user="-u2", item="--i11")
    assert any("'Film 11' is in none of the histories" in note for note in told.notes)
    assert told.explanations[0].text


def test_an_empty_history_is_answered_by_the_recommender_s_own_account(door) -> None:
    told = door.explain(history=[], item="--i0")
    assert told.explanations == ()
    assert told.answer.explainer == "occlusion"
    assert told.notes[0].startswith("The history is empty")
    ahead, behind = place("--i0", [])
    assert ahead < told.case.rank <= behind + 1
    assert told.case.candidates == len(known())


def test_an_edit_of_an_empty_history_can_only_add(door) -> None:
    told = door.what_if(history=[], item="--i0", aim="top 5")
    assert told.notes[0].startswith("The history is empty")
    assert told.text


def test_a_history_of_everything_leaves_nothing_to_recommend(door) -> None:
    with pytest.raises(UserError, match="none is left to recommend"):
        door.explain(history=sorted(known()))
    assert door.explain(history=sorted(known()), item="--i0").already_had


def test_an_edit_for_an_item_that_was_had_says_where_it_stands(door) -> None:
    had = HISTORIES["-u2"]
    rank = door.explain(user="-u2", item=had[0]).case.rank
    with pytest.raises(UserError, match=f"already had 'Film 2'.* ranks it {rank}\\."):
        door.what_if(user="-u2", item=had[0])


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ({"user": "-u22"}, "Did you mean '-u2'"),
        ({"user": "-u2", "item": "--i77"}, "Did you mean '--i7'"),
        ({"user": "-u2", "item": "Flim 7"}, "Did you mean 'Film 7'"),
        ({"user": "-u2", "item": "--i10"}, r"Did you mean '--i1'.*Items with fewer than 3 inter"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_first(asked, first, door) -> None:
    with pytest.raises(UnknownNameError, match=f"{first}"):
        door.explain(**asked)


def test_an_unknown_user_may_have_had_too_little(door) -> None:
    with pytest.raises(UnknownNameError, match=r"Users with fewer than 3 interactions were left"):
        door.explain(user="once")


@pytest.mark.parametrize(
    ("setting", "asked", "said"),
    [
        ("sample_users=7", {"user": "x"}, r"Of the others 7 were drawn \(dataset\.sample_users\)"),
        ("top_items=9", {"user": "-u2", "item": "x"}, r"the 9 with most .* \(dataset\.top_items\)"),
    ],
)
def test_who_was_not_drawn_is_not_said_to_have_too_little_alone(
    setting, asked, said, door, monkeypatch
) -> None:
    dataset = load_config(overrides=[f"dataset.{setting}"]).dataset
    config = door._bench.config.model_copy(update={"dataset": dataset})
    monkeypatch.setattr(door._bench, "config", config)
    with pytest.raises(UnknownNameError, match=said):
        door.explain(**asked)


@pytest.mark.parametrize("words", [("--item", "--i7"), ("--item=--i7",)])
def test_ids_that_begin_with_a_dash_are_taken_by_the_command(words, door, recx) -> None:
    folder = door._bench.folder.path
    said = recx("explain", folder, "--user", "-u2", *words)
    assert said.code == 0
    assert said.out.startswith("'Film 7' was asked about for user -u2.")
