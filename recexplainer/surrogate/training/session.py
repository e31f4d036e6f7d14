"""Training session from a folder alone (paper, section 3.3), in one or several processes.

``training_folder`` writes ``settings.json``, ``encoded.safetensors``, ``vectors.safetensors`` (for
targets that have them), ``pulls.npz`` (where removals were asked about), ``initial/`` (before any
step: the ``unaligned`` baseline) and ``start/`` (where the tiny model has been given the target's
vectors to start from). Training adds ``plan.json``, ``pull_network.safetensors`` and, while it
runs, ``checkpoints/``; then ``log.jsonl``, ``model/``, and at last ``training.jsonl``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from accelerate import PartialState
from torch.utils.data import Sampler
from transformers import TrainerCallback

from recexplainer.errors import StageError, UserError
from recexplainer.records import Progress
from recexplainer.runs.artifacts import read_records, write_records
from recexplainer.runs.memory import reuse_memory
from recexplainer.surrogate.corpus.batches import LengthBatches
from recexplainer.surrogate.corpus.training_files import PULL_NETWORK, REPORT, TRAINED
from recexplainer.surrogate.corpus.training_folder import read_counts, read_settings
from recexplainer.surrogate.estimate.step_timer import StepTimes, time_steps
from recexplainer.surrogate.estimate.time_words import training_line
from recexplainer.surrogate.model.cpu_threads import on_threads
from recexplainer.surrogate.model.surrogate_files import save_surrogate
from recexplainer.surrogate.model.training_settings import (
    SurrogateSettings,
    TrainingPoint,
    TrainingReport,
)
from recexplainer.surrogate.training.callbacks import Recorder
from recexplainer.surrogate.training.checkpoints import (
    check_readable,
    newest_checkpoint,
    step_of,
    told_in_one_line,
)
from recexplainer.surrogate.training.curve_tracker import tracker_callbacks
from recexplainer.surrogate.training.pull_training import train_pulls
from recexplainer.surrogate.training.trainer import SharedTrainer, Sharing, TrainingSetup
from recexplainer.surrogate.training.training_plan import (
    choose_rows,
    halve_rows,
    keep_plan,
    keep_rows,
    keep_steps,
    read_plan,
)
from recexplainer.surrogate.training.zero_stages import choose_parallel, gathered

__all__ = ["read_report", "time_training", "train"]


def read_report(folder: Path) -> TrainingReport | None:
    """Return the result of a finished training; None where it is not finished."""
    if not (folder / REPORT).exists():
        return None
    (report,) = read_records(folder / REPORT, TrainingReport)
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
    settings = read_settings(folder)
    rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    plan = keep_plan(folder, settings)
    sharing = Sharing.of(settings, keep_rows(folder, settings, world), world, rank)
    parallel = choose_parallel(settings, sharing.world, plan.device)
    setup = TrainingSetup.of(folder, settings, plan, sharing, parallel)
    times = _timed(setup)
    with PartialState().main_process_first():  # it decides, and deletes what others must not find
        if sharing.rank == 0:
            train_pulls(folder, settings, progress)
        steps, foretold = keep_steps(folder, settings, setup.per_pass, times)
        checkpoint = newest_checkpoint(folder)
    check_readable(checkpoint, sharing.world, parallel)
    batches = setup.batches(steps)
    share, done = setup.share(batches), step_of(checkpoint)
    times = replace(times, positions=share.positions(steps))
    written_by = {"processes": sharing.world, "parallel": parallel}
    recorder = Recorder(
        folder / "log.jsonl", batches, settings.save_every_seconds, written_by, progress
    )
    trackers = tracker_callbacks(settings.tracker, folder) if sharing.rank == 0 else ()
    trainer = setup.trainer(share, [recorder, *trackers], steps, folder / "checkpoints")
    progress.note(training_line(settings, times, steps, setup.per_pass, done))
    shown = progress.bar(
        "training the surrogate", steps, sizes=times.seconds(steps).tolist(), done=done
    )
    with shown as recorder.bar, on_threads(settings.threads), _told_of_memory(folder, settings):
        trainer.train(resume_from_checkpoint=checkpoint)
    report = _report(setup, trainer, batches, steps, foretold, recorder.curve())
    with gathered(trainer.surrogate, parallel):
        if trainer.is_world_process_zero():
            with told_in_one_line("the trained surrogate", folder):
                _finish(folder, trainer, report)
    trainer.accelerator.wait_for_everyone()
    return report


def _report(  # what was prepared, decided and logged
    setup: TrainingSetup,
    trainer: SharedTrainer,
    batches: LengthBatches,
    steps: int,
    foretold: float,
    curve: tuple[TrainingPoint, ...],
) -> TrainingReport:
    """Return the report of a training that has made its ``steps``, each ``foretold`` in seconds."""
    plan, sharing, settings = setup.plan, setup.sharing, setup.settings
    return TrainingReport(
        parameters=_count(trainer.surrogate.parameters()),
        trainable=_count(p for p in trainer.surrogate.parameters() if p.requires_grad),
        vocabulary=len(trainer.encoder.tokenizer),
        examples=len(setup.encoded),
        tokens=int(setup.encoded.lengths.sum()),
        **asdict(read_counts(setup.folder)),
        padding_share=batches.padding_share(),
        steps=steps,
        passes=steps / setup.per_pass,
        minutes=settings.minutes,
        foretold_seconds=round(steps * foretold, 3),
        precision=plan.precision,
        chosen_by=plan.reason,
        device=plan.device,
        processes=sharing.world,
        parallel=setup.parallel,
        curve=curve,
    )


@contextmanager
def _told_of_memory(folder: Path, settings: SurrogateSettings) -> Iterator[None]:
    """Where the memory runs out all the same, compute half as many at once the next time."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:  # a GPU's has a type of its own, a CPU's has not
        if not isinstance(error, MemoryError | torch.OutOfMemoryError) and (
            "can't allocate memory" not in str(error)
        ):
            raise
        rows = halve_rows(folder, settings)
        raise StageError(
            f"the memory ran out; the same command continues at the last checkpoint, with {rows} "
            "examples at once"
            if rows
            else "the memory ran out over one example; set training.gradient_checkpointing=true "
            "or end what else takes memory, and give the same command again"
        ) from error


def time_training(folder: Path, settings: SurrogateSettings, processes: int = 1) -> StepTimes:
    """Return how long the steps of a training take here, from a few that are made and forgotten.

    Nothing is written into ``folder``. Of several processes, one makes its share of those steps
    alone; what they would tell each other meanwhile is not timed.

    Args:
        folder: the training folder.
        settings: of the training; how fast it goes may differ from what the folder says.
        processes: how many are to share the training.

    Raises:
        UserError: the training cannot be done here, or one process cannot stand for the others.
    """
    reuse_memory()
    plan = read_plan(folder, settings)
    parallel = choose_parallel(settings, processes, plan.device)
    if "zero3" in parallel or "offload" in parallel:
        raise UserError(f"under {parallel} no process can make a step alone")
    if processes > 1 and plan.device == "cpu" and "OMP_NUM_THREADS" not in os.environ:
        settings = settings.model_copy(update={"threads": settings.threads or 1})  # as launched
    rows = plan.rows or choose_rows(folder, settings, processes)
    sharing = Sharing.of(settings, rows, processes)
    return _timed(TrainingSetup.of(folder, settings, plan, sharing, "ddp"))


def _timed(setup: TrainingSetup) -> StepTimes:
    settings = setup.settings
    steps = setup.plan.steps or settings.known_steps(setup.per_pass)
    share = setup.share(setup.batches(steps))
    with TemporaryDirectory() as place, on_threads(settings.threads):

        def trainer(
            rounds: Sampler[list[int]], callbacks: Sequence[TrainerCallback], steps: int
        ) -> SharedTrainer:
            return setup.trainer(rounds, callbacks, steps, Path(place))

        return time_steps(trainer, share, steps)


def _finish(folder: Path, trainer: SharedTrainer, report: TrainingReport) -> None:
    """Write the result of the training; the report, which says that it is finished, last."""
    for weight in trainer.surrogate.parameters():
        if weight.requires_grad:  # DeepSpeed computes in, and leaves behind, half precision
            weight.data = weight.data.float()
    recipe = trainer.settings.recipe
    save_surrogate(trainer.surrogate, trainer.encoder, folder / TRAINED, recipe)
    if (folder / PULL_NETWORK).exists():
        shutil.copyfile(folder / PULL_NETWORK, folder / TRAINED / PULL_NETWORK)
    write_records(folder / REPORT, [report])
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)


def _count(weights: Any) -> int:
    """Count numbers; ZeRO-3 leaves only a weight's part in a process, and notes how many it has."""
    return sum(getattr(weight, "ds_numel", weight.numel()) for weight in weights)
