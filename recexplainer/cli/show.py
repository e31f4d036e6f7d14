"""``recx report``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["report_command"]


@click.command("report")
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
def report_command(run_folder: Path) -> None:
    """Write report.html, report.md and report.json of a finished run again."""
    from recexplainer.pipeline import rebuild_report
    from recexplainer.report.caveats import undecided_target
    from recexplainer.report.headline import headline

    report = rebuild_report(run_folder)
    click.echo("\n".join([*headline(report), *undecided_target(report)]))
    click.echo(f"\nreport: {run_folder / 'report.html'}")
