"""Time and memory of the data path and of the corpus, on made-up logs that grow by tens.

Usage: python benchmarks/scale.py            # writes results/scale.json; needs 2 GB of disk

Every measurement is a fresh process with one CPU thread per library. Each is repeated, and the
quickest counts, since whatever else the machine does can only slow it down.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from large_log import write_log
from measuring import RESULTS, describe_machine, write_result

from recexplainer.alignment.corpus import build_training
from recexplainer.alignment.item_ranking import ItemRanking
from recexplainer.alignment.next_item_retrieval import NextItemRetrieval
from recexplainer.data.preparation import prepare
from recexplainer.data.split import split
from recexplainer.data.stored_log import load_log, save_log
from recexplainer.data.tabular import CsvDataset, CsvOptions
from recexplainer.plugins.interfaces import FitReport, FloatArray, LatentTarget
from recexplainer.records import Catalogue, Progress, SilentProgress, TrainingHistories

SIZES = (100_000, 1_000_000, 10_000_000)
CONTEXTS = (500, 5_000, 50_000)
_WIDTH = 32


class MeanOfItems(LatentTarget):
    """A recommender that costs next to nothing, so that what is measured is the asking."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        rng = np.random.default_rng(0)
        self._vectors = rng.standard_normal((len(catalogue), _WIDTH), dtype=np.float32)

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:  # noqa: ARG002
        """Learn nothing."""
        return FitReport()

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the mean of the items' vectors, ``(B, d_rec)``."""
        rows = [self._catalogue.rows(history) for history in histories]
        return np.stack([self._vectors[chosen].mean(axis=0) for chosen in rows])

    def item_vectors(self) -> FloatArray:
        """Return random vectors, ``(I, d_rec)``."""
        return self._vectors

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the dot products, ``(B, I)``."""
        scores: FloatArray = self.user_vectors(histories) @ self._vectors.T
        return scores

    def save(self, folder: Path) -> None:
        """Write nothing: the vectors are made from a seed."""

    def load(self, folder: Path) -> None:
        """Read nothing."""


def measure_data(folder: Path) -> dict[str, Any]:
    """Return what each step from two CSV files to contexts took; leaves the stored log behind."""
    seconds: dict[str, float] = {}
    stored = folder / "stored"
    options = CsvOptions(interactions=folder / "interactions.csv", items=folder / "items.csv")
    with _clock(seconds, "read"):
        log = CsvDataset(options).load(SilentProgress())
    with _clock(seconds, "prepare"):
        log = prepare(log)
    with _clock(seconds, "store"):
        save_log(log, stored)
    left = {"users": len(log.histories), "items": len(log.catalogue), "left": log.interactions}
    del log
    with _clock(seconds, "load"):
        log = load_log(stored)
    with _clock(seconds, "split"):
        parts = split(log, max_history=20, held_out_users=0.1, seed=0)
    return {**left, "contexts": len(parts.train), "seconds": seconds}


def measure_corpus(folder: Path, contexts: int) -> dict[str, Any]:
    """Return what asking about so many contexts and writing their corpus took."""
    log = load_log(folder / "stored")
    parts = split(log, max_history=20, held_out_users=0.1, seed=0)
    target, seconds = MeanOfItems(log.catalogue), dict[str, float]()
    before = _peak_mb()
    with _clock(seconds, "corpus"):
        report = build_training(
            [(NextItemRetrieval(), 1.0), (ItemRanking(), 1.0)],
            contexts=parts.train[:contexts],
            excluded=lambda context: log.histories[context.user][: context.end],
            target=target,
            catalogue=log.catalogue,
            forms=("behavior", "intention"),
            folder=folder / "corpus",
            seed=0,
            progress=SilentProgress(),
        )
    rows = sum(count for forms in report.rows.values() for count in forms.values())
    items = len(log.catalogue)
    return {"items": items, "rows": rows, "seconds": seconds, "before_mb": before}


@contextmanager
def _clock(seconds: dict[str, float], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[name] = round(time.perf_counter() - began, 2)


def _peak_mb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _alone(what: str, folder: Path, contexts: int = 0) -> dict[str, Any]:
    """Measure in a fresh process; a shell starts it, else it would inherit this one's peak."""
    script = [sys.executable, __file__, "--measure", what, str(folder), str(contexts)]
    command = ["sh", "-c", '"$0" "$@"; exit $?', *script]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def _quickest(repeats: int, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    runs = [measure() for _ in range(repeats)]
    best = min(runs, key=lambda run: sum(run["seconds"].values()))
    return {**best, "peak_rss_mb": max(run["peak_rss_mb"] for run in runs)}


def _measured(what: str, folder: Path, contexts: int) -> dict[str, Any]:
    found = measure_data(folder) if what == "data" else measure_corpus(folder, contexts)
    return {**found, "cpu_seconds": round(time.process_time(), 2), "peak_rss_mb": _peak_mb()}


def main() -> None:
    """Write the logs, measure, and keep the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--folder", type=Path, default=Path("runs/scale"))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--result", type=Path, default=RESULTS / "scale.json")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        what, folder, contexts = given.measure
        print(json.dumps(_measured(what, Path(folder), int(contexts))))
        return
    result: dict[str, Any] = {"machine": describe_machine(), "repeats": given.repeats}
    result |= {"data": [], "corpus": []}
    for size in SIZES:
        folder = given.folder / str(size)
        write_log(folder, size)
        found = _quickest(given.repeats, lambda: _alone("data", folder))  # noqa: B023
        result["data"].append({"interactions": size, **found})
        print(result["data"][-1], flush=True)
    for contexts in CONTEXTS:
        found = _quickest(given.repeats, lambda: _alone("corpus", folder, contexts))  # noqa: B023
        result["corpus"].append({"contexts": contexts, **found})
        print(result["corpus"][-1], flush=True)
    write_result(given.result, result)


if __name__ == "__main__":
    main()
