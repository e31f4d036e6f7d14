"""``recx run``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

__all__ = ["run_command"]


@click.command("run")
@click.argument("file", metavar="[CONFIG.yaml]", required=False, type=click.Path(path_type=Path))
@click.option("--dataset", help="Data set, such as ml-100k or csv.  [default: ml-100k]")
@click.option("--target", help="The recommender to explain, such as sasrec.  [default: sasrec]")
@click.option("--align", help="behavior, intention or hybrid.  [default: hybrid]")
@click.option("--backbone", help="tiny, a folder, or a hub id.  [default: tiny]")
@click.option("--explainers", help="Who explains, comma separated.  [default: surrogate]")
@click.option("--seed", metavar="INTEGER", help="Seed of everything drawn at random.  [default: 0]")
@click.option("--out", type=click.Path(path_type=Path), help="Run folder.  [default: runs/NAME]")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Any setting, such as training.budget=2; repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Check everything and show the plan; run nothing.")
def run_command(  # noqa: PLR0913, PLR0917  # one parameter per flag
    file: Path | None,
    dataset: str | None,
    target: str | None,
    align: str | None,
    backbone: str | None,
    explainers: str | None,
    seed: str | None,
    out: Path | None,
    overrides: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Train a surrogate of a recommender, measure it, and write checked explanations.

    Flags and --set win over the file. Running the same command again resumes what was interrupted
    and repeats nothing that is done.
    """
    from recexplainer.config import read_config
    from recexplainer.pipeline import default_registry, describe, plan, run

    names = [name.strip() for name in explainers.split(",")] if explainers else None
    flags = {
        "dataset.name": dataset,
        "target.name": target,
        "alignment.mode": align,
        "surrogate.backbone": backbone,
        "explanations.explainers": names,
        "seed": seed,
    }
    config, problems = read_config(file, overrides, flags)
    parts = (config.dataset.name, config.target.name, config.alignment.mode)
    folder = out or Path("runs") / "-".join(parts)
    registry = default_registry()
    plan(config, registry, folder, problems)  # so that all mistakes are reported together
    if dry_run:
        click.echo("\n".join(describe(config, folder, registry=registry)))
        return
    from recexplainer.report.summary import headline
    from recexplainer.runs.showing import console_progress

    command = shlex.join(["recx", *sys.argv[1:]])
    report = run(config, folder, registry=registry, progress=console_progress(), command=command)
    click.echo("\n".join(headline(report)))
    click.echo(f"\nreport: {folder / 'report.html'}")
