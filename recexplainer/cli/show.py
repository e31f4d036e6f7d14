"""``recx report`` and ``recx compare``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["compare_command", "report_command"]

_WIDEST = 1000


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


@click.command("compare")
@click.argument(
    "run_folders", metavar="RUN RUN...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
def compare_command(run_folders: tuple[Path, ...]) -> None:
    """Put the figures of runs side by side, with 95 % intervals; * marks those apart."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from recexplainer.report.comparison import compare_reports, comparison_caveats
    from recexplainer.report.render.report_files import load_report

    reports = {str(folder): load_report(folder) for folder in run_folders}
    table = Table(box=box.SIMPLE, show_edge=False)
    for head in ("task", "metric", "split", "subject"):
        table.add_column(head, no_wrap=True)
    for name in reports:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for row in compare_reports(reports):
        cells = [row.texts[name] for name in reports]
        apart = "*" if row.apart else ""
        table.add_row(row.task, row.metric, row.split, row.subject, *cells, apart)
    # As wide as the table needs: a narrow terminal may wrap lines, but nothing is cut off.
    console = Console(width=_WIDEST, highlight=False)
    console.print(table)
    for caveat in comparison_caveats(reports):
        console.print(f"note: {caveat}")
