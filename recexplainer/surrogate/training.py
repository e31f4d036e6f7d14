"""Trains a surrogate from a folder alone (paper, section 3.3), in one process or in several.

``preparing`` writes ``settings.json``, ``encoded.safetensors``, ``vectors.safetensors`` (for
targets that have them), ``initial/`` (before any step: the ``unaligned`` baseline) and ``start/``
(where the tiny model has been given f's vectors to start from). Training adds ``checkpoints/``
while it runs, ``log.jsonl``, ``model/``, and at last ``training.jsonl``.
"""

from __future__ import annotations

import math
import os
import shutil
from dataclasses import asdict, dataclass
from inspect import signature
from pathlib import Path
from typing import Any

from torch.utils.data import DataLoader
from transformers import Trainer, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from recexplainer.records import Progress
from recexplainer.runs.artifacts import read_records, write_records
from recexplainer.runs.memory import reuse_memory
from recexplainer.surrogate.backbones import (
    add_lora,
    load_surrogate,
    save_surrogate,
)
from recexplainer.surrogate.batching import Collator, EncodedCorpus, LengthBatches, RankBatches
from recexplainer.surrogate.checkpoints import (
    check_readable,
    newest_checkpoint,
    told_in_one_line,
)
from recexplainer.surrogate.encoding import Encoder
from recexplainer.surrogate.optimizing import build_optimizer
from recexplainer.surrogate.preparing import read_lengths, read_settings, read_vectors
from recexplainer.surrogate.recording import Recorder
from recexplainer.surrogate.settings import SurrogateSettings, TrainingReport
from recexplainer.surrogate.threads import on_threads
from recexplainer.surrogate.tracking import tracker_callbacks
from recexplainer.surrogate.training_plan import TrainingPlan, keep_plan
from recexplainer.surrogate.zero import (
    choose_parallel,
    gathered,
    ready_deepspeed,
    zero_config,
)

__all__ = ["Sharing", "read_report", "train"]

_LOGGED_POINTS = 100
_REPORT = "training.jsonl"


@dataclass(frozen=True)
class Sharing:
    """How a batch is divided: among processes, and each process's share into micro-batches."""

    rank: int
    world: int
    parts: int
    """Micro-batches per step (gradient accumulation)."""
    micro: int
    """Most examples of one of them."""

    @classmethod
    def of(cls, settings: SurrogateSettings) -> Sharing:
        """Return this process's share, as the launcher's environment says."""
        rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        share = math.ceil(settings.batch_size / world)
        parts = math.ceil(share / min(settings.micro_batch_size or share, share))
        return cls(rank, world, parts, math.ceil(share / parts))


def read_report(folder: Path) -> TrainingReport | None:
    """Return what a finished training came to; None where it is not finished."""
    if not (folder / _REPORT).exists():
        return None
    (report,) = read_records(folder / _REPORT, TrainingReport)
    return report


def train(folder: Path, progress: Progress) -> TrainingReport:
    """Train what ``prepare`` wrote; continues from the last checkpoint if there is one.

    Started by a launcher in several processes, each calls this, and they share every batch.

    Args:
        folder: the training folder; the processes must all see it.
        progress: where to report; of several processes, only the first one's should show.

    Returns:
        Sizes, padding and the training curve. The trained surrogate is in ``folder / "model"``.

    Raises:
        UserError: a checkpoint is there that these processes cannot continue.
        StageError: the disk takes no more; the same call continues at the last checkpoint.
    """
    reuse_memory()
    settings, encoded = read_settings(folder), EncodedCorpus.load(folder / "encoded.safetensors")
    plan = keep_plan(folder, settings)
    device, precision = plan.device, plan.precision
    sharing = Sharing.of(settings)
    parallel = choose_parallel(settings, sharing.world, device)
    model, encoder = _model(folder, settings, plan)
    batches = LengthBatches(encoded.lengths, settings.batch_size, settings.seed)
    steps = max(1, math.ceil(settings.budget * math.ceil(len(encoded) / settings.batch_size)))
    written_by = {"processes": sharing.world, "parallel": parallel}
    recorder = Recorder(
        folder / "log.jsonl", batches, settings.save_every_seconds, written_by, progress
    )
    vectors, first = read_vectors(folder), sharing.rank == 0
    trainer = _SharedTrainer(
        model=model,
        args=_arguments(folder, settings, steps, sharing, _Machine(device, precision, parallel)),
        train_dataset=encoded,
        data_collator=Collator(*vectors, encoder.tokenizer.pad_token_id or 0),
        callbacks=[recorder, *(tracker_callbacks(settings.tracker, folder) if first else ())],
    )
    trainer.settings = settings
    # Without vectors the projectors take no part, which DDP has to be told.
    trainer.args.ddp_find_unused_parameters = vectors[0] is None
    trainer.batches = RankBatches(
        batches, parts=sharing.parts, rank=sharing.rank, world=sharing.world
    )
    trainer.remove_callback(PrinterCallback)
    with trainer.accelerator.main_process_first():  # it deletes what the others must not find
        checkpoint = newest_checkpoint(folder)
    check_readable(checkpoint, sharing.world, parallel)
    with progress.bar("training the surrogate", steps) as bar, on_threads(settings.threads):
        recorder.bar = bar
        trainer.train(resume_from_checkpoint=checkpoint)
    report = TrainingReport(
        parameters=_count(model.parameters()),
        trainable=_count(p for p in model.parameters() if p.requires_grad),
        vocabulary=len(encoder.tokenizer),
        examples=len(encoded),
        tokens=int(encoded.lengths.sum()),
        **asdict(read_lengths(folder)),
        padding_share=batches.padding_share(),
        steps=steps,
        precision=precision,
        chosen_by=plan.reason,
        device=device,
        processes=sharing.world,
        parallel=parallel,
        curve=recorder.curve(),
    )
    with gathered(model, parallel):
        if trainer.is_world_process_zero():
            with told_in_one_line("the trained surrogate", folder):
                _finish(folder, model, encoder, settings.backbone, report)
    trainer.accelerator.wait_for_everyone()
    return report


def _finish(
    folder: Path, model: Any, encoder: Encoder, backbone: str, report: TrainingReport
) -> None:
    """Write what the training came to; the report, which says that it is finished, last."""
    for weight in model.parameters():
        if weight.requires_grad:  # DeepSpeed computes in, and leaves behind, half precision
            weight.data = weight.data.float()
    save_surrogate(model, encoder, folder / "model", backbone)
    write_records(folder / _REPORT, [report])
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)


def _model(folder: Path, settings: SurrogateSettings, plan: TrainingPlan) -> tuple[Any, Encoder]:
    """Return what is trained, on the CPU still, and its encoder."""
    start = folder / "start"
    model, encoder = load_surrogate(
        start if start.exists() else folder / "initial", settings.quantization, plan.precision
    )
    _ = model.linear_head  # found while the weights are whole
    if settings.backbone == "tiny":  # the trainer takes a head that is the embedding for lost
        model._keys_to_ignore_on_save = list(model.all_tied_weights_keys) or None  # noqa: SLF001
    # The fused kernel's backward pass takes half of a CPU step (decision 0002).
    if plan.device == "cpu":
        model.language_model.set_attn_implementation("eager")
    return (model if settings.backbone == "tiny" else add_lora(model, settings)), encoder


@dataclass(frozen=True)
class _Machine:
    device: str
    precision: str
    parallel: str


def _arguments(
    folder: Path, settings: SurrogateSettings, steps: int, sharing: Sharing, machine: _Machine
) -> TrainingArguments:
    zero = zero_config(machine.parallel)
    if zero is not None:
        ready_deepspeed(machine.device)
    arguments = TrainingArguments(
        output_dir=str(folder / "checkpoints"),
        max_steps=steps,
        per_device_train_batch_size=sharing.micro,
        gradient_accumulation_steps=sharing.parts,
        **_checkpointing(settings),
        learning_rate=settings.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=round(settings.warmup * steps),
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        optim="adamw_torch_fused",
        adam_beta2=0.98,
        seed=settings.seed,
        bf16=machine.precision == "bfloat16",
        fp16=machine.precision == "float16",
        use_cpu=machine.device == "cpu",
        deepspeed=zero,
        logging_steps=max(1, steps // _LOGGED_POINTS),
        logging_nan_inf_filter=False,
        save_strategy="no",  # the recorder asks for checkpoints, by the clock
        # A kill can cut a process off while the first one has finished its part of a checkpoint.
        save_total_limit=1 if sharing.world == 1 else 2,
        report_to="none",  # the tracker is among the callbacks
        disable_tqdm=True,
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=machine.device == "cuda",
    )
    if arguments.n_gpu > 1:  # one process asked for one device; the trainer would thread over all
        arguments._n_gpu = 1  # noqa: SLF001  # as its own documentation of n_gpu suggests
    return arguments


def _checkpointing(settings: SurrogateSettings) -> dict[str, Any]:
    """Return what asks for activations to be computed anew, in the installed trainer's words."""
    known = signature(TrainingArguments).parameters
    words = ("activation_checkpointing", "gradient_checkpointing")  # the older ones go in version 6
    word = next(word for word in words if word in known)
    return {word: settings.gradient_checkpointing, f"{word}_kwargs": {"use_reentrant": False}}


def _count(weights: Any) -> int:
    """Count numbers; ZeRO-3 leaves only a weight's part in a process, and notes how many it has."""
    return sum(getattr(weight, "ds_numel", weight.numel()) for weight in weights)


class _SharedTrainer(Trainer):
    """The stock trainer, fed with this process's share of each batch."""

    batches: RankBatches
    settings: SurrogateSettings
    optimizer: Any

    def create_optimizer(self, model: Any = None) -> Any:
        """Return what updates the weights; AdamW is the stock trainer's own."""
        if self.optimizer is None and self.settings.optimizer == "muon":
            chosen = self.settings
            precision = "bfloat16" if self.args.bf16 else "float32"
            self.optimizer = build_optimizer(
                self.model, chosen.learning_rate, chosen.weight_decay, precision
            )
        return super().create_optimizer(model)

    def _save_checkpoint(self, *given: Any, **named: Any) -> None:
        with told_in_one_line("a checkpoint", Path(self.args.output_dir)):
            super()._save_checkpoint(*given, **named)

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Return the share; it is not prepared again, which would share it a second time."""
        return DataLoader(
            self.train_dataset,
            batch_sampler=self.batches,
            collate_fn=self.data_collator,
            pin_memory=self.args.dataloader_pin_memory,
        )
