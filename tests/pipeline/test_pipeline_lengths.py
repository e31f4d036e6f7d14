"""Prompts that were cut show in the report, and only those."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from recexplainer.pipeline.lengths import length_notes, write_lengths
from recexplainer.surrogate.fitting import Lengths
from recexplainer.surrogate.settings import TrainingReport


def training(**counts: int) -> TrainingReport:
    sizes: dict[str, Any] = dict.fromkeys(
        ("parameters", "trainable", "vocabulary", "examples", "tokens", "padding_share", "steps"), 1
    )
    return TrainingReport(**sizes, precision="float32", device="cpu", **counts)


class Speaker:
    """Counts as a fitter does: what was taken is gone."""

    def __init__(self, name: str, *counts: Lengths) -> None:
        self.name, self.fitter, self.counts = name, self, list(counts)

    def take_lengths(self) -> Lengths:
        return self.counts.pop(0)


@pytest.fixture
def bench(tmp_path: Path) -> Any:
    for stage in ("fidelity", "explanations"):
        (tmp_path / stage).mkdir()
    speakers: list[Speaker] = []
    return SimpleNamespace(folder_of=lambda stage: tmp_path / stage, speakers=speakers)


def test_a_run_in_which_everything_fits_says_nothing(bench: Any) -> None:
    bench.speakers.append(Speaker("hybrid", Lengths()))
    write_lengths(bench, bench.folder_of("fidelity"))
    assert length_notes(bench, training()) == ()


def test_each_place_where_something_was_cut_is_told(bench: Any) -> None:
    bench.speakers.append(Speaker("unaligned", Lengths(), Lengths()))
    bench.speakers.append(Speaker("hybrid", Lengths(7, 0), Lengths(0, 2)))
    for stage in ("fidelity", "explanations"):
        write_lengths(bench, bench.folder_of(stage))
    taught, asked, explained = length_notes(bench, training(shortened=31, skipped=4))
    assert "31 training examples lost their oldest history items, and 4 were left out" in taught
    assert asked.startswith("fidelity: ")
    assert "7 prompts to hybrid lost their oldest" in asked
    assert explained.startswith("explanations: ")
    assert "2 could not be asked" in explained
