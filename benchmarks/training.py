"""How fast the tiny surrogate is trained, beside plain loops over the same examples.

Also: what a resume costs, and whether the losses are those of one example at a time.

Usage: python benchmarks/training.py runs/benchmarks/seed-0    # writes results/training.json

The run's training folder is only read. Every measurement is a fresh process with one thread; the
variants take turns, and the quickest turn of each counts.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from measuring import RESULTS, describe_machine, write_result
from plain_loops import Corpus, per_sample_losses, throughput
from transformers import Trainer

from recexplainer.records import SilentProgress
from recexplainer.surrogate.corpus.batches import EncodedCorpus, LengthBatches
from recexplainer.surrogate.corpus.training_folder import read_vectors
from recexplainer.surrogate.model.compute_type import choose_precision
from recexplainer.surrogate.model.surrogate_files import load_surrogate
from recexplainer.surrogate.training.session import train

BATCH = 64
_STOPPED_AFTER = 100
"""Steps, after which a training is interrupted to be resumed."""

LOOPS = {
    "batch-maximum": {"length": None, "micro": BATCH, "steps": 12},
    "batch-maximum, micro-batches of 16": {"length": None, "micro": 16, "steps": 12},
    "1024": {"length": 1024, "micro": 4, "steps": 1},
}
"""Micro-batches of 4 train faster than larger ones at 1024 tokens, and fit the memory."""


class Clock:
    """A progress that notes when each step ended; ``stop_at`` ends the training by an interrupt."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.ends: list[float] = []
        self.stop_at = stop_at

    @contextmanager
    def bar(self, _label: str, _total: int, **_: Any) -> Iterator[Clock]:
        """Yield itself as the bar."""
        yield self

    def advance(self, steps: int = 1, **_: str) -> None:
        """Note that steps have ended."""
        self.ends += [time.perf_counter()] * steps
        if len(self.ends) == self.stop_at:
            raise KeyboardInterrupt

    def note(self, message: str) -> None:
        """Ignore the message."""


def sample(source: Path, folder: Path, examples: int, **changed: Any) -> Path:
    """Copy a training folder with ``examples`` of its corpus, drawn at random."""
    folder.mkdir(parents=True)
    for part in ("initial", "start"):
        if (source / part).exists():
            shutil.copytree(source / part, folder / part)
    for name in ("vectors.safetensors", "counts.json"):
        shutil.copyfile(source / name, folder / name)
    whole = EncodedCorpus.load(source / "encoded.safetensors")
    rows = np.sort(np.random.default_rng(0).permutation(len(whole))[:examples])
    _pick(whole, rows).save(folder / "encoded.safetensors")
    settings = json.loads((source / "settings.json").read_text("utf-8"))
    settings |= {"device": "cpu", "threads": 1, "batch_size": BATCH, "budget": 1.0}
    settings |= {"optimizer": "adamw", **changed}  # as in the plain loops
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def _pick(corpus: EncodedCorpus, rows: np.ndarray) -> EncodedCorpus:
    """Return the examples at ``rows``."""
    places = {
        "offsets": ("ids", "labelled"),
        "context_offsets": ("contexts",),
        "item_offsets": ("items",),
        "liked_offsets": ("liked", "liked_shares"),
    }
    parts: dict[str, Any] = {}
    for offsets, arrays in places.items():
        bounds = getattr(corpus, offsets)
        taken = [np.arange(bounds[row], bounds[row + 1]) for row in rows]
        flat = np.concatenate(taken)
        parts |= {name: getattr(corpus, name)[flat] for name in arrays}
        parts[offsets] = np.cumsum([0, *map(len, taken)]).astype(np.int64)
    return EncodedCorpus(**{field.name: parts[field.name] for field in fields(EncodedCorpus)})


def measure(what: str, folder: Path) -> dict[str, float]:
    """Measure one variant in this process."""
    torch.set_num_threads(1)
    if what == "ours":
        clock = Clock()
        train(folder, clock)
        seconds = clock.ends[-1] - clock.ends[0]
        return {"samples_per_second": (len(clock.ends) - 1) * BATCH / seconds}
    if what == "losses":
        return _loss_difference(folder)
    if what in {"begin", "go-on"}:
        return _interrupted(folder)
    precision = choose_precision("auto", "cpu")
    rate = throughput(_model(folder), _corpus(folder), precision=precision, **LOOPS[what])
    return {"samples_per_second": rate}


def _interrupted(folder: Path) -> dict[str, float]:
    """Train until ``_STOPPED_AFTER`` new steps are made; tell when the first of them had ended."""
    spent: list[float] = []
    save = Trainer._save_checkpoint  # noqa: SLF001  # there is no public place to time it

    def timed_save(*given: Any, **named: Any) -> None:
        began = time.perf_counter()
        save(*given, **named)
        spent.append(time.perf_counter() - began)

    Trainer._save_checkpoint = timed_save  # noqa: SLF001
    clock = Clock(stop_at=_STOPPED_AFTER)
    with suppress(KeyboardInterrupt):
        train(folder, clock)
    return {"first_step": clock.ends[0], "checkpoint_seconds": float(np.mean(spent or [0.0]))}


def resume_cost(source: Path, folder: Path, samples_per_second: float) -> dict[str, float]:
    """Return what a resume costs beside the time of an epoch of the whole corpus.

    Seconds are from the start of the process to the end of its first new step; this clock is the
    system's, and the same in all processes.
    """
    whole = len(EncodedCorpus.load(source / "encoded.safetensors"))
    sample(source, folder, whole, save_every_seconds=2.0)
    began = time.perf_counter()
    first = _alone("begin", folder)
    started, again = first["first_step"] - began, time.perf_counter()
    resumed = _alone("go-on", folder)["first_step"] - again
    epoch = whole / samples_per_second
    return {
        "epoch_seconds": round(epoch, 1),
        "start_seconds": round(started, 2),
        "resume_seconds": round(resumed, 2),
        "resume_share": round(resumed / epoch, 4),
        "checkpoint_seconds": round(first["checkpoint_seconds"], 3),
    }


def _loss_difference(folder: Path) -> dict[str, float]:
    """Train in float32 both ways and return the largest difference of a step's loss."""
    corpus = _corpus(folder)
    batches = LengthBatches(corpus.encoded.lengths, BATCH, seed=_setting(folder, "seed")).batches()
    expected = per_sample_losses(_model(folder), corpus, [batch.tolist() for batch in batches])
    train(folder, SilentProgress())
    lines = (folder / "log.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line)["loss"] for line in lines]
    worst = np.abs(np.array(found) - np.array(expected)).max()
    return {"steps": len(found), "largest_difference": float(worst)}


def _setting(folder: Path, name: str) -> Any:
    return json.loads((folder / "settings.json").read_text("utf-8"))[name]


def _model(folder: Path) -> Any:
    start = folder / "start"
    return load_surrogate(start if start.exists() else folder / "initial")[0]


def _corpus(folder: Path) -> Corpus:
    users, items = read_vectors(folder)
    return Corpus(EncodedCorpus.load(folder / "encoded.safetensors"), users, items)


def _alone(what: str, folder: Path) -> dict[str, float]:
    script = [sys.executable, __file__, str(folder), "--measure", what]
    done = subprocess.run(script, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def main() -> None:
    """Measure all variants in turn, and keep the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("run", type=Path, help="a run folder with a trained tiny surrogate")
    parser.add_argument("--examples", type=int, default=4096)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--result", type=Path, default=RESULTS / "training.json")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.run)))
        return
    result: dict[str, Any] = {"machine": describe_machine(), "examples": given.examples}
    result |= {"turns": given.turns, "batch": BATCH, "precision": choose_precision("auto", "cpu")}
    source = given.run / "4-surrogate"
    rates: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as place:
        for turn in range(given.turns):
            for what in ("ours", *LOOPS):
                folder = sample(source, Path(place) / f"{turn}-{what}", given.examples)
                rates.setdefault(what, []).append(_alone(what, folder)["samples_per_second"])
                print(f"{what}: {rates[what][-1]:.1f} examples/s", flush=True)
        best = max(rates["ours"])
        result["resume"] = resume_cost(source, Path(place) / "resumed", best)
        few = sample(source, Path(place) / "losses", 20 * BATCH, precision="float32")
        result["losses"] = _alone("losses", few)
    result["samples_per_second"] = {what: round(max(found), 2) for what, found in rates.items()}
    write_result(given.result, result)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
