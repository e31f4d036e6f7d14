"""``recx study``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["study_command"]

_FOLDER = click.Path(path_type=Path)


@click.group("study")
def study_command() -> None:
    """Have people grade a run's explanations, blinded, by the paper's scale.

    Hand each rater one form; they open it in any browser and send back the file that it downloads.
    """


@study_command.command("export")
@click.argument("run_folder", metavar="RUN", type=_FOLDER)
@click.option("--raters", type=click.IntRange(1), default=3, show_default=True, help="How many.")
@click.option(
    "--cases",
    type=click.IntRange(1),
    default=120,
    show_default=True,
    help="Cases that each rater is shown, with every explainer's text.",
)
def export_command(run_folder: Path, raters: int, cases: int) -> None:
    """Write one form per rater, and the answer key, into RUN/study."""
    from recexplainer.pipeline.after.study_round import export_study

    for form in export_study(run_folder, raters=raters, cases=cases):
        click.echo(f"form: {form}")
    click.echo("keep answer-key.jsonl to yourself; then: recx study import RUN FILES...")


@study_command.command("import")
@click.argument("run_folder", metavar="RUN", type=_FOLDER)
@click.argument("files", metavar="FILES...", nargs=-1, required=True, type=_FOLDER)
def import_command(run_folder: Path, files: tuple[Path, ...]) -> None:
    """Read the raters' answers, and write the report again with their grades."""
    from recexplainer.pipeline.after.study_round import import_study
    from recexplainer.report.labels import figure_text

    report = import_study(run_folder, files)
    for metric in report.metrics:
        if metric.metric.startswith("study_"):
            click.echo(f"{metric.subject}, {metric.split}: {metric.metric} {figure_text(metric)}")
    click.echo(f"report: {run_folder / 'report.html'}")
