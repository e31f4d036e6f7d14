"""Trains a folder in this process, or starts the processes that share its training."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from recexplainer.errors import MissingExtraError, StageError, UserError
from recexplainer.records import Progress
from recexplainer.surrogate.settings import TrainingReport

__all__ = ["Launch", "Launcher", "train_in"]

Launcher = Literal["torchrun", "deepspeed"]
_WORKER = "recexplainer.surrogate.worker"


@dataclass(frozen=True)
class Launch:
    """Who starts how many processes.

    Attributes:
        launcher: the program; ``deepspeed`` needs the extra and can start them on several hosts.
        processes: how many on each host; one per device.
        hostfile: DeepSpeed's list of hosts, ``HOST slots=N`` a line.
    """

    processes: int = 1
    launcher: Launcher = "torchrun"
    hostfile: Path | None = None

    def command(self, folder: Path) -> list[str]:
        """Return the command that trains ``folder``."""
        python = [sys.executable, "-m"]
        if self.launcher == "torchrun":
            each = ["--standalone", "--nproc-per-node", str(self.processes)]
            return [*python, "torch.distributed.run", *each, "-m", _WORKER, str(folder)]
        where = ["--hostfile", str(self.hostfile)] if self.hostfile else []
        each = ["--num_gpus", str(self.processes), "--module"]
        return [*python, "deepspeed.launcher.runner", *where, *each, _WORKER, str(folder)]

    def check(self) -> None:
        """Refuse what cannot be started.

        Raises:
            MissingExtraError: DeepSpeed is to start it and is not installed.
            UserError: the hostfile is missing, or nobody would read it.
        """
        from recexplainer.surrogate.zero import has_deepspeed

        if self.hostfile and self.launcher != "deepspeed":
            raise UserError("--hostfile is read by DeepSpeed; give --launcher deepspeed with it")
        if self.hostfile and not self.hostfile.is_file():
            raise UserError(f"--hostfile: there is no file {self.hostfile}")
        if self.launcher == "deepspeed" and not has_deepspeed():
            raise MissingExtraError("deepspeed", "deepspeed", "for --launcher deepspeed")


def train_in(folder: Path, launch: Launch, progress: Progress) -> TrainingReport:
    """Train what ``prepare`` wrote into ``folder``, unless that is done.

    Args:
        folder: the training folder.
        launch: in which processes.
        progress: where to report; several processes report on the terminal themselves.

    Raises:
        UserError: these processes cannot train it, or not continue what is there.
        StageError: a process ended before the training did; the same call continues.
    """
    from recexplainer.surrogate.training import read_report, train

    launch.check()
    report = read_report(folder)
    if report is not None:
        return report
    if not _needs_launcher(folder, launch):
        return train(folder, progress)
    ended = subprocess.run(launch.command(folder), check=False).returncode  # noqa: S603  # ours
    report = read_report(folder)
    if ended or report is None:
        raise StageError(
            f"the processes that train {folder} ended early (exit code {ended}); what they said is "
            "above. The same command continues at their last checkpoint"
        )
    return report


def _needs_launcher(folder: Path, launch: Launch) -> bool:
    """Whether more than this process is needed; says in one line what could not work there."""
    from recexplainer.surrogate.backbones import choose_device, choose_precision
    from recexplainer.surrogate.checkpoints import check_readable, newest_checkpoint
    from recexplainer.surrogate.preparing import read_settings
    from recexplainer.surrogate.zero import choose_parallel

    settings = read_settings(folder)
    device = choose_device(settings.device)
    choose_precision(settings.precision, device)
    parallel = choose_parallel(settings, launch.processes, device)
    if launch.hostfile is None:  # else the hosts say how many there are
        _check_devices(device, launch.processes)
        check_readable(newest_checkpoint(folder), launch.processes, parallel)
    return launch.processes > 1 or launch.launcher == "deepspeed" or parallel != "ddp"


def _check_devices(device: str, processes: int) -> None:
    import torch

    visible = torch.cuda.device_count()
    if device == "cuda" and processes > visible:
        raise UserError(
            f"--nproc {processes} needs as many GPUs, and {visible} can be seen here; give --nproc "
            f"{visible}, or surrogate.device=cpu"
        )
