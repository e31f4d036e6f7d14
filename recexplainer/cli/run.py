"""``recx run``."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from recexplainer.runs.steps import StageName

__all__ = ["run_command"]


@click.command("run")
@click.argument("file", metavar="[CONFIG.yaml]", required=False, type=click.Path(path_type=Path))
@click.option("--dataset", help="Data set, such as ml-100k or csv.  [default: ml-100k]")
@click.option("--target", help="The recommender to explain, such as sasrec.  [default: sasrec]")
@click.option("--align", help="behavior, intention or hybrid.  [default: hybrid]")
@click.option("--backbone", help="tiny, a folder, a GGUF file, or a hub id.  [default: tiny]")
@click.option("--explainers", help="Names, comma separated.  [default: surrogate,unchecked]")
@click.option("--seed", metavar="INTEGER", help="Seed of everything drawn at random.  [default: 0]")
@click.option("--preset", metavar="NAME", help="Settings to start from, such as large or paper.")
@click.option("--nproc", metavar="INTEGER", help="Processes that train, one per GPU.  [default: 1]")
@click.option("--out", type=click.Path(path_type=Path), help="Run folder.  [default: runs/NAME]")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Any setting, such as training.budget=2; repeatable.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Check everything, show the plan and what it takes; run nothing.",
)
@click.option("--until", metavar="STAGE", help="Stop before this stage, such as fidelity.")
@click.option(
    "--prepare-only",
    "until",
    flag_value="surrogate",
    help="Stop before the training; then: recx train. Short for --until surrogate.",
)
def run_command(  # noqa: PLR0913, PLR0917  # one parameter per flag
    file: Path | None,
    dataset: str | None,
    target: str | None,
    align: str | None,
    backbone: str | None,
    explainers: str | None,
    seed: str | None,
    preset: str | None,
    nproc: str | None,
    out: Path | None,
    overrides: tuple[str, ...],
    dry_run: bool,
    until: StageName | None,
) -> None:
    """Train a surrogate of a recommender, measure it, and write checked explanations.

    What comes later wins: --preset, the file, flags, --set. Running the same command again resumes
    what was interrupted and repeats nothing that is done.
    """
    from recexplainer.config import read_config
    from recexplainer.pipeline import default_registry, describe, preflight, run
    from recexplainer.runs.steps import STAGES

    names = [name.strip() for name in explainers.split(",")] if explainers else None
    flags = {
        "dataset.name": dataset,
        "target.name": target,
        "alignment.mode": align,
        "surrogate.backbone": backbone,
        "explanations.explainers": names,
        "seed": seed,
        "training.processes": nproc,
    }
    config, problems = read_config(file, overrides, flags, preset)
    folder = out or _folder_of((config.dataset.name, config.target.name, config.alignment.mode))
    registry = default_registry()
    if dry_run:
        checked = preflight(config, registry, folder, problems, until=STAGES[0])
        for line in describe(checked):
            click.echo(line)
        return
    from recexplainer.report.caveats import undecided_target
    from recexplainer.report.headline import headline
    from recexplainer.runs.progress_lines import console_progress

    command = shlex.join(["recx", *sys.argv[1:]])
    report = run(
        config,
        folder,
        until=until,
        registry=registry,
        progress=console_progress(),
        command=command,
        problems=problems,
    )
    if report is None:
        train = f" Train it with: recx train {shlex.quote(str(folder))}"
        click.echo(f"stopped before {until}.{train if until == 'surrogate' else ''}")
        return
    click.echo("\n".join([*headline(report), *undecided_target(report)]))
    click.echo(f"\nreport: {folder / 'report.html'}")


def _folder_of(parts: Sequence[str]) -> Path:
    """Return the run folder of these names, which may hold signs that no file system takes."""
    plain = re.sub(r"[^\w.-]+", "-", "-".join(parts))
    as_it_was = Path("runs") / "-".join(parts)  # before signs were replaced: still resumed there
    return as_it_was if as_it_was.is_dir() else Path("runs") / plain
