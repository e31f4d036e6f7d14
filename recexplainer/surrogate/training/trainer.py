"""The trainer of a surrogate: the stock one, fed with this process's share of each batch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any, Self

import torch
from torch.utils.data import DataLoader, Sampler
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from recexplainer.surrogate.corpus.batches import EncodedCorpus, LengthBatches, RankBatches
from recexplainer.surrogate.corpus.collator import Collator, batch_parts
from recexplainer.surrogate.corpus.training_files import ENCODED, INITIAL
from recexplainer.surrogate.corpus.training_folder import read_counts, read_vectors
from recexplainer.surrogate.model.lora import add_lora
from recexplainer.surrogate.model.surrogate_files import load_surrogate
from recexplainer.surrogate.model.token_encoder import Encoder
from recexplainer.surrogate.model.training_settings import SurrogateSettings
from recexplainer.surrogate.training.checkpoints import told_in_one_line
from recexplainer.surrogate.training.optimizer import build_optimizer
from recexplainer.surrogate.training.training_plan import TrainingPlan
from recexplainer.surrogate.training.zero_stages import ready_deepspeed, whole, zero_config

__all__ = ["SharedTrainer", "Sharing", "TrainingSetup"]

_LOGGED_POINTS = 100


@dataclass(frozen=True)
class Sharing:
    """How a batch is divided: among processes, and each process's share into micro-batches."""

    rank: int
    world: int
    parts: int
    """Micro-batches per step (gradient accumulation)."""
    micro: int
    """Most examples of one of them."""
    rows: int
    """Most of the longest examples that are computed at once."""

    @classmethod
    def of(cls, settings: SurrogateSettings, rows: int, world: int, rank: int = 0) -> Sharing:
        """Return the share of one of ``world`` processes that compute ``rows`` examples at once.

        A process alone cuts each batch by its tokens; several, and DeepSpeed, by its examples.
        """
        share = math.ceil(settings.batch_size / world)
        alone = world == 1 and settings.parallel in {"auto", "ddp"}
        parts = 1 if alone else math.ceil(share / min(rows, share))
        return cls(rank, world, parts, math.ceil(share / parts), rows)


@dataclass(frozen=True)
class TrainingSetup:
    """A training folder and one process's part in it: all that its trainers are made from.

    Attributes:
        folder: the training folder.
        settings: of the training.
        encoded: its corpus.
        plan: with which device and compute type.
        sharing: which part is this process's.
        parallel: ``ddp`` or the name of a ZeRO configuration.
    """

    folder: Path
    settings: SurrogateSettings
    encoded: EncodedCorpus
    plan: TrainingPlan
    sharing: Sharing
    parallel: str

    @classmethod
    def of(
        cls,
        folder: Path,
        settings: SurrogateSettings,
        plan: TrainingPlan,
        sharing: Sharing,
        parallel: str,
    ) -> Self:
        """Read the corpus that ``prepare`` wrote into ``folder``; for the rest see the class."""
        encoded = EncodedCorpus.load(folder / ENCODED)
        return cls(folder, settings, encoded, plan, sharing, parallel)

    @property
    def per_pass(self) -> int:
        """Steps of one pass over the corpus, with what the budget does not reach."""
        examples = len(self.encoded) + read_counts(self.folder).left_out
        return math.ceil(examples / self.settings.batch_size)

    def batches(self, steps: int | None = None) -> LengthBatches:
        """Return the batches of all processes together, in the order of a training of ``steps``."""
        settings = self.settings
        ordered = steps if settings.order == "short-first" else None
        return LengthBatches(self.encoded.lengths, settings.batch_size, settings.seed, ordered)

    def share(self, batches: LengthBatches) -> RankBatches:
        """Return this process's share of ``batches``."""
        sharing = self.sharing
        return RankBatches(batches, parts=sharing.parts, rank=sharing.rank, world=sharing.world)

    def trainer(
        self,
        rounds: Sampler[list[int]],
        callbacks: Sequence[TrainerCallback],
        steps: int,
        place: Path,
    ) -> SharedTrainer:
        """Return a trainer of a fresh copy of the model.

        Args:
            rounds: the rows of each micro-batch.
            callbacks: notified of its progress.
            steps: how many it makes.
            place: where its checkpoints go.
        """
        model, encoder = self._model()  # first: under ZeRO-3, arguments change how one is loaded
        vectors = read_vectors(self.folder)
        trainer = SharedTrainer(
            model=model,
            args=self._arguments(steps, place),
            train_dataset=self.encoded,
            data_collator=Collator(*vectors, encoder.tokenizer.pad_token_id or 0),
            callbacks=list(callbacks),
        )
        trainer.settings, trainer.rounds = self.settings, rounds
        trainer.surrogate, trainer.encoder = model, encoder
        trainer.most_tokens = self.sharing.rows * int(self.encoded.lengths.max(initial=1))
        trainer.remove_callback(PrinterCallback)
        return trainer

    def _model(self) -> tuple[Any, Encoder]:
        """Return what is trained, on the CPU still, and its encoder."""
        settings, start = self.settings, self.folder / "start"
        model, encoder = load_surrogate(
            start if start.exists() else self.folder / INITIAL,
            settings.quantization,
            self.plan.precision,
        )
        with whole(model):
            _ = model.linear_head  # which training asks for, then with weights in parts
        whole_model = settings.recipe.whole
        if whole_model:  # the trainer takes a head that is the embedding for lost
            model._keys_to_ignore_on_save = list(model.all_tied_weights_keys) or None  # noqa: SLF001
        if self.plan.device == "cpu":
            # The fused kernel's backward pass takes half of a CPU step (decision 0002).
            model.language_model.set_attn_implementation("eager")
        return (model if whole_model else add_lora(model, settings)), encoder

    def _arguments(self, steps: int, place: Path) -> TrainingArguments:
        settings, plan, sharing = self.settings, self.plan, self.sharing
        zero = zero_config(self.parallel)
        if zero is not None:
            ready_deepspeed(plan.device)
        arguments = TrainingArguments(
            output_dir=str(place),
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
            bf16=plan.precision == "bfloat16",
            fp16=plan.precision == "float16",
            use_cpu=plan.device == "cpu",
            deepspeed=zero,
            logging_steps=max(1, steps // _LOGGED_POINTS),
            logging_nan_inf_filter=False,
            save_strategy="no",  # the recorder asks for checkpoints, by the clock
            # A kill can cut a process off while the first has finished its part of a checkpoint.
            save_total_limit=1 if sharing.world == 1 else 2,
            report_to="none",  # the tracker is among the callbacks
            disable_tqdm=True,
            remove_unused_columns=False,
            label_names=["labels"],
            dataloader_pin_memory=plan.device == "cuda",
            # A batch without vectors of one kind leaves their projector out.
            ddp_find_unused_parameters=True,
        )
        if arguments.n_gpu > 1:  # a process asked for one; the trainer would thread over all
            arguments._n_gpu = 1  # noqa: SLF001  # as its own documentation of n_gpu suggests
        return arguments


def _checkpointing(settings: SurrogateSettings) -> dict[str, Any]:
    """Return what asks for activations to be computed anew, in the installed trainer's words."""
    known = signature(TrainingArguments).parameters
    words = ("activation_checkpointing", "gradient_checkpointing")  # the older ones go in version 6
    word = next(word for word in words if word in known)
    return {word: settings.gradient_checkpointing, f"{word}_kwargs": {"use_reentrant": False}}


class SharedTrainer(Trainer):
    """The stock trainer, fed with this process's share of each batch.

    Attributes:
        surrogate: what it trains, however it wraps that.
        encoder: for its tokenizer.
        settings: of the training.
        rounds: the rows of each micro-batch.
        most_tokens: of what is computed at once.
    """

    surrogate: Any
    encoder: Encoder
    settings: SurrogateSettings
    rounds: Sampler[list[int]]
    most_tokens: int
    optimizer: Any

    def train(self, *given: Any, **named: Any) -> Any:
        """Train; for what is given see the stock trainer.

        Low-rank updates read what autocast made 16 bits wide. peft widens it to their own type
        first, and autocast narrows it again: the same numbers, for a tenth of a CPU's step.
        """
        from peft.helpers import disable_input_dtype_casting

        narrow = (self.args.bf16 or self.args.fp16) and not self.is_deepspeed_enabled
        with disable_input_dtype_casting(self.model, active=narrow):
            return super().train(*given, **named)

    def create_optimizer(self, model: Any = None) -> Any:
        """Return what updates the weights; AdamW is the stock trainer's own."""
        if self.optimizer is None and self.settings.optimizer == "muon":
            chosen = self.settings
            precision = "bfloat16" if self.args.bf16 else "float32"
            self.optimizer = build_optimizer(
                self.model, chosen.learning_rate, chosen.weight_decay, precision
            )
        return super().create_optimizer(model)

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Any:
        """Return the loss of a micro-batch, whose gradients are added up part by part."""
        total = torch.zeros((), device=self.args.device)
        for part in batch_parts(inputs, self.most_tokens, self.data_collator.pad_id):
            total = total + super().training_step(model, part, num_items_in_batch)
        return total

    def _save_checkpoint(self, *given: Any, **named: Any) -> None:
        with told_in_one_line("a checkpoint", Path(self.args.output_dir)):
            super()._save_checkpoint(*given, **named)

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Return the share; it is not prepared again, which would share it a second time."""
        return DataLoader(
            self.train_dataset,
            batch_sampler=self.rounds,
            collate_fn=self.data_collator,
            pin_memory=self.args.dataloader_pin_memory,
        )
