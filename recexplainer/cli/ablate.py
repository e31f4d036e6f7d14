"""``recx ablate``."""

from __future__ import annotations

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
    "--workers",
    type=click.IntRange(1),
    metavar="INTEGER",
    help="Runs at a time.  [default: as many as fit here]",
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

    problems: list[str] = []
    flags = {
        "variants": dict([*_left_out(without), *_varied(vary, problems)]),
        "seeds": list(seeds) or None,
        "preset": preset,
        "until": until,
    }
    grid, found = read_grid(file, flags)
    problems += found
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
    ablation = ablate(plan, size, shlex.join(["recx", *sys.argv[1:]]), progress)
    _print_table(ablation)
    click.echo(f"\nablation: {folder / 'ablation.html'}")
    failures = list(failure_lines(ablation))
    for line in failures:
        click.echo(f"recx: {line}", err=True)
    context.exit(1 if failures else 0)


def _print_table(ablation: Ablation) -> None:
    """Print what is drawn, * where the difference to the base is clear, and what was found."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from recexplainer.report.ablation_words import ablation_findings, signed
    from recexplainer.report.charts.scaled_metrics import scaled_metrics
    from recexplainer.report.labels import task_text

    metrics = scaled_metrics(ablation)
    table = Table(box=box.SIMPLE, show_edge=False)
    table.add_column("variant", no_wrap=True)
    for metric in metrics:
        table.add_column(f"{task_text(metric.task)}\n{metric.metric}", justify="right")
    for variant in ablation.variants:
        cells = []
        for metric in metrics:
            figure = metric.values.get(variant.name)
            difference = None if figure is None else figure.difference
            value = "–" if figure is None or figure.value is None else f"{figure.value:.3f}"
            clear = "*" if difference is not None and difference.clear else " "
            change = "" if difference is None else f" {signed(difference.value)}{clear}"
            cells.append(value + change)
        table.add_row(variant.name, *cells)
    # As wide as the table needs: a narrow terminal may wrap lines, but nothing is cut off.
    Console(width=_WIDEST, highlight=False).print(table)
    for line in ablation_findings(ablation):
        click.echo(click.wrap_text(line, 96, subsequent_indent="  "))


def _left_out(without: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the variants that leave tasks out, by their names."""
    for given in without:
        tasks = [task.strip() for task in given.split("+")]
        yield f"without {' + '.join(tasks)}", {"without": tasks}


def _varied(vary: tuple[str, ...], problems: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the variants that change one setting, by their names."""
    for given in vary:
        key, sign, text = given.partition("=")
        if sign:
            yield given, {"set": {key.strip(): _value(text)}}
        else:
            problems.append(f"--vary {given}: must look like section.key=value")


def _value(text: str) -> Any:
    """Return what YAML reads in ``text``; what is not YAML stands for itself."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text
