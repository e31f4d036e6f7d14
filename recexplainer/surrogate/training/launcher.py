"""Launcher of a training: in this process, or in several that share it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from recexplainer.errors import ConfigError, MissingExtraError, StageError, UserError
from recexplainer.records import Progress
from recexplainer.surrogate.model.training_settings import TrainingReport
from recexplainer.surrogate.training.host_list import check_reachable, read_hosts
from recexplainer.surrogate.training.parent_watch import environment_of_workers

__all__ = ["Launch", "Launcher", "train_in"]

Launcher = Literal["torchrun", "deepspeed"]
_WORKER = "recexplainer.surrogate.training.worker"
_PORT = "29500"
"""Where the first of several hosts listens, unless ``MASTER_PORT`` says otherwise."""

_SECONDS_TO_END = 30


@dataclass(frozen=True)
class Launch:
    """Who starts how many processes.

    Attributes:
        launcher: the program; ``deepspeed`` needs the extra and can start them on several hosts.
        processes: how many on each host; one per device.
        hostfile: DeepSpeed's list of hosts, ``HOST slots=N`` a line, of which the first
            ``processes`` slots are taken.
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
        port = os.environ.get("MASTER_PORT") or (_PORT if self.hostfile else _free_port())
        each = ["--num_gpus", str(self.processes), "--master_port", port, "--module"]
        return [*python, "deepspeed.launcher.runner", *where, *each, _WORKER, str(folder)]

    def environment(self) -> dict[str, str]:
        """Return the environment that the command is started in."""
        environment = environment_of_workers()
        if self.launcher == "torchrun" and self.processes > 1:
            environment.setdefault("OMP_NUM_THREADS", "1")  # torchrun's choice, which it warns of
        return environment

    @property
    def world(self) -> int:
        """How many processes there are on all hosts together."""
        return self.processes * (len(read_hosts(self.hostfile)) if self.hostfile else 1)

    def check(self) -> None:
        """Refuse what cannot be started.

        Raises:
            MissingExtraError: DeepSpeed is to start it and is not installed.
            UserError: the hostfile is missing or wrong, its hosts cannot be reached from here, or
                nobody would read it.
        """
        from recexplainer.surrogate.training.zero_stages import has_deepspeed

        if self.hostfile and self.launcher != "deepspeed":
            raise UserError("--hostfile is read by DeepSpeed; give --launcher deepspeed with it")
        hosts = read_hosts(self.hostfile) if self.hostfile else {}
        if self.launcher == "deepspeed" and not has_deepspeed():
            raise MissingExtraError("deepspeed", "deepspeed", "for --launcher deepspeed")
        if hosts:
            check_reachable(hosts, self.processes)


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
    from recexplainer.surrogate.training.session import read_report, train

    launch.check()
    report = read_report(folder)
    if report is not None:
        return report
    if not _needs_launcher(folder, launch):
        return train(folder, progress)
    ended = _run(launch.command(folder), launch.environment())
    report = read_report(folder)
    if ended or report is None:
        raise StageError(
            f"the processes that train {folder} ended early (exit code {ended}); what they said is "
            "above. The same command continues at their last checkpoint"
        )
    return report


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Return the launcher's exit code; an interrupt waits until it has ended its processes."""
    launcher = subprocess.Popen(command, env=environment)  # noqa: S603  # our own
    try:
        return launcher.wait()
    except BaseException:
        launcher.terminate()
        try:
            launcher.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            launcher.kill()  # its processes end by themselves then
        raise


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def _needs_launcher(folder: Path, launch: Launch) -> bool:
    """Whether more than this process is needed; says at once what could not work there."""
    from recexplainer.surrogate.corpus.training_folder import read_settings
    from recexplainer.surrogate.model.compute_type import choose_device
    from recexplainer.surrogate.training.requirements import training_lacks
    from recexplainer.surrogate.training.zero_stages import choose_parallel

    settings = read_settings(folder)
    here = 0 if launch.hostfile else launch.processes  # this machine may be none of the hosts
    lacks = list(training_lacks(settings, launch.world, here=here, begun=folder))
    if lacks:
        raise ConfigError(lacks)
    parallel = choose_parallel(settings, launch.world, choose_device(settings.device))
    return launch.world > 1 or launch.launcher == "deepspeed" or parallel != "ddp"
