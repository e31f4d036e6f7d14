"""What differs between two identities of a stage is said setting by setting, file by file."""

from typing import Any

import pytest

from recexplainer.runs.stage_changes import changes

BEFORE: dict[str, Any] = {
    "version": "3",
    "settings": {
        "seed": 1,
        "dataset": {"name": "csv", "options": {"k": 5}, "files": [["a.csv", "1"], ["b.csv", "2"]]},
    },
    "inputs": {"1-dataset": "x"},
}


def changed(**settings: Any) -> list[str]:
    now = {**BEFORE, "settings": {**BEFORE["settings"], **settings}}
    return list(changes(BEFORE, now))


def with_files(*files: list[str]) -> list[str]:
    return changed(dataset={**BEFORE["settings"]["dataset"], "files": list(files)})


def test_what_is_the_same_is_not_said() -> None:
    assert changed() == []
    assert list(changes(BEFORE, {**BEFORE, "inputs": {"1-dataset": "y"}})) == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"seed": 2}, "seed is 2, and was 1"),
        ({"seed": None}, "seed is not set, and was 1"),
        ({"more": "x"}, "more is x, and was not set"),
        ({"dataset": {**BEFORE["settings"]["dataset"], "options": {"k": 6}}}, "dataset.options.k"),
    ],
)
def test_a_setting_is_said_with_both_values(settings: dict[str, Any], said: str) -> None:
    (line,) = changed(**settings)
    assert line.startswith(said)


def test_a_file_is_said_by_name() -> None:
    assert with_files(["a.csv", "1"], ["b.csv", "3"]) == ["b.csv holds something else"]
    assert with_files(["a.csv", "1"]) == ["b.csv is read no more"]
    both = (["a.csv", "1"], ["b.csv", "2"])
    assert with_files(*both, ["c.csv", "3"]) == ["c.csv is read now"]


def test_of_two_files_of_one_name_either_is_said() -> None:
    before = {"version": "1", "settings": {"files": [["a", "1"], ["a", "2"]]}}
    for digests in (["9", "2"], ["1", "9"]):
        now = {"version": "1", "settings": {"files": [["a", digest] for digest in digests]}}
        assert list(changes(before, now)) == ["a holds something else"]


def test_another_version_of_the_code_is_said() -> None:
    assert list(changes(BEFORE, {**BEFORE, "version": "4"})) == [
        "recexplainer does this in another way since"
    ]
