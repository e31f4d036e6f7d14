"""``recx ablate``."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

if TYPE_CHECKING:
    from recexplainer.report.ablation_record import Ablation

__all__ = ["ablate_command"]

_WIDEST = 1000


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
@click.pass_context
def ablate_command(  # noqa: PLR0913, PLR0917  # one parameter per flag
    context: click.Context,
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
    from recexplainer.pipeline.ablation.ablation_plan import (
        describe_ablation,
        plan_ablation,
        plan_lines,
    )
    from recexplainer.pipeline.ablation.pool_size import pool_size

    flags = {
        "variants": dict([*_left_out(without), *_varied(vary)]),
        "seeds": list(seeds) or None,
        "preset": preset,
        "until": until,
    }
    grid, problems = read_grid(file, flags)
    folder = out or Path("ablations") / ("default" if file is None else file.stem)
    plan = plan_ablation(grid, folder, default_registry(), overrides=overrides, problems=problems)
    size = pool_size(plan, workers)
    if dry_run:
        for line in describe_ablation(plan, size.words):
            click.echo(line)
        return
    from recexplainer.pipeline.ablation.ablation_run import ablate
    from recexplainer.report.ablation_words import failure_lines
    from recexplainer.runs.progress_lines import console_progress

    progress = console_progress()
    for line in plan_lines(plan, size.words):
        progress.note(line)
    found = ablate(plan, size, shlex.join(["recx", *sys.argv[1:]]), progress)
    _print_table(found)
    click.echo(f"\nablation: {folder / 'ablation.html'}")
    failures = list(failure_lines(found))
    for line in failures:
        click.echo(f"recx: {line}", err=True)
    context.exit(1 if failures else 0)


def _print_table(ablation: Ablation) -> None:
    """Print the figures of held-out moments: value, and the difference to the base."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from recexplainer.report.ablation_tables import ablation_tables
    from recexplainer.report.ablation_words import difference_text
    from recexplainer.report.labels import split_text

    for shown in ablation_tables(ablation)[:1]:
        table = Table(box=box.SIMPLE, show_edge=False)
        for head in ("task", "metric", "variant"):
            table.add_column(head, no_wrap=True)
        table.add_column(split_text(shown.split), justify="right", no_wrap=True)
        table.add_column("difference to the base", justify="right", no_wrap=True)
        for place, (task, metric) in enumerate(shown.columns):
            for row in shown.rows:
                cell = row.cells[place]
                if cell is not None and cell.value is not None:
                    change = difference_text(cell.difference)
                    table.add_row(task, metric, row.name, f"{cell.value:.3f}", change)
        # As wide as the table needs: a narrow terminal may wrap lines, but nothing is cut off.
        Console(width=_WIDEST, highlight=False).print(table)


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
