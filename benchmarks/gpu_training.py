"""Training tokens a second, MFU, peak memory and losses on a GPU, beside transformers and TRL.

Usage: python benchmarks/gpu_training.py --shapes paper laptop gemma   # results/gpu_training.json

Without a GPU the result says "not run". Models have random weights and published shapes, so nothing
is downloaded; one of 7B takes 14 GB of disk meanwhile. All sides train the same low-rank updates in
bfloat16 on the same made-up conversations, with the same micro-batches: ours by ``recx train``'s
own code, the others by ``transformers.Trainer`` and, where it is installed, TRL's ``SFTTrainer``,
with shuffled batches, padding to the longest and the model's own loss. ``paper`` is 7B with the
preset's updates under ZeRO-2, ``laptop`` 0.5B with that preset's; the others update all layers.

A trial without a GPU: --device cpu --layers 2 --hidden 64 --vocabulary 600 --steps 3 --micro 4
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from measuring import RESULTS, describe_machine, write_result
from peft import LoraConfig
from training import Clock

from recexplainer.config import load_config
from recexplainer.records import Recipe, SilentProgress
from recexplainer.surrogate.corpus.batches import EncodedCorpus
from recexplainer.surrogate.corpus.collator import Collator
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
    "gemma": {  # Gemma 3 270M
        "model_type": "gemma3_text", "hidden_size": 640, "intermediate_size": 2048,
        "num_hidden_layers": 18, "num_attention_heads": 4, "num_key_value_heads": 1,
        "head_dim": 256, "sliding_window": 512, "vocab_size": 262_144, "tie_word_embeddings": True,
    },
}  # fmt: skip
PRESETS = {"paper": "7b", "laptop": "0.5b"}
"""The shape that stands for each preset's backbone."""
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
        preset: whose low-rank updates and sharing are taken; None updates all linear layers.
    """

    shape: dict[str, Any]
    micro: int
    steps: int
    words: int
    device: str
    checkpointing: bool = False
    preset: str | None = None

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
        names = ("context_rows", "item_rows", "droppable")
        names += ("liked_rows", "liked_shares", "labels", "label_shares")
        empty: dict[str, list[Any]] = {name: [] for name in names}
        rows.append({"id": str(number), "texts": texts, **empty, **common})
    Dataset.from_list(rows).save_to_disk(folder / "train")


Trained = tuple[Clock, list[float]]
"""When each step ended, and its loss."""


def ours(trial: Trial, place: Path) -> Trained:
    """Train as ``recx train`` does; ``place`` is a training folder."""
    settings = json.loads((place / "settings.json").read_text("utf-8"))
    alone = settings["parallel"] == "auto" or trial.device == "cpu"
    settings["parallel"] = "ddp" if alone else settings["parallel"]
    settings["gradient_checkpointing"] = trial.checkpointing
    (place / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    if settings["parallel"].startswith("zero"):  # as a launcher of one process would say
        os.environ |= {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0"}
        os.environ |= {"MASTER_ADDR": "localhost", "MASTER_PORT": "29533"}
    clock = Clock()
    report = train(place, clock)
    return clock, [point.loss for point in report.curve]


def _lora(place: Path) -> LoraConfig:
    chosen = json.loads((place / "settings.json").read_text("utf-8"))["lora"]
    return LoraConfig(
        r=chosen["rank"], lora_alpha=chosen["alpha"], lora_dropout=chosen["dropout"],
        target_modules=chosen["targets"] or "all-linear", task_type="CAUSAL_LM",
    )  # fmt: skip


def _stock_arguments(trial: Trial, place: Path) -> dict[str, Any]:
    return {
        "output_dir": str(place / "stock"), "max_steps": trial.steps, "learning_rate": 1e-4,
        "per_device_train_batch_size": trial.micro, "gradient_accumulation_steps": _BATCH_ROUNDS,
        "gradient_checkpointing": trial.checkpointing, "use_cpu": trial.device == "cpu",
        "gradient_checkpointing_kwargs": {"use_reentrant": False}, "optim": "adamw_torch",
        "save_strategy": "no", "report_to": "none", "disable_tqdm": True, "logging_steps": 1,
        "remove_unused_columns": False, "bf16": True,
        "dataloader_pin_memory": trial.device == "cuda",
    }  # fmt: skip


def _ticking(clock: Clock) -> Any:
    from transformers import TrainerCallback

    class Ticks(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            clock.advance()

    return Ticks()


def _run(trainer: Any, clock: Clock) -> Trained:
    trainer.train()
    return clock, [float(line["loss"]) for line in trainer.state.log_history if "loss" in line]


def plain(trial: Trial, place: Path) -> Trained:
    """Train the same examples with transformers and PEFT alone."""
    from peft import get_peft_model
    from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

    class Masking(Collator):
        def __call__(self, examples: Sequence[dict[str, Any]]) -> dict[str, torch.Tensor]:
            lengths = torch.tensor([len(example["ids"]) for example in examples])
            mask = (torch.arange(int(lengths.max())) < lengths[:, None]).long()
            return {**super().__call__(examples), "attention_mask": mask}

    clock, model = Clock(), AutoModelForCausalLM.from_pretrained(place.parent / "backbone")
    trainer = Trainer(
        get_peft_model(model, _lora(place)),
        TrainingArguments(**_stock_arguments(trial, place)),
        train_dataset=EncodedCorpus.load(place / "encoded.safetensors"),
        data_collator=Masking(None, None, 0),
        callbacks=[_ticking(clock)],
    )
    return _run(trainer, clock)


def trl(trial: Trial, place: Path) -> Trained:
    """Train the same examples with TRL's supervised trainer."""
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer  # type: ignore[import-not-found]

    corpus = EncodedCorpus.load(place / "encoded.safetensors")
    rows = [
        {
            "input_ids": corpus[k]["ids"].tolist(),
            "labels": np.where(corpus[k]["labelled"], corpus[k]["ids"], -100).tolist(),
        }
        for k in range(len(corpus))
    ]
    clock, backbone = Clock(), place.parent / "backbone"
    trainer = SFTTrainer(
        AutoModelForCausalLM.from_pretrained(backbone),
        args=SFTConfig(**_stock_arguments(trial, place)),
        train_dataset=Dataset.from_list(rows),
        processing_class=AutoTokenizer.from_pretrained(backbone),
        peft_config=_lora(place),
        callbacks=[_ticking(clock)],
    )
    return _run(trainer, clock)


WAYS = {"ours": ours, "plain": plain, "trl": trl}


def measure(what: str, trial: Trial, place: Path) -> dict[str, Any]:
    """Train in this process and return the figures of one row.

    Args:
        what: ``ours``, ``plain`` or ``trl``.
        trial: how.
        place: a training folder beside its ``backbone``.
    """
    if trial.device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    clock, losses = WAYS[what](trial, place)
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
        "losses": [round(losses[0], 3), round(losses[-1], 3)],
    }


def flops_per_token(shape: dict[str, Any], corpus: EncodedCorpus) -> float:
    """Return what a token needs: forward, and backward to activations alone (weights are frozen).

    Activations that are computed again do not count, nor padding; the head counts where there is a
    label. Queries, keys and values against a causal half of the mean length.
    """
    width, layers = shape["hidden_size"], shape["num_hidden_layers"]
    heads, keys = shape["num_attention_heads"], shape["num_key_value_heads"]
    inner = shape.get("head_dim", width // heads)  # of which the heads need not make up the width
    matrices = 2 * (heads + keys) * inner * width + 3 * width * shape["intermediate_size"]
    head = width * shape["vocab_size"] * float(corpus.labelled.mean())
    attention = 6 * heads * inner * float(corpus.lengths.mean())
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
    config = load_config(preset=trial.preset)
    recipe = Recipe(source=str(folder / "backbone"))
    settings = SurrogateSettings.of(config, recipe).model_copy(
        update={
            "batch_size": trial.batch, "micro_batch_size": trial.micro, "learning_rate": 1e-4,
            "device": trial.device, "precision": "bfloat16", "save_every_seconds": 3600.0,
            "budget": 1.0, "minutes": None, "max_tokens": 1024, "order": "mixed",
        }
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
    parser.add_argument(
        "--shapes", nargs="+", choices=[*SHAPES, *PRESETS], default=["paper", "laptop", "gemma"]
    )
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
    return SHAPES[PRESETS.get(name, name)] | {
        key: value for key, value in smaller.items() if value is not None
    }


def main() -> None:
    """Measure every shape with and without checkpointing, both ways, and keep the result."""
    given = _arguments()
    if given.measure:
        what, trial, place = given.measure
        print(json.dumps(measure(what, Trial(**json.loads(trial)), Path(place))))
        return
    if given.device == "cuda" and not torch.cuda.is_available():
        write_result(given.result, {"machine": describe_machine(), "not_run": "no CUDA device"})
        print("not run: no CUDA device")
        return
    device = "CPU" if given.device == "cpu" else torch.cuda.get_device_name()
    result: dict[str, Any] = {"machine": describe_machine(), "device": device, "rows": []}
    for name in given.shapes:
        shape = shaped(name, given.layers, given.hidden, given.vocabulary)
        preset = name if name in PRESETS else None
        trial = Trial(shape, given.micro, given.steps, given.words, given.device, preset=preset)
        with tempfile.TemporaryDirectory() as folder:
            prepare_trial(trial, Path(folder))
            for checkpointing in (False, True):
                chosen = Trial(**{**asdict(trial), "checkpointing": checkpointing})
                for what in WAYS:
                    row = {"shape": name, "trained_by": what, "checkpointing": checkpointing}
                    result["rows"].append(row | _figures(what, chosen, Path(folder)))
                    print(result["rows"][-1], flush=True)
    write_result(given.result, result)


def _figures(what: str, trial: Trial, folder: Path) -> dict[str, Any]:
    if what == "trl" and find_spec("trl") is None:
        return {"not_run": "TRL is not installed"}
    return _alone(what, trial, _fresh(folder))


def _fresh(folder: Path) -> Path:
    """Return the training folder as it was prepared: a trained one would not be trained again."""
    place = folder / "training"
    for left in ("training.jsonl", "log.jsonl"):
        (place / left).unlink(missing_ok=True)
    return place


if __name__ == "__main__":
    main()
