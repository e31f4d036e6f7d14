"""``recx train``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

__all__ = ["train_command"]


@click.command("train")
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--launcher",
    type=click.Choice(["torchrun", "deepspeed"]),
    default="torchrun",
    show_default=True,
    help="Who starts the processes.",
)
@click.option(
    "--nproc",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes on each host, one per GPU.",
)
@click.option("--hostfile", type=click.Path(path_type=Path), help="DeepSpeed's list of hosts.")
def train_command(
    folder: Path, launcher: Literal["torchrun", "deepspeed"], nproc: int, hostfile: Path | None
) -> None:
    """Train the surrogate alone: of a RUN that was prepared, or in a copy of its 4-surrogate.

    The processes read that folder and nothing else. The same command continues after an interrupt;
    afterwards, recx run goes on with what comes next.
    """
    from recexplainer.pipeline.after.prepared_folder import train_run
    from recexplainer.runs.progress_lines import console_progress
    from recexplainer.surrogate.corpus.training_files import TRAINED
    from recexplainer.surrogate.training.launcher import Launch

    launch = Launch(nproc, launcher, hostfile)
    click.echo(f"trained: {train_run(folder, launch, console_progress()) / TRAINED}")
