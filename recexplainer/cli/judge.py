"""``recx judge``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["judge_command"]


@click.command("judge")
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--judge", "judges", multiple=True, required=True, help="Judge to ask; repeatable.")
def judge_command(run_folder: Path, judges: tuple[str, ...]) -> None:
    """Grade the explanations of a finished run, and write its report again."""
    from recexplainer.pipeline import judge_again
    from recexplainer.runs.showing import console_progress

    judge_again(run_folder, judges, progress=console_progress())
    click.echo(f"report: {run_folder / 'report.html'}")
