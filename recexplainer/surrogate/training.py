"""Trains a surrogate from a folder alone (paper, section 3.3): corpus and vectors in, weights out.

The corpus folder holds ``train`` (Arrow) and, for targets with vectors, ``vectors.safetensors``.
The training folder gets ``settings.json`` and ``encoded.safetensors``, ``initial/`` (before any
step: the ``unaligned`` baseline), ``start/`` (where the tiny model has been given f's vectors to
start from), ``checkpoints/`` while it runs, ``log.jsonl``, and ``model/``.
"""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch
from safetensors.numpy import load_file
from torch.utils.data import Sampler
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.trainer import TRAINER_STATE_NAME
from transformers.trainer_callback import PrinterCallback
from transformers.trainer_utils import get_last_checkpoint

from recexplainer.records import Bar, Progress, Rendered, RenderedTurn
from recexplainer.runs.memory import release_memory, reuse_memory
from recexplainer.surrogate.backbones import (
    add_lora,
    build_surrogate,
    choose_device,
    choose_precision,
    load_surrogate,
    save_surrogate,
)
from recexplainer.surrogate.batching import Collator, EncodedCorpus, LengthBatches
from recexplainer.surrogate.encoding import Encoder
from recexplainer.surrogate.settings import SurrogateSettings, TrainingPoint, TrainingReport
from recexplainer.surrogate.starting import start_from_vectors

__all__ = ["prepare", "read_vectors", "train"]

_LOGGED_POINTS = 100
_TOKENIZER_EXAMPLES = 20_000


def prepare(
    corpus: Path,
    folder: Path,
    settings: SurrogateSettings,
    *,
    titles: Sequence[str],
    values: Iterable[str] = (),
    progress: Progress,
) -> None:
    """Write all that ``train`` reads into ``folder``; does nothing where that was done before.

    Args:
        corpus: the alignment stage's folder.
        folder: the training folder.
        settings: what to train.
        titles: the catalogue's, in its order.
        values: the items' attribute values; with the titles, the tiny tokenizer's words.
        progress: where to report.
    """
    if (folder / "settings.json").exists():
        return
    user_vectors, item_vectors = read_vectors(corpus)
    model, encoder = build_surrogate(
        settings,
        titles=[*titles, *values],
        texts=_sample_texts(corpus, settings.seed),
        user_vectors=user_vectors,
        item_vectors=item_vectors,
    )
    save_surrogate(model, encoder, folder / "initial", settings.backbone)
    if settings.backbone == "tiny" and user_vectors is not None and item_vectors is not None:
        start_from_vectors(model, encoder.tokenizer, titles, user_vectors, item_vectors)
        save_surrogate(model, encoder, folder / "start", settings.backbone)
    _encode(corpus, encoder, progress).save(folder / "encoded.safetensors")
    part = folder / "settings.part"
    part.write_text(settings.model_dump_json(indent=2), encoding="utf-8")
    part.replace(folder / "settings.json")


def read_vectors(corpus: Path) -> tuple[Any, Any]:
    """Return ``(user (N, d_rec), item (I, d_rec))`` of a corpus, or ``(None, None)``."""
    path = corpus / "vectors.safetensors"
    if not path.exists():
        return None, None
    vectors = load_file(path)
    return vectors["user"], vectors["item"]


def train(corpus: Path, folder: Path, progress: Progress) -> TrainingReport:
    """Train what ``prepare`` wrote; continues from the last checkpoint if there is one.

    Returns:
        Sizes, padding and the training curve. The trained surrogate is in ``folder / "model"``.
    """
    reuse_memory()
    settings = SurrogateSettings.model_validate_json((folder / "settings.json").read_text("utf-8"))
    encoded = EncodedCorpus.load(folder / "encoded.safetensors")
    device = choose_device(settings.device)
    precision = choose_precision(settings.precision, device)
    model: Any
    start = folder / "start"
    model, encoder = load_surrogate(start if start.exists() else folder / "initial")
    if device == "cpu":  # the fused kernel's backward pass takes half of a CPU step (decision 0002)
        model.language_model.set_attn_implementation("eager")
    trained = model if settings.backbone == "tiny" else add_lora(model, settings)
    batches = LengthBatches(encoded.lengths, settings.batch_size, settings.seed)
    steps = max(1, math.ceil(settings.budget * math.ceil(len(encoded) / settings.batch_size)))
    recorder = _Recorder(folder / "log.jsonl", batches, settings.save_every_seconds, progress)
    trainer = _BucketTrainer(
        model=trained,
        args=_arguments(folder, settings, steps, device, precision),
        train_dataset=encoded,
        data_collator=Collator(*read_vectors(corpus), encoder.tokenizer.pad_token_id or 0),
        callbacks=[recorder],
    )
    trainer.batches = batches
    trainer.remove_callback(PrinterCallback)
    with progress.bar("training the surrogate", steps) as bar, _threads(settings.threads):
        recorder.bar = bar
        trainer.train(resume_from_checkpoint=_last_checkpoint(folder))
    save_surrogate(trained, encoder, folder / "model", settings.backbone)
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    return TrainingReport(
        parameters=sum(p.numel() for p in trained.parameters()),
        trainable=sum(p.numel() for p in trained.parameters() if p.requires_grad),
        vocabulary=len(encoder.tokenizer),
        examples=len(encoded),
        tokens=int(encoded.lengths.sum()),
        padding_share=batches.padding_share(),
        steps=steps,
        precision=precision,
        device=device,
        curve=recorder.curve(),
    )


def _sample_texts(corpus: Path, seed: int) -> list[str]:
    """Return the texts of some examples: what the tiny tokenizer learns phrases from."""
    from datasets import load_from_disk

    rows = load_from_disk(str(corpus / "train"))
    chosen = rows.shuffle(seed=seed).select(range(min(len(rows), _TOKENIZER_EXAMPLES)))
    return [text for texts in chosen["texts"] for text in texts]


def _encode(corpus: Path, encoder: Encoder, progress: Progress) -> EncodedCorpus:
    from datasets import load_from_disk

    rows = load_from_disk(str(corpus / "train"))
    parts = []
    with progress.bar("encoding the corpus", len(rows)) as bar:
        for batch in rows.iter(batch_size=2000):
            rendered = _rendered(batch)
            parts.append(EncodedCorpus.build(encoder.conversations(rendered), rendered))
            bar.advance(len(rendered))
    return EncodedCorpus.join(parts)


def _rendered(batch: dict[str, Sequence[Any]]) -> list[Rendered]:
    columns = ("roles", "texts", "context_rows", "item_rows", "form")
    return [
        Rendered(
            tuple(RenderedTurn(role, text) for role, text in zip(roles, texts, strict=True)),
            tuple(contexts),
            tuple(items),
            form,
        )
        for roles, texts, contexts, items, form in zip(*(batch[c] for c in columns), strict=True)
    ]


def _arguments(
    folder: Path, settings: SurrogateSettings, steps: int, device: str, precision: str
) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(folder / "checkpoints"),
        max_steps=steps,
        per_device_train_batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=round(settings.warmup * steps),
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        optim="adamw_torch",
        adam_beta2=0.98,
        seed=settings.seed,
        bf16=precision == "bfloat16",
        use_cpu=device == "cpu",
        logging_steps=max(1, steps // _LOGGED_POINTS),
        logging_nan_inf_filter=False,
        save_strategy="no",  # the recorder asks for checkpoints, by the clock
        save_total_limit=1,
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=device == "cuda",
    )


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    """Compute on ``count`` CPU threads, and as before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _last_checkpoint(folder: Path) -> str | None:
    """Return the newest complete checkpoint; one that a kill cut short is deleted."""
    checkpoints = folder / "checkpoints"
    while checkpoints.is_dir() and (last := get_last_checkpoint(str(checkpoints))):
        with suppress(OSError, ValueError):
            json.loads((Path(last) / TRAINER_STATE_NAME).read_text("utf-8"))  # written last
            return str(last)
        shutil.rmtree(last)
    return None


class _BucketTrainer(Trainer):
    """The stock trainer, fed in the order of ``LengthBatches``."""

    batches: LengthBatches

    def _get_train_sampler(self, *_: Any) -> Sampler[int]:
        return self.batches


class _Recorder(TrainerCallback):
    """Moves the progress bar and keeps ``log.jsonl``, which a resumed run continues."""

    bar: Bar

    def __init__(
        self, path: Path, batches: LengthBatches, save_every: float, progress: Progress
    ) -> None:
        self.path, self.batches, self.progress = path, batches, progress
        self.save_every = save_every
        self.tokens = torch.tensor([batches.lengths[b].sum() for b in batches.batches()])

    def on_train_begin(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """Drop log lines past the checkpoint and move the bar to it."""
        kept = [point for point in self.curve() if point.step <= state.global_step]
        self.path.write_text("".join(f"{point.model_dump_json()}\n" for point in kept), "utf-8")
        self.before = kept[-1].seconds if kept else 0.0
        self.last_step, self.clock = state.global_step, time.perf_counter()
        self.started = self.saved = self.clock
        self.fields: dict[str, str] = {}
        if state.global_step:
            self.progress.note(f"training continues at step {state.global_step}")
            self.bar.advance(state.global_step)

    def on_step_end(self, _args: Any, _state: Any, control: Any, **_: Any) -> None:
        """Move the bar by one step, and ask for a checkpoint when one is due."""
        self.bar.advance(1, **self.fields)
        if time.perf_counter() - self.saved >= self.save_every:
            self.saved = time.perf_counter()
            control.should_save = True
            release_memory()

    def on_log(self, _args: Any, state: Any, _control: Any, logs: Any = None, **_: Any) -> None:
        """Append one point of the curve."""
        if not logs or "loss" not in logs:
            return
        now = time.perf_counter()
        steps = range(self.last_step, state.global_step)
        tokens = sum(int(self.tokens[step % len(self.tokens)]) for step in steps)
        point = TrainingPoint(
            step=state.global_step,
            examples=state.global_step * self.batches.batch_size,
            loss=float(logs["loss"]),
            tokens_per_second=round(tokens / max(now - self.clock, 1e-9), 1),
            seconds=round(self.before + now - self.started, 2),
        )
        with self.path.open("a", encoding="utf-8") as log:
            log.write(point.model_dump_json() + "\n")
        self.last_step, self.clock = state.global_step, now
        self.fields = {"loss": f"{point.loss:.3f}", "tokens/s": f"{point.tokens_per_second:,.0f}"}

    def curve(self) -> tuple[TrainingPoint, ...]:
        """Return the points logged so far; a line torn by a crash is left out."""
        points = []
        for line in self.path.read_text("utf-8").splitlines() if self.path.exists() else ():
            try:
                points.append(TrainingPoint.model_validate(json.loads(line)))
            except ValueError:
                continue
        return tuple(points)
