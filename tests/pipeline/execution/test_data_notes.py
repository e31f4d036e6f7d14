"""What was found in data files stands where the user looks."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
import yaml

from recexplainer.cli.main import main
from recexplainer.config import read_config
from recexplainer.pipeline import default_registry, describe, preflight

ROWS = "".join(f"u{user};i{(user + step) % 6};{step}\n" for user in range(8) for step in range(5))
ITEMS = "item_id,title\n" + "".join(f"i{item},Rock &amp; Role {item}\n" for item in range(6))
FOUND = "rows.csv was read with ';' between cells"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    set_by_main = {
        "GOMP_SPINCOUNT": "10000",
        "LRU_CACHE_CAPACITY": "64",
        "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64",
        "TOKENIZERS_PARALLELISM": "false",
    }
    for name, value in set_by_main.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    write(tmp_path, ROWS)
    return tmp_path


def write(folder: Path, rows: str) -> None:
    (folder / "rows.csv").write_text(f"user_id;item_id;timestamp\n{rows}", encoding="utf-8")
    (folder / "items.csv").write_text(ITEMS, encoding="utf-8")
    options = {"interactions": "rows.csv", "items": "items.csv"}
    settings = {"name": "csv", "min_interactions": 3, "options": options}
    (folder / "c.yaml").write_text(yaml.safe_dump({"dataset": settings}), encoding="utf-8")


def recx(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str, str]:
    try:
        main(list(words))
        code: object = 0
    except SystemExit as ended:
        code = ended.code or 0
    said = capsys.readouterr()
    return code, said.out, said.err


RUN = ("run", "c.yaml", "--target", "popularity", "--align", "behavior", "--out", "out")


def test_notes_stand_on_the_terminal_as_soon_as_the_data_are_read(here, capsys) -> None:
    code, _, told = recx(capsys, *RUN, "--until", "target")
    assert code == 0, told
    assert f"note: {FOUND}" in told
    assert "note: 6 titles were tidied" in told
    assert "such as 'Rock &amp; Role 0', now 'Rock & Role 0'" in told


def test_a_dry_run_tells_what_the_heads_show(here) -> None:
    config, problems = read_config(
        here / "c.yaml", ["target.name=popularity", "alignment.mode=behavior"]
    )
    checked = preflight(config, default_registry(), here / "out", problems, until="dataset")
    first, note = islice(describe(checked), 2)  # what follows samples the corpus
    assert first == "data set    csv"
    assert FOUND in note
    assert not (here / "out").exists()


def test_doctor_reads_a_data_set_and_tells_all(here, capsys) -> None:
    code, shown, told = recx(capsys, "doctor", "c.yaml")
    assert code == 0, told
    assert "8 users, 6 items, 40 interactions" in shown
    assert FOUND in shown
    code, _, told = recx(capsys, "doctor", "csv", "--set", "dataset.options.items=items.csv")
    assert code == 2
    assert "dataset.options.interactions" in told


def test_losing_more_than_a_tenth_stops_a_run_until_it_is_accepted(here, capsys) -> None:
    write(here, ROWS + ";i1;3\n" * 6)
    code, shown, _ = recx(capsys, "doctor", "c.yaml")
    assert code == 0
    assert "doubt        6 of 46 interactions cannot be used: 6 without a user id" in shown
    code, _, told = recx(capsys, *RUN, "--until", "target")
    assert code == 2
    assert "6 of 46 interactions cannot be used: 6 without a user id; see rows.csv:42" in told
    accepted = ("--set", "dataset.accept_losses=true")
    code, _, told = recx(capsys, *RUN, "--until", "target", *accepted)
    assert code == 0, told
