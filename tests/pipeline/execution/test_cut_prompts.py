"""Prompts that were cut show in the report, and only those."""

from __future__ import annotations

import contextlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from recexplainer.pipeline.execution.cut_prompts import cuts_kept, length_notes
from recexplainer.records import Rendered, RenderedTurn
from recexplainer.surrogate.model.training_settings import TrainingReport


def training(**counts: int) -> TrainingReport:
    sizes: dict[str, Any] = dict.fromkeys(
        ("parameters", "trainable", "vocabulary", "examples", "tokens", "padding_share", "steps"), 1
    )
    return TrainingReport(**sizes, precision="float32", device="cpu", **counts)


@pytest.fixture
def bench(tmp_path: Path) -> Any:
    for stage in ("fidelity", "explanations"):
        (tmp_path / stage).mkdir()
    return SimpleNamespace(folder_of=lambda stage: tmp_path / stage, note_cut=None)


def prompt(text: str, row: int = 0) -> Rendered:
    return Rendered((RenderedTurn("user", text),), (row,), (), "combined")


def test_a_run_in_which_everything_fits_says_nothing(bench: Any) -> None:
    with cuts_kept(bench, bench.folder_of("fidelity")):
        pass
    assert bench.note_cut is None
    assert length_notes(bench, training()) == ()


def test_each_place_where_something_was_cut_is_told(bench: Any) -> None:
    with cuts_kept(bench, bench.folder_of("fidelity")):
        for number in range(7):
            bench.note_cut("hybrid", prompt("the same words", number), "shortened")
    with cuts_kept(bench, bench.folder_of("explanations")):
        for text in "ab":
            bench.note_cut("hybrid", prompt(text), "skipped")
    taught, asked, explained = length_notes(bench, training(shortened=31, skipped=4))
    assert "31 training examples lost their oldest history items, and 4 were left out" in taught
    assert asked.startswith("fidelity: ")
    assert "7 prompts to hybrid lost their oldest" in asked
    assert explained.startswith("explanations: ")
    assert "2 could not be asked" in explained


def test_an_interrupted_stage_counts_as_one_that_was_not(bench: Any) -> None:
    def asked(first: int, last: int) -> None:
        for number in range(first, last):
            bench.note_cut("hybrid", prompt(f"q{number}"), "shortened")
            bench.note_cut("unaligned", prompt(f"q{number}"), "skipped")

    folder = bench.folder_of("explanations")
    with contextlib.suppress(KeyboardInterrupt), cuts_kept(bench, folder):
        asked(0, 6)
        raise KeyboardInterrupt
    with cuts_kept(bench, folder):
        asked(4, 10)  # two had no answer yet and are asked again
    ours, unaligned = length_notes(bench, training())
    assert "10 prompts to hybrid lost their oldest history items, and 0 could" in ours
    assert "0 prompts to unaligned lost their oldest history items, and 10 could" in unaligned
