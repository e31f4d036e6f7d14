"""Training tokens a second, MFU and peak memory on a GPU, beside plain transformers on the same.

Usage: python benchmarks/gpu_training.py --shapes 0.5b 7b    # writes results/gpu_training.json

Models have random weights and published shapes, so nothing is downloaded; one of 7B takes 14 GB of
disk meanwhile. Both sides train low-rank updates of all linear layers, in bfloat16, on the same
made-up conversations, with the same micro-batches: ours by ``recx train``'s own code, the other by
``transformers.Trainer`` with shuffled batches, padding to the longest and the model's own loss.

A trial without a GPU: --device cpu --layers 2 --hidden 64 --vocabulary 600 --steps 3 --micro 4
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from measuring import RESULTS, describe_machine, write_result
from training import Clock

from recexplainer.records import Recipe, SilentProgress
from recexplainer.surrogate.corpus.batches import Collator, EncodedCorpus
from recexplainer.surrogate.corpus.training_folder import prepare
from recexplainer.surrogate.model.tiny_tokenizer import train_tokenizer
from recexplainer.surrogate.model.training_settings import SurrogateSettings
from recexplainer.surrogate.training.session import train

SHAPES: dict[str, dict[str, Any]] = {
    "0.5b": {  # Qwen2.5-0.5B
        "model_type": "qwen2", "hidden_size": 896, "intermediate_size": 4864,
        "num_hidden_layers": 24, "num_attention_heads": 14, "num_key_value_heads": 2,
        "vocab_size": 151_936, "tie_word_embeddings": True,
    },
    "7b": {  # Llama-7B, and Vicuna
        "model_type": "llama", "hidden_size": 4096, "intermediate_size": 11_008,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
        "vocab_size": 32_000, "tie_word_embeddings": False,
    },
}  # fmt: skip
PEAKS = {"H100": 989, "H200": 989, "A100": 312, "L40S": 362, "L4": 121, "4090": 165, "3090": 71}
"""Published dense bfloat16 TFLOP/s by a part of the device's name."""

_WORDS = 400
_ANSWER = 12
_BATCH_ROUNDS = 4
"""Micro-batches per step."""


@dataclass(frozen=True)
class Trial:
    """One shape and how it is trained.

    Attributes:
        shape: fields of the language model's config.
        micro: examples at once.
        steps: steps of ``_BATCH_ROUNDS`` micro-batches; the first is not timed.
        words: mean length of a question.
        device: ``cuda`` or ``cpu``.
        checkpointing: whether activations are computed again instead of kept.
    """

    shape: dict[str, Any]
    micro: int
    steps: int
    words: int
    device: str
    checkpointing: bool = False

    @property
    def batch(self) -> int:
        """Examples per step."""
        return self.micro * _BATCH_ROUNDS


def write_backbone(trial: Trial, folder: Path) -> None:
    """Write a model of the shape with random weights, and a tokenizer of made-up words."""
    from transformers import AutoConfig, AutoModelForCausalLM

    fields = dict(trial.shape)
    config = AutoConfig.for_model(fields.pop("model_type"), **fields)
    torch.manual_seed(0)
    with torch.device(trial.device):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.save_pretrained(folder)
    words = [f"word{number}" for number in range(_WORDS)]
    train_tokenizer(words, [], min(_WORDS + 300, config.vocab_size)).save_pretrained(folder)


def _significant(value: float) -> float:
    """Round to four digits: decimals would make 0 of what a slow machine does."""
    return float(f"{value:.4g}")


def write_corpus(trial: Trial, folder: Path) -> None:
    """Write conversations whose questions are of unlike lengths, as those with histories are."""
    from datasets import Dataset

    rng = np.random.default_rng(0)
    lengths = np.clip(rng.lognormal(0, 0.5, trial.steps * trial.batch) * trial.words, 8, 900)
    common = {"roles": ["user", "assistant"], "form": "behavior", "task": "next"}
    rows = []
    for number, length in enumerate(lengths.astype(int)):
        drawn = [f"word{k}" for k in rng.integers(0, _WORDS, length + _ANSWER)]
        texts = [". ".join(drawn[:length]), ". ".join(drawn[length:])]
        empty = {"context_rows": [], "item_rows": [], "droppable": []}
        rows.append({"id": str(number), "texts": texts, **empty, **common})
    Dataset.from_list(rows).save_to_disk(folder / "train")


def ours(trial: Trial, place: Path) -> Clock:
    """Train as ``recx train`` does; ``place`` is a training folder."""
    settings = json.loads((place / "settings.json").read_text("utf-8"))
    settings |= {"gradient_checkpointing": trial.checkpointing, "parallel": "ddp"}
    (place / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    clock = Clock()
    train(place, clock)
    return clock


def plain(trial: Trial, place: Path) -> Clock:
    """Train the same examples with transformers and PEFT alone."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, Trainer, TrainerCallback, TrainingArguments

    clock = Clock()

    class Ticks(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            clock.advance()

    class Masking(Collator):
        def __call__(self, examples: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
            lengths = torch.tensor([len(example["ids"]) for example in examples])
            mask = (torch.arange(int(lengths.max())) < lengths[:, None]).long()
            return {**super().__call__(examples), "attention_mask": mask}

    model = AutoModelForCausalLM.from_pretrained(place.parent / "backbone")
    lora = LoraConfig(r=8, lora_alpha=32, lora_dropout=0.1, target_modules="all-linear")
    trainer = Trainer(
        get_peft_model(model, lora),
        TrainingArguments(
            output_dir=str(place / "plain"), max_steps=trial.steps, learning_rate=1e-4,
            per_device_train_batch_size=trial.micro, gradient_accumulation_steps=_BATCH_ROUNDS,
            gradient_checkpointing=trial.checkpointing, bf16=True, use_cpu=trial.device == "cpu",
            gradient_checkpointing_kwargs={"use_reentrant": False}, optim="adamw_torch",
            save_strategy="no", report_to="none", disable_tqdm=True, remove_unused_columns=False,
            dataloader_pin_memory=trial.device == "cuda",
        ),
        train_dataset=EncodedCorpus.load(place / "encoded.safetensors"),
        data_collator=Masking(None, None, 0),
        callbacks=[Ticks()],
    )  # fmt: skip
    trainer.train()
    return clock


def measure(what: str, trial: Trial, place: Path) -> dict[str, Any]:
    """Train in this process and return the figures of one row.

    Args:
        what: ``ours`` or ``plain``.
        trial: how.
        place: a training folder beside its ``backbone``.
    """
    if trial.device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    clock = {"ours": ours, "plain": plain}[what](trial, place)
    corpus = EncodedCorpus.load(place / "encoded.safetensors")
    seconds = clock.ends[-1] - clock.ends[0]
    # Both see every example once; the first step, which is slow, saw about one part in `steps`.
    tokens = len(corpus.ids) * (trial.steps - 1) / trial.steps
    peak = peak_tflops(trial.device)
    rate = tokens / seconds
    done = rate * flops_per_token(trial.shape, corpus) / 1e12
    return {
        "tokens_per_second": _significant(rate),
        "tflops": _significant(done),
        "mfu": None if peak is None else _significant(done / peak),
        "peak_gb": (
            round(torch.cuda.max_memory_allocated() / 1e9, 2) if trial.device == "cuda" else None
        ),
    }


def flops_per_token(shape: dict[str, Any], corpus: EncodedCorpus) -> float:
    """Return what a token needs: forward, and backward to activations alone (weights are frozen).

    Activations that are computed again do not count, nor padding; the head counts where there is a
    label. Queries, keys and values against a causal half of the mean length.
    """
    width, layers = shape["hidden_size"], shape["num_hidden_layers"]
    keys = shape["num_key_value_heads"] / shape["num_attention_heads"]
    matrices = (2 + 2 * keys) * width**2 + 3 * width * shape["intermediate_size"]
    head = width * shape["vocab_size"] * float(corpus.labelled.mean())
    attention = 6 * width * float(corpus.lengths.mean())
    return 4 * (layers * matrices + head) + layers * attention


def peak_tflops(device: str) -> float | None:
    """Return the device's published bfloat16 TFLOP/s, if it is known."""
    if device == "cpu":
        return None
    name = torch.cuda.get_device_name()
    return next((float(peak) for part, peak in PEAKS.items() if part in name), None)


def prepare_trial(trial: Trial, folder: Path) -> Path:
    """Write backbone, corpus and training folder; return the last."""
    write_backbone(trial, folder / "backbone")
    write_corpus(trial, folder / "corpus")
    settings = SurrogateSettings(
        recipe=Recipe(source=str(folder / "backbone")), batch_size=trial.batch,
        micro_batch_size=trial.micro, learning_rate=1e-4,
        device="cpu" if trial.device == "cpu" else "cuda", precision="bfloat16",
        save_every_seconds=3600.0,
    )  # fmt: skip
    place = folder / "training"
    place.mkdir()
    prepare(folder / "corpus", place, settings, titles=(), progress=SilentProgress())
    return place


def _alone(what: str, trial: Trial, place: Path) -> dict[str, Any]:
    script = [sys.executable, __file__, "--measure", what, json.dumps(asdict(trial)), str(place)]
    done = subprocess.run(script, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=["0.5b"])
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--micro", type=int, default=8, help="examples at once")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--words", type=int, default=150, help="mean length of a question")
    parser.add_argument("--layers", type=int, help="fewer layers, for a trial")
    parser.add_argument("--hidden", type=int, help="a smaller width, for a trial")
    parser.add_argument("--vocabulary", type=int, help="a smaller vocabulary, for a trial")
    parser.add_argument("--result", type=Path, default=RESULTS / "gpu_training.json")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


def shaped(name: str, layers: int | None, hidden: int | None, words: int | None) -> dict[str, Any]:
    """Return a published shape, made smaller where a number is given."""
    smaller = {"num_hidden_layers": layers, "vocab_size": words}
    if hidden is not None:
        heads = {"num_attention_heads": 2, "num_key_value_heads": 2}
        smaller |= {"hidden_size": hidden, "intermediate_size": 3 * hidden, **heads}
    return SHAPES[name] | {key: value for key, value in smaller.items() if value is not None}


def main() -> None:
    """Measure every shape with and without checkpointing, both ways, and keep the result."""
    given = _arguments()
    if given.measure:
        what, trial, place = given.measure
        print(json.dumps(measure(what, Trial(**json.loads(trial)), Path(place))))
        return
    device = "CPU" if given.device == "cpu" else torch.cuda.get_device_name()
    result: dict[str, Any] = {"machine": describe_machine(), "device": device, "rows": []}
    for name in given.shapes:
        shape = shaped(name, given.layers, given.hidden, given.vocabulary)
        trial = Trial(shape, given.micro, given.steps, given.words, given.device)
        with tempfile.TemporaryDirectory() as folder:
            prepare_trial(trial, Path(folder))
            for checkpointing in (False, True):
                for what in ("ours", "plain"):
                    chosen = Trial(**{**asdict(trial), "checkpointing": checkpointing})
                    place = _fresh(Path(folder))
                    row = {"shape": name, "trained_by": what, "checkpointing": checkpointing}
                    result["rows"].append(row | _alone(what, chosen, place))
                    print(result["rows"][-1], flush=True)
    write_result(given.result, result)


def _fresh(folder: Path) -> Path:
    """Return the training folder as it was prepared: a trained one would not be trained again."""
    place = folder / "training"
    for left in ("training.jsonl", "log.jsonl"):
        (place / left).unlink(missing_ok=True)
    return place


if __name__ == "__main__":
    main()
