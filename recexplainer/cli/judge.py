"""``recx judge``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["judge_command"]


@click.command("judge")
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--judge",
    "judges",
    multiple=True,
    required=True,
    metavar="NAME",
    help="Judge to ask, such as offline or chat:MODEL; repeatable.",
)
@click.option(
    "--cases",
    metavar="INTEGER",
    help="Grade a sample of so many cases.  [default: all]",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting, such as judging.options.chat.max_cost=5.",
)
def judge_command(
    run_folder: Path, judges: tuple[str, ...], cases: str | None, overrides: tuple[str, ...]
) -> None:
    """Grade the explanations of a finished run, and write its report again.

    Judges that are asked over the network keep what they answered: an interrupted command
    continues, and nothing is asked twice.
    """
    from recexplainer.pipeline import judge_again
    from recexplainer.runs.progress_lines import console_progress

    sample = [] if cases is None else [f"judging.cases={cases}"]
    judge_again(run_folder, judges, overrides=[*overrides, *sample], progress=console_progress())
    click.echo(f"report: {run_folder / 'report.html'}")
