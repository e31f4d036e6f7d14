"""What ``--dry-run`` says a training takes, beside the same training.

Usage: python benchmarks/estimates.py runs/benchmarks/seed-0    # writes results/estimates.json

Of a run: its own tiny surrogate, and low-rank updates of a Llama of 45 million random weights on
the same corpus. Each is trained for some steps in a fresh process with one thread.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import torch
from measuring import RESULTS, describe_machine, write_result
from training import BATCH, Clock, sample

from recexplainer.records import Recipe, SilentProgress
from recexplainer.runs.memory import release_memory
from recexplainer.surrogate.corpus.training_folder import prepare, read_settings
from recexplainer.surrogate.estimate.training_estimate import estimate, read_corpus
from recexplainer.surrogate.model.tiny_tokenizer import CHAT_TEMPLATE, train_tokenizer
from recexplainer.surrogate.model.training_settings import SurrogateSettings
from recexplainer.surrogate.training.session import time_training, train

_TEXTS = 2048


def tiny(run: Path, folder: Path, steps: int, **changed: Any) -> Path:
    """Write a training folder of the run's own surrogate."""
    return sample(run / "4-surrogate", folder, steps * BATCH, **changed)


def llama(run: Path, folder: Path, steps: int, **changed: Any) -> Path:
    """Write a training folder of a Llama with 45 million random weights and an own tokenizer."""
    from datasets import load_from_disk
    from transformers import AutoModelForCausalLM, LlamaConfig

    settings = SurrogateSettings(
        recipe=Recipe(source=str(folder.parent / "backbone")), learning_rate=1e-4, batch_size=16,
        device="cpu", threads=1,
    ).model_copy(update=changed)  # fmt: skip
    backbone, corpus = folder.parent / "backbone", folder.parent / "corpus"
    if not backbone.exists():
        config = LlamaConfig(
            vocab_size=32_000, hidden_size=512, intermediate_size=1408, num_hidden_layers=8,
            num_attention_heads=8, tie_word_embeddings=True,
        )  # fmt: skip
        AutoModelForCausalLM.from_config(config).save_pretrained(backbone)
        rows = load_from_disk(str(run / "3-alignment" / "train")).shuffle(seed=0)
        texts = [text for row in rows.select(range(_TEXTS)) for text in row["texts"]]
        tokenizer = train_tokenizer([], texts, 2_000)
        tokenizer.chat_template = CHAT_TEMPLATE
        tokenizer.save_pretrained(backbone)
        rows.select(range(steps * settings.batch_size)).save_to_disk(str(corpus / "train"))
        shutil.copyfile(run / "3-alignment" / "vectors.safetensors", corpus / "vectors.safetensors")
    folder.mkdir(parents=True)
    prepare(corpus, folder, settings, titles=(), progress=SilentProgress())
    return folder


CASES: Mapping[str, tuple[Callable[..., Path], int, dict[str, Any]]] = {
    "tiny, 64 at once": (tiny, 24, {}),
    "tiny, float32, 64 at once": (tiny, 24, {"precision": "float32"}),
    "Llama of 45 million, 16 at once": (llama, 6, {}),
    "Llama of 45 million, 4 at once": (llama, 6, {"micro_batch_size": 4}),
    "Llama of 45 million, float32, 16 at once, gradient checkpointing": (
        llama, 6, {"precision": "float32", "gradient_checkpointing": True},
    ),
}  # fmt: skip
"""How the folder is made, how many steps are made, and other settings."""


def measure_training(folder: Path) -> dict[str, float]:
    """Train in this process and return what it took; ``seconds`` are those after the first step."""
    torch.set_num_threads(1)
    # What is loaded once, when something is trained for the first time, is not the training's.
    train(sample(folder, folder.parent / f"{folder.name}-small", 4, batch_size=2), Clock())
    release_memory()
    before, clock = psutil.Process().memory_info().rss, Clock()
    train(folder, clock)
    return {
        "gigabytes": (_peak_bytes() - before) / 1e9,
        "seconds": clock.ends[-1] - clock.ends[0],
    }


def measure_estimate(folder: Path) -> dict[str, Any]:
    """Return what is told, ``seconds`` of the steps after the first one by timing some here."""
    settings = read_settings(folder)
    torch.set_num_threads(1)
    told = asdict(estimate(settings, 1, read_corpus(folder)))
    times = time_training(folder, settings)
    later = times.positions[1:]
    return told | {"seconds": times.fixed * len(later) + times.each * float(later.sum())}


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _alone(what: str, folder: Path) -> dict[str, Any]:
    """Measure in a fresh process; a shell starts it, else it would inherit this one's peak."""
    script = [sys.executable, __file__, str(folder), "--measure", what]
    command = ["sh", "-c", '"$0" "$@"; exit $?', *script]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def main() -> None:
    """Estimate, measure, and keep both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("run", type=Path, help="a run folder with a trained tiny surrogate")
    parser.add_argument("--result", type=Path, default=RESULTS / "estimates.json")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure = measure_estimate if given.measure == "estimate" else measure_training
        print(json.dumps(measure(given.run)))
        return
    result: dict[str, Any] = {"machine": describe_machine(), "cases": {}}
    with tempfile.TemporaryDirectory() as place:
        for number, (name, (make, steps, changed)) in enumerate(CASES.items()):
            folder = make(given.run, Path(place) / str(number), steps, **changed)
            told, took = _alone("estimate", folder), _alone("training", folder)
            result["cases"][name] = {
                key: {"told": round(told[key], 3), "took": round(took[key], 3)}
                for key in ("gigabytes", "seconds")
            } | {"parameters": told["parameters"], "steps": steps}
            print(name, result["cases"][name], flush=True)
    write_result(given.result, result)


if __name__ == "__main__":
    main()
