"""``recx ablate``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import yaml

__all__ = ["ablate_command"]


@click.command("ablate")
@click.argument("file", metavar="[CONFIG.yaml]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--without",
    multiple=True,
    metavar="TASK[+TASK]",
    help="A variant that is not taught this, such as discrimination; repeatable.",
)
@click.option(
    "--vary",
    multiple=True,
    metavar="KEY=VALUE",
    help="A variant with this setting, such as alignment.mode=behavior; repeatable.",
)
@click.option(
    "--seed",
    "seeds",
    multiple=True,
    metavar="INTEGER",
    help="A seed of every variant; repeatable.  [default: that of the base]",
)
@click.option("--preset", metavar="NAME", help="Preset that the base starts from.")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting of the base, and so of every variant; repeatable.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder.  [default: ablations/NAME]")
@click.option(
    "--workers", type=click.IntRange(1), help="Runs at a time.  [default: what fits here]"
)
@click.option("--until", metavar="STAGE", help="Stop each run before this, such as explanations.")
@click.option("--dry-run", is_flag=True, help="Check all runs and show the plan; run nothing.")
def ablate_command(  # noqa: PLR0913, PLR0917  # one parameter per flag
    file: Path | None,
    without: tuple[str, ...],
    vary: tuple[str, ...],
    seeds: tuple[str, ...],
    preset: str | None,
    overrides: tuple[str, ...],
    out: Path | None,
    workers: int | None,
    until: str | None,
    dry_run: bool,
) -> None:
    """Run a configuration and variants of it, and say what each part is worth.

    CONFIG.yaml holds base, variants and seeds; or it is the configuration of a run, which flags
    vary. What the runs have in common is done once. The same command resumes, and does nothing
    where nothing changed.
    """
    from recexplainer.config import read_grid
    from recexplainer.pipeline import default_registry
    from recexplainer.pipeline.ablation.ablation_plan import describe_ablation, plan_ablation

    flags = {
        "variants": dict([*_left_out(without), *_varied(vary)]),
        "seeds": list(seeds) or None,
        "preset": preset,
        "until": until,
    }
    grid, problems = read_grid(file, flags)
    folder = out or Path("ablations") / ("default" if file is None else file.stem)
    plan = plan_ablation(grid, folder, default_registry(), overrides=overrides, problems=problems)
    if dry_run:
        for line in describe_ablation(plan, str(workers)):
            click.echo(line)


def _left_out(without: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the variants that leave tasks out, by their names."""
    for given in without:
        tasks = [task.strip() for task in given.split("+")]
        yield f"without {' + '.join(tasks)}", {"without": tasks}


def _varied(vary: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the variants that change one setting, by their names."""
    for given in vary:
        key, _, text = given.partition("=")
        yield re.sub(r"^.*\.", "", key) + f" {text}", {"set": {key: yaml.safe_load(text)}}
