"""A run stops where it is told to, and goes on from there."""

from __future__ import annotations

import json

import pytest

from recexplainer.config import load_config
from recexplainer.pipeline import run
from recexplainer.records import SilentProgress


@pytest.fixture
def config(tmp_path):
    """A run on 20 users who each walk eight of ten items."""
    rows = [f"u{user},i{(user + step) % 10},{step}" for user in range(20) for step in range(8)]
    texts = {
        "interactions": ["user_id,item_id,timestamp", *rows],
        "items": ["item_id,title", *(f"i{item},Film {item}" for item in range(10))],
    }
    for name, lines in texts.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    files = ", ".join(f"{name}: {tmp_path / name}.csv" for name in texts)
    popular = ["target.name=popularity", "alignment.mode=behavior", "surrogate.device=cpu"]
    tiny = "surrogate.tiny={layers: 1, width: 32, heads: 2, vocabulary: 512}"
    return load_config(
        overrides=["dataset.name=csv", f"dataset.options={{{files}}}", tiny, *popular]
    )


def done(out):
    return sorted(path.parent.name for path in out.glob("*/done.json"))


def test_it_stops_before_the_stage_and_the_next_call_goes_on(config, tmp_path) -> None:
    out = tmp_path / "run"
    assert run(config, out, until="target") is None
    assert done(out) == ["1-dataset"]
    first = (out / "1-dataset" / "done.json").read_bytes()
    assert run(config, out, until="surrogate") is None
    assert done(out) == ["1-dataset", "2-target", "3-alignment"]
    assert (out / "1-dataset" / "done.json").read_bytes() == first
    assert not (out / "report.json").exists()


def test_before_the_surrogate_its_folder_holds_all_that_training_reads(config, tmp_path) -> None:
    out = tmp_path / "run"
    run(config, out, until="surrogate")
    settings = json.loads((out / "4-surrogate" / "settings.json").read_text())
    assert settings["tiny"]["width"] == 32
    written = sorted((out / "4-surrogate").rglob("*.safetensors"))
    again = [path.read_bytes() for path in written]
    run(config, out, until="surrogate")
    assert written
    assert [path.read_bytes() for path in written] == again


class Told(SilentProgress):
    """Keeps what is said, and what the data set's stage held by then."""

    def __init__(self, out) -> None:
        self.lines, self.out = [], out

    def note(self, message: str) -> None:
        self.lines.append((message, (self.out / "1-dataset" / "items.jsonl").exists()))


def test_what_starts_anew_is_said_with_the_file_before_anything_is_emptied(
    config, tmp_path
) -> None:
    out = tmp_path / "run"
    run(config, out, until="alignment")
    with (tmp_path / "interactions.csv").open("a", encoding="utf-8") as log:
        log.write("u20,i1,1\n")
    told = Told(out)
    run(config, out, until="alignment", progress=told)
    (first, held), (second, still) = told.lines[:2]
    assert first == "1-dataset starts anew: interactions.csv holds something else"
    assert second.endswith("anew as well: 2-target")
    assert held
    assert still
    again = Told(out)
    run(config, out, until="alignment", progress=again)
    assert not [line for line, _ in again.lines if "anew" in line]
