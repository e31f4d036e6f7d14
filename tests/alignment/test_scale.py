"""What is asked and written in parts is what would be asked and written at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from datasets import load_from_disk
from safetensors.numpy import load_file

from recexplainer.alignment import corpus_files as writing
from recexplainer.alignment import neighbors
from recexplainer.alignment.context_scores import ask_in_chunks
from recexplainer.alignment.corpus import build_training
from recexplainer.alignment.item_discrimination import (
    ItemDiscrimination,
    ItemDiscriminationOptions,
)
from recexplainer.alignment.item_ranking import ItemRanking
from recexplainer.alignment.modes import render_all
from recexplainer.alignment.neighbors import nearest_items
from recexplainer.alignment.next_item_retrieval import NextItemRetrieval
from recexplainer.alignment.seeded_draws import generator
from recexplainer.oracle import Oracle
from recexplainer.oracle import questions as oracle_asking
from recexplainer.records import SilentProgress

FORMS = ("behavior", "intention", "combined")


@pytest.mark.parametrize("at_once", [1, 130, 10**9])
def test_f_is_asked_for_a_bounded_number_of_scores(world, monkeypatch, at_once):
    """60 items: one context at a time, two, or all."""
    monkeypatch.setattr(oracle_asking, "_SCORES_AT_ONCE", at_once)
    sizes, right = [], world.target.scores

    def counted(histories):
        sizes.append(len(histories))
        return right(histories)

    monkeypatch.setattr(world.target, "scores", counted)
    rows = np.arange(len(world.train))
    oracle = Oracle(world.target, world.catalogue)
    chunks = list(ask_in_chunks(rows, world.train, world.excluded, oracle, 0))
    limit = max(1, at_once // len(world.catalogue))
    assert max(sizes) == min(limit, len(world.train))
    assert [row for chunk in chunks for row in chunk.rows] == rows.tolist()
    everything = right([context.history for context in world.train]).copy()
    for row, context in enumerate(world.train):
        everything[row, world.catalogue.rows(world.excluded(context))] = -np.inf
    favorites = [chunk.ranking(k, 5) for chunk in chunks for k in range(len(chunk.rows))]
    expected = [np.argsort(-row, kind="stable")[:5] for row in everything]
    assert np.array_equal(favorites, expected)
    np.testing.assert_allclose(np.concatenate([c.scores for c in chunks]), everything, atol=1e-5)


@pytest.mark.parametrize("similarity", ["dot", "cosine"])
@pytest.mark.parametrize("count", [1, 4, 39])
def test_neighbors_in_chunks_are_those_of_sorting_everything(monkeypatch, similarity, count):
    """Small whole numbers, so that most similarities are shared by many items."""
    vectors = np.random.default_rng(1).integers(-1, 2, (40, 3)).astype(np.float32)
    monkeypatch.setattr(neighbors, "_SIMILARITIES_AT_ONCE", 7 * 40)
    found = nearest_items(vectors, count, similarity)
    if similarity == "cosine":
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    for row, vector in enumerate(vectors):
        likeness = vectors @ vector
        order = sorted(set(range(40)) - {row}, key=lambda other: (-likeness[other], other))
        ties_by_rounding = np.abs(likeness[found[row]] - likeness[order[:count]])
        assert ties_by_rounding.max() < 1e-6
        if similarity == "dot":
            assert found[row].tolist() == order[:count]


def corpus_in_memory(world, tasks, seed):
    """Return the rows and vectors of a corpus that is made in one piece."""
    contexts, rows, vectors, numbers = world.train, [], [], {}
    oracle = Oracle(world.target, world.catalogue)
    (asked,) = ask_in_chunks(np.arange(len(contexts)), contexts, world.excluded, oracle, seed)
    examples = [
        example
        for task in tasks
        for example in task.on_items(generator(seed, "items", task.name, 0))
    ]
    for task in tasks:
        examples += task.on_contexts(asked, generator(seed, "train", task.name, 0))
    for example in examples:
        forms = [form for form in FORMS if form != "intention" or not example.names_history]
        for rendered in render_all(example.turns, contexts, world.catalogue, forms):
            for row in rendered.context_rows:
                if row not in numbers:
                    numbers[row] = len(numbers)
                    vectors.append(world.target.user_vectors([contexts[row].history])[0])
            rows.append(
                {
                    "id": example.id,
                    "task": example.task,
                    "form": rendered.form,
                    "roles": [turn.role for turn in rendered.turns],
                    "texts": [turn.text for turn in rendered.turns],
                    "context_rows": [numbers[row] for row in rendered.context_rows],
                    "item_rows": list(rendered.item_rows),
                    "droppable": [number for span in rendered.droppable for number in span],
                    "liked_rows": [],
                    "liked_shares": [],
                    "labels": [],
                    "label_shares": [],
                }
            )
    return rows, np.stack(vectors)


def written(world, tasks, folder, seed):
    build_training(
        [(task, 1.0) for task in tasks],
        contexts=world.train,
        excluded=world.excluded,
        target=world.target,
        catalogue=world.catalogue,
        forms=FORMS,
        folder=folder,
        seed=seed,
        progress=SilentProgress(),
    )
    rows = load_from_disk(str(folder / "train")).to_list()
    return rows, load_file(folder / "vectors.safetensors")


@pytest.fixture
def tasks(world):
    items = ItemDiscrimination(ItemDiscriminationOptions(), world.kit)
    return [NextItemRetrieval(), ItemRanking(), items]


@pytest.mark.parametrize("flushed_every", [1, 5, 4096])
def test_the_streamed_corpus_is_the_one_in_memory_row_for_row(
    world, tasks, tmp_path, monkeypatch, flushed_every
):
    monkeypatch.setattr(writing, "_ROWS_AT_ONCE", flushed_every)
    expected, vectors = corpus_in_memory(world, tasks, seed=3)
    rows, stored = written(world, tasks, tmp_path, seed=3)
    assert rows == expected
    np.testing.assert_allclose(stored["user"], vectors, rtol=1e-6)
    assert np.array_equal(stored["item"], world.target.vectors)


def test_in_chunks_only_the_order_differs(world, tasks, tmp_path, monkeypatch):
    expected, vectors = corpus_in_memory(world, tasks, seed=3)
    monkeypatch.setattr(oracle_asking, "_HISTORIES_AT_ONCE", 7)
    rows, stored = written(world, tasks, tmp_path, seed=3)

    def by_name(rows, vectors):
        found = {}
        for row in rows:
            of_user = [vectors[number].round(3).tolist() for number in row["context_rows"]]
            key = row["task"], row["id"], row["form"]
            assert key not in found
            found[key] = (row["roles"], row["texts"], row["item_rows"], of_user)
        return found

    assert by_name(rows, stored["user"]) == by_name(expected, vectors)


LARGE_CORPUS = """
import sys, threading
from pathlib import Path
import numpy as np
from recexplainer.alignment.corpus import build_training
from recexplainer.alignment.next_item_retrieval import NextItemRetrieval
from recexplainer.plugins.interfaces import FitReport, LatentTarget
from recexplainer.records import Catalogue, Context, Item, SilentProgress

ITEMS, WIDTH, HISTORY = 50, 2048, 20
items = Catalogue([Item(f"i{row}", f"{row} " + "long title " * 10) for row in range(ITEMS)])

class Drawn(LatentTarget):
    def fit(self, training, progress): return FitReport()
    def save(self, folder): pass
    def load(self, folder): pass
    def item_vectors(self): return np.ones((ITEMS, WIDTH), np.float32)
    def user_vectors(self, histories): return np.ones((len(histories), WIDTH), np.float32)
    def scores(self, histories): return np.ones((len(histories), ITEMS), np.float32)

def contexts(count):
    history = items.ids[:HISTORY]
    return [Context(f"u{row}", HISTORY, history, "train") for row in range(count)]

def own_mb():
    status = Path("/proc/self/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) / 1024

def peak(count):
    ended, seen = threading.Event(), [own_mb()]
    def watch():
        while not ended.wait(0.01):
            seen.append(own_mb())
    watcher = threading.Thread(target=watch)
    watcher.start()
    build_training(
        [(NextItemRetrieval(), 1.0)], contexts=contexts(count), excluded=lambda c: c.history,
        target=Drawn(), catalogue=items, forms=("behavior", "combined"),
        folder=Path(sys.argv[1]), seed=0, progress=SilentProgress(),
    )
    ended.set()
    watcher.join()
    return max(seen)

few = peak(4_000)
print(peak(20_000) - few)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells memory from mapped files")
def test_memory_does_not_grow_with_the_corpus(tmp_path):
    """Five times the contexts: 200 MB more on disk, and less than a fifth of that in memory.

    Pages of files that are mapped do not count: the system takes them back when it needs them.
    """
    command = [sys.executable, "-c", LARGE_CORPUS, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    stored = sum(path.stat().st_size for path in Path(tmp_path).rglob("*") if path.is_file())
    assert stored * 4 / 5 > 190e6
    assert float(done.stdout) < 40
