"""Checkpoints of a training: which one to resume from, who reads it, where writing fails."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from transformers.trainer import TRAINER_STATE_NAME

from recexplainer.errors import StageError, UserError

__all__ = [
    "check_readable",
    "complete_checkpoint",
    "newest_checkpoint",
    "step_of",
    "told_in_one_line",
]

_ONE_PROCESS = {"processes": 1, "parallel": "ddp"}


def newest_checkpoint(folder: Path) -> str | None:
    """Return the newest complete checkpoint; ones that a kill cut short are deleted."""
    kept = complete_checkpoint(folder)
    for later in _from_the_newest(folder):
        if str(later) == kept:
            break
        shutil.rmtree(later)
    return kept


def complete_checkpoint(folder: Path) -> str | None:
    """Return the newest complete checkpoint of a training folder; deletes nothing."""
    return next((str(path) for path in _from_the_newest(folder) if _complete(path)), None)


def _from_the_newest(folder: Path) -> list[Path]:
    steps = {
        int(path.name.removeprefix("checkpoint-")): path
        for path in (folder / "checkpoints").glob("checkpoint-*")
        if path.name.removeprefix("checkpoint-").isdecimal()
    }
    return [steps[step] for step in sorted(steps, reverse=True)]


def step_of(checkpoint: str | None) -> int:
    """Return how many steps had been made; 0 without a checkpoint."""
    return int(checkpoint.rpartition("-")[2]) if checkpoint else 0


@contextmanager
def told_in_one_line(what: str, folder: Path) -> Iterator[None]:
    """Make one error of what is said where files cannot be written.

    Raises:
        StageError: says why; what was written before is kept.
    """
    try:
        yield
    except Exception as error:
        # PyTorch raises RuntimeError, and the tokenizers' library the bare class.
        named = isinstance(error, OSError | SafetensorError | RuntimeError)
        if not named and type(error) is not Exception:
            raise
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise StageError(
            f"{what} could not be written into {folder} ({reason}). Checkpoints written before it "
            "are kept: make room if the disk is full, and the same command continues there"
        ) from error


def check_readable(checkpoint: str | None, processes: int, parallel: str) -> None:
    """Refuse to continue what other processes cut up in another way.

    Every process of ``ddp`` keeps all, so any number of them can continue. The parts that DeepSpeed
    keeps of the optimizer fit only as many processes as there were.

    Raises:
        UserError: names the processes that can continue.
    """
    if checkpoint is None:
        return
    wrote = _written_by(Path(checkpoint))
    given = {"processes": processes, "parallel": parallel}
    if wrote == given or wrote["parallel"] == parallel == "ddp":
        return
    raise UserError(
        f"{checkpoint} was written by {_words(wrote)}, and {_words(given)} cannot continue it. "
        f"Give --nproc {wrote['processes']} and training.parallel={wrote['parallel']}, or delete "
        f"{Path(checkpoint).parent} to train from the start"
    )


def _complete(checkpoint: Path) -> bool:
    """Whether the first process wrote its last file, and the others to theirs."""
    try:
        count = _written_by(checkpoint)["processes"]
    except (OSError, ValueError):
        return False
    each = [f"rng_state_{rank}.pth" for rank in range(count)] if count > 1 else ["rng_state.pth"]
    return all((checkpoint / name).exists() for name in each)


def _written_by(checkpoint: Path) -> dict[str, Any]:
    state = json.loads((checkpoint / TRAINER_STATE_NAME).read_text("utf-8"))  # written last
    kept: dict[str, Any] = state.get("stateful_callbacks", {}).get("Recorder", {})
    return kept.get("attributes") or _ONE_PROCESS


def _words(who: dict[str, Any]) -> str:
    count = who["processes"]
    return f"{count} process{'' if count == 1 else 'es'} under {who['parallel']}"
