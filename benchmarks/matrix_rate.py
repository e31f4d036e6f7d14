"""How much of this machine's matrix rate the training of the tiny surrogate reaches.

Usage: python benchmarks/matrix_rate.py runs/benchmarks/seed-0    # writes results/matrix_rate.json

The matrix products of some training steps are noted, forward, backward and the optimizer's, and
then done alone, with numbers at random, in turns with the steps themselves. The share is the time
of the products alone by that of the steps: what remains is all else that a step does.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from measuring import RESULTS, describe_machine, write_result
from torch.utils._python_dispatch import TorchDispatchMode

from recexplainer.runs.memory import reuse_memory
from recexplainer.surrogate.corpus.batches import EncodedCorpus, LengthBatches
from recexplainer.surrogate.corpus.collator import Collator
from recexplainer.surrogate.corpus.training_folder import read_settings, read_vectors
from recexplainer.surrogate.model.compute_type import choose_precision
from recexplainer.surrogate.model.surrogate_files import load_surrogate
from recexplainer.surrogate.training.optimizer import build_optimizer

_PRODUCTS = {"mm", "addmm", "bmm", "baddbmm", "addmm_"}
_FIRST = {"mm": 0, "bmm": 0, "addmm": 1, "baddbmm": 1, "addmm_": 1}
"""Where the two matrices begin among the arguments."""


class Noting(TorchDispatchMode):
    """Notes the shapes and layouts of all matrix products."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[tuple[Any, ...], tuple[Any, ...], torch.dtype]] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Note the operation if it is a product, and do it."""
        name = func.overloadpacket.__name__
        if name in _PRODUCTS:
            left, right = args[_FIRST[name] : _FIRST[name] + 2]
            kinds = [(tuple(m.shape), m.is_contiguous()) for m in (left, right)]
            self.seen.append((kinds[0], kinds[1], left.dtype))
        return func(*args, **(kwargs or {}))


class Steps:
    """Training steps over batches of a training folder."""

    def __init__(self, folder: Path, count: int) -> None:
        self.settings = read_settings(folder)
        self.precision = choose_precision(self.settings.precision, "cpu")
        start = folder / "start"
        self.model, encoder = load_surrogate(start if start.exists() else folder / "initial")
        self.model.language_model.set_attn_implementation("eager")
        self.model.train()
        corpus = EncodedCorpus.load(folder / "encoded.safetensors")
        collate = Collator(*read_vectors(folder), encoder.tokenizer.pad_token_id or 0)
        batches = LengthBatches(corpus.lengths, self.settings.batch_size, seed=0).batches()
        self.batches = [collate([corpus[row] for row in batch]) for batch in batches[:count]]
        rates = self.settings.learning_rate, self.settings.weight_decay
        self.optimizer = build_optimizer(self.model, *rates, self.precision)

    def __call__(self) -> None:
        """Make one step on each batch."""
        half = self.precision == "bfloat16"
        for batch in self.batches:
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                loss = self.model(**batch).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.max_grad_norm)
            self.optimizer.step()
            self.optimizer.zero_grad()


def products_alone(noted: Noting) -> tuple[Callable[[], None], float]:
    """Return what does the noted products once, and how many operations those are."""
    made: dict[Any, torch.Tensor] = {}

    def matrix(kind: tuple[Any, ...], dtype: torch.dtype) -> torch.Tensor:
        shape, contiguous = kind
        if (kind, dtype) not in made:
            turned = shape if contiguous else (*shape[:-2], shape[-1], shape[-2])
            found = torch.randn(turned).to(dtype)
            made[kind, dtype] = found if contiguous else found.mT
        return made[kind, dtype]

    pairs = [(matrix(a, dtype), matrix(b, dtype)) for a, b, dtype in noted.seen]
    operations = sum(2.0 * a.numel() * b.shape[-1] for a, b in pairs)

    def run() -> None:
        for left, right in pairs:
            torch.matmul(left, right)

    return run, operations


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Measure in turns; the quickest turn of each counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("run", type=Path, help="a run folder whose training folder is written")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--result", type=Path, default=RESULTS / "matrix_rate.json")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    reuse_memory()
    machine = describe_machine()
    steps = Steps(given.run / "4-surrogate", given.steps)
    with Noting() as noted:
        steps()
    alone, operations = products_alone(noted)
    turns = [(_seconds(steps), _seconds(alone)) for _ in range(given.turns)]
    whole, products = (min(column) for column in zip(*turns, strict=True))
    result = {
        "machine": machine,
        "threads": given.threads,
        "precision": steps.precision,
        "milliseconds_per_step": round(1e3 * whole / given.steps, 1),
        "gflops_in_training": round(operations / whole / 1e9, 1),
        "gflops_of_products_alone": round(operations / products / 1e9, 1),
        "share": round(products / whole, 3),
    }
    write_result(given.result, result)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
