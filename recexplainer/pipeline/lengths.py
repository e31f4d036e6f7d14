"""What the report says about prompts that were too long for the surrogate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from recexplainer.pipeline.bench import Bench
from recexplainer.runs.artifacts import read_json, write_json
from recexplainer.runs.steps import StageName
from recexplainer.surrogate.settings import TrainingReport

__all__ = ["asked_note", "length_notes", "taught_note", "write_lengths"]

_LENGTHS = "lengths.json"
_STAGES: tuple[StageName, ...] = ("fidelity", "explanations")


def write_lengths(bench: Bench, folder: Path) -> None:
    """Keep how many prompts were shortened since the stage began, or was last taken up again."""
    counted = {speaker.name: speaker.fitter.take_lengths() for speaker in bench.speakers}
    write_json(folder / _LENGTHS, {name: asdict(lengths) for name, lengths in counted.items()})


def length_notes(bench: Bench, training: TrainingReport) -> tuple[str, ...]:
    """Return a sentence for each place where prompts were shortened or left out; often none."""
    notes = [taught_note(training)]
    for stage in _STAGES:
        path = bench.folder_of(stage) / _LENGTHS
        if path.exists():
            notes += [asked_note(stage, name, count) for name, count in read_json(path).items()]
    return tuple(note for note in notes if note)


def taught_note(training: TrainingReport) -> str:
    """Say what training left out; nothing if it left out nothing."""
    if not training.shortened and not training.skipped:
        return ""
    return (
        f"surrogate: to fit surrogate.max_tokens, {training.shortened} training examples lost "
        f"their oldest history items, and {training.skipped} were left out"
    )


def asked_note(stage: str, speaker: str, count: Mapping[str, int]) -> str:
    """Say what a speaker was not told; nothing if it was told everything."""
    if not count["shortened"] and not count["skipped"]:
        return ""
    return (
        f"{stage}: to fit surrogate.max_tokens, {count['shortened']} prompts to {speaker} lost "
        f"their oldest history items, and {count['skipped']} could not be asked"
    )
