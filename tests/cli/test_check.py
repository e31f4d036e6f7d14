"""``recx check`` tells which rules hold, what mends the others, and ends accordingly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recexplainer.targets.popularity import Popularity

BOOKS = Path(__file__).parents[2] / "examples" / "books"
OPTIONS = {
    "interactions": "interactions.csv",
    "items": "items.csv",
    "user_column": "reader",
    "item_column": "book",
    "item_id_column": "book",
    "time_column": "finished",
}


def outcomes(out: str) -> list[str]:
    """Return the outcome of each rule, in order."""
    signs = {"✓": "held", "✗": "broken", "·": "skipped"}
    rows = [line.split() for line in out.splitlines() if line.strip()[:1] in signs]
    assert all(signs[sign] == word for sign, word, *_ in rows)
    return [word for _, word, *_ in rows]


def test_a_part_that_keeps_its_contract_passes(recx):
    said = recx("check", "target", "popularity")
    assert said.code == 0
    found = outcomes(said.out)
    held, skipped = found.count("held"), found.count("skipped")
    assert held + skipped == len(found) > 10
    summary = f"TargetContract: target popularity: {held} rules hold, 0 broken, {skipped} skipped"
    assert said.out.splitlines()[-1].startswith(summary)


def test_a_broken_rule_stands_beside_what_mends_it(recx, monkeypatch):
    monkeypatch.setattr(Popularity, "scores", lambda self, histories: [[0.0]])
    said = recx("check", "target", "popularity")
    assert said.code == 1
    assert "broken" in outcomes(said.out)
    words = " ".join(said.out.split())
    assert "scores() returned list" in words
    assert "to mend it: return a numpy array" in words


@pytest.mark.parametrize(
    "part", ["dataset ml-100k", "task item_ranking", "explainer occlusion", "judge offline"]
)
def test_every_kind_can_be_checked(recx, part):
    said = recx("check", *part.split())
    assert said.code == 0
    assert f": {part}: " in said.out.splitlines()[-1]


def test_a_name_with_an_argument_is_one_part(recx, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "own_models.py").write_text(
        "from recexplainer.testing import toy_log, toy_target\n"
        "def best():\n"
        "    trained = toy_target(toy_log())\n"
        "    trained.item_ids = trained.catalogue.ids\n"
        "    return trained\n"
    )
    said = recx("check", "target", "own_models:best")
    assert said.code == 0, said.out
    assert "target own_models:best: " in said.out.splitlines()[-1]


def test_options_are_those_of_the_part_and_paths_those_of_the_user(recx, monkeypatch):
    """The rules run in folders of their own; a relative path still means the user's folder."""
    monkeypatch.chdir(BOOKS)
    said = recx("check", "dataset", "csv", "--options", json.dumps(OPTIONS))
    assert said.code == 0, said.out + said.err


def test_a_target_is_checked_on_a_real_log(recx):
    said = recx("check", "target", "popularity", "--dataset", "ml-100k", "--users", 50)
    assert said.code == 0
    assert "target popularity on 50 users of ml-100k: " in said.out.splitlines()[-1]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("target popularty", "Did you mean 'popularity'?"),
        ("traget popularity", "Did you mean 'target'?"),
        ("target popularity --options {", "--options is not JSON"),
        ("target popularity --options []", "--options must be a JSON object, got []"),
        ("""target sasrec --options {"hiden":1}""", "options.hiden: unknown key"),
        ("target popularity --dataset ml-100", "Did you mean 'ml-100k'?"),
        ("""target popularity --dataset ml-100k --dataset-options {"x":1}""", "dataset-options.x"),
        ("target popularity --dataset ml-100k --users 3", "3 is not in the range x>=10"),
        ("judge offline --dataset ml-100k", "Leave it out"),
        ("""dataset csv --options {"interactions":"a.csv","items":"b.csv"}""", "no file a.csv"),
    ],
)
def test_a_mistake_is_named_and_nothing_runs(recx, tmp_path, monkeypatch, line, words):
    monkeypatch.chdir(tmp_path)
    said = recx("check", *line.split())
    assert said.code == 2
    assert said.out == ""
    assert words in said.err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_in_the_users_folder(recx, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert recx("check", "target", "popularity").code == 0
    assert list(tmp_path.iterdir()) == []
