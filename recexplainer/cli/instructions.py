"""``recx instructions``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["instructions_command"]


@click.command("instructions")
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--cases",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="Cases to explain anew for each attribute.",
)
def instructions_command(run_folder: Path, cases: int) -> None:
    """Measure whether a run's explainers keep to an attribute when told to.

    They explain some of the run's cases again, told "only genre" and so on for each attribute of
    the data set. The report tells whether the texts change, decide as before, and talk of what was
    asked for.
    """
    from recexplainer.pipeline.after.instruction_check import run_instructions
    from recexplainer.report.labels import figure_text, split_text
    from recexplainer.report.tables import instruction_metrics
    from recexplainer.runs.progress_lines import console_progress

    report = run_instructions(run_folder, cases=cases, progress=console_progress())
    figures = instruction_metrics(report)
    for subject, split in dict.fromkeys((figure.subject, figure.split) for figure in figures):
        click.echo(f"{subject}, {split_text(split)}")
        for figure in figures:
            if (figure.subject, figure.split) == (subject, split):
                click.echo(f"  {figure.metric:<30} {figure_text(figure)}")
    click.echo(f"\nreport: {run_folder / 'report.html'}")
