"""Report notes on prompts that were too long for the surrogate."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from recexplainer.pipeline.execution.bench import Bench
from recexplainer.records import Rendered
from recexplainer.runs.artifacts import read_jsonl
from recexplainer.runs.journal import Journal
from recexplainer.runs.steps import STAGES
from recexplainer.surrogate.model.training_settings import TrainingReport

if TYPE_CHECKING:
    from recexplainer.surrogate.corpus.truncation import Cut

__all__ = ["asked_note", "cuts_kept", "length_notes", "taught_note"]

_CUTS = "cuts.jsonl"


@contextmanager
def cuts_kept(bench: Bench, folder: Path) -> Iterator[None]:
    """Keep in ``folder`` which prompts are cut until the block ends, each of them once.

    A prompt is there before its answer is, and what is asked again after an interruption is not
    counted again; so the counts are those of a stage that was never interrupted.
    """
    with Journal(folder / _CUTS) as journal:

        def note(speaker: str, prompt: Rendered, cut: Cut) -> None:
            text = "\n".join(turn.text for turn in prompt.turns)
            rows = (
                prompt.context_rows,
                prompt.item_rows,
            )  # two prompts may differ in vectors alone
            key = f"{speaker}/{cut}/{hashlib.sha256(f'{rows}{text}'.encode()).hexdigest()}"
            if not journal.seen(key):
                journal.append(key, {"speaker": speaker, "cut": cut})

        bench.note_cut = note
        try:
            yield
        finally:
            bench.note_cut = None


def length_notes(bench: Bench, training: TrainingReport) -> tuple[str, ...]:
    """Return a sentence for each place where prompts were shortened or left out; often none."""
    notes = [taught_note(training)]
    for stage in STAGES:
        path = bench.folder_of(stage) / _CUTS
        if path.exists():
            counts = _counts(path).items()
            notes += [asked_note(stage, speaker, count) for speaker, count in counts]
    return tuple(note for note in notes if note)


def _counts(path: Path) -> dict[str, Counter[str]]:
    """Return how many prompts to each speaker were shortened, and how many skipped."""
    counts: dict[str, Counter[str]] = {}
    for entry in read_jsonl(path):
        cut = entry["payload"]
        counts.setdefault(cut["speaker"], Counter())[cut["cut"]] += 1
    return counts


def taught_note(training: TrainingReport) -> str:
    """Say what training left out; nothing if it left out nothing."""
    if not training.shortened and not training.skipped:
        return ""
    return (
        f"surrogate: to fit surrogate.max_tokens, {training.shortened} training examples lost "
        f"their oldest history items, and {training.skipped} were left out"
    )


def asked_note(stage: str, speaker: str, count: Mapping[str, int]) -> str:
    """Return a note on shortened prompts to a speaker; nothing if there were none."""
    if not count["shortened"] and not count["skipped"]:
        return ""
    return (
        f"{stage}: to fit surrogate.max_tokens, {count['shortened']} prompts to {speaker} lost "
        f"their oldest history items, and {count['skipped']} could not be asked"
    )
