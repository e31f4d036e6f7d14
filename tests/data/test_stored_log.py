"""A stored log is the same log."""

from __future__ import annotations

from pathlib import Path

import pytest

from recexplainer.data.stored_log import load_log, save_log
from recexplainer.errors import RunFolderError
from recexplainer.records import Catalogue, InteractionLog, Item


def awkward_log() -> InteractionLog:
    items = [
        Item("1", 'Amélie "東京"\u2028', {"genre": ("Drama", "a\tb"), "year": ("2001",)}),
        Item("x\n2", "Plain"),
    ]
    histories = {"zoë": ("x\n2", "1"), "1": ("1",), "nobody": ()}
    return InteractionLog("tiny", Catalogue(items), histories, ("a note", "§ 2"))


def test_loading_returns_what_was_saved(tmp_path: Path) -> None:
    log = awkward_log()
    save_log(log, tmp_path / "made" / "here")
    loaded = load_log(tmp_path / "made" / "here")
    assert list(loaded.catalogue) == list(log.catalogue)
    assert list(loaded.histories.items()) == list(log.histories.items())
    assert (loaded.name, loaded.notes) == (log.name, log.notes)


def test_saving_again_replaces(tmp_path: Path) -> None:
    save_log(awkward_log(), tmp_path)
    other = InteractionLog("other", Catalogue([Item("9", "Nine")]), {"u": ("9",)})
    save_log(other, tmp_path)
    assert load_log(tmp_path).histories == {"u": ("9",)}
    assert load_log(tmp_path).name == "other"


def test_a_save_cut_short_leaves_no_log(tmp_path: Path) -> None:
    save_log(awkward_log(), tmp_path)
    unserializable = InteractionLog("bad", Catalogue([]), {"u": (object(),)})  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        save_log(unserializable, tmp_path)
    with pytest.raises(RunFolderError, match="holds no stored log"):
        load_log(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".jsonl"}


def test_a_damaged_file_is_named_with_its_line(tmp_path: Path) -> None:
    save_log(awkward_log(), tmp_path)
    path = tmp_path / "histories.jsonl"
    first, *rest = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join([first, "[broken", *rest]), encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"histories\.jsonl.*line 2"):
        load_log(tmp_path)


def test_a_folder_without_a_log_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="run the dataset stage again"):
        load_log(tmp_path / "nothing")
