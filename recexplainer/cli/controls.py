"""``recx controls``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["controls_command"]

_COLUMNS = ("faithfulness_drop", "faithfulness_drop_shuffled", "faithfulness_drop_reinitialized")


@click.command("controls")
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
def controls_command(run_folder: Path) -> None:
    """Put a run's explanations to recommenders that are not its own.

    Their faithfulness must be gone when each item has the scores of another, and when the
    recommender's weights are in random order; the report says so in red where it is not.
    """
    from recexplainer.pipeline.after.control_check import run_controls
    from recexplainer.report.control_results import failed_controls
    from recexplainer.report.labels import figure_text, split_text
    from recexplainer.report.tables import explanation_metrics
    from recexplainer.runs.progress_lines import console_progress

    report = run_controls(run_folder, progress=console_progress())
    figures = {(m.subject, m.split, m.metric): m for m in explanation_metrics(report)}
    for subject, split in dict.fromkeys((subject, split) for subject, split, _ in figures):
        click.echo(f"{subject}, {split_text(split)}")
        for name in _COLUMNS:
            click.echo(f"  {name:<32} {figure_text(figures.get((subject, split, name)))}")
    failed = failed_controls(report)
    click.echo("\n".join(["", *(failed or ["No control failed."])]))
    click.echo(f"\nreport: {run_folder / 'report.html'}")
