"""``recx compare``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recexplainer.errors import UserError

if TYPE_CHECKING:
    from recexplainer.audit.versions.version_comparison import Comparison
    from recexplainer.report.figure_conditions import Condition
    from recexplainer.report.model import Report
    from recexplainer.report.named_figures import FigureTable

__all__ = ["CONDITION_HOLDS", "compare_command"]

CONDITION_HOLDS = 3
"""Exit code where a condition of ``--fail-if`` holds."""
_WIDEST = 1000


@click.command("compare")
@click.argument(
    "run_folders", metavar="RUN RUN...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--users",
    type=int,
    default=400,
    show_default=True,
    help="Users, drawn at random, whom two recommenders are asked about.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for comparison.html and comparison.json.  [default: the second RUN]",
)
@click.option("--reports", is_flag=True, help="Put reports side by side only; ask nobody.")
@click.option(
    "--fail-if",
    "fail_if",
    metavar="CONDITION",
    multiple=True,
    help="End with 3 if it holds, such as 'faithfulness<0.2'; repeatable.",
)
@click.option("--figures", is_flag=True, help="List what a condition can name, and nothing else.")
@click.pass_context
def compare_command(  # one per option  # noqa: PLR0913, PLR0917
    context: click.Context,
    run_folders: tuple[Path, ...],
    users: int,
    out: Path | None,
    reports: bool,
    fail_if: tuple[str, ...],
    figures: bool,
) -> None:
    """Say what changed between two runs, and put the figures of runs side by side.

    Two recommenders are asked the same: where decisions change and for whom, how far lists agree,
    what each leans on more. Reports follow with 95 % intervals; * marks figures apart.
    """
    from recexplainer.report.figure_conditions import conditions_of
    from recexplainer.report.named_figures import Measured, figure_table
    from recexplainer.report.render.audit_page import audit_in

    conditions = conditions_of(fail_if)
    found = {str(folder): _report_in(folder) for folder in run_folders}
    two = len(run_folders) == 2 and not reports
    comparison, objection = _versions(run_folders, users) if two else (None, None)
    if comparison is None:
        _require(run_folders, found, objection)
    runs = [Measured(found[str(one)], audit_in(one)) for one in run_folders]
    table = figure_table(runs, comparison)
    if figures:
        _list(table)
        return
    _show_reports({name: one for name, one in found.items() if one is not None})
    if objection is not None:
        click.echo(f"note: what changed could not be asked: {objection}")
    if comparison is not None:
        _show_changes(comparison, table, out or run_folders[-1])
    if _any_holds(conditions, table):
        context.exit(CONDITION_HOLDS)


def _report_in(folder: Path) -> Report | None:
    """Return a run's report; None where a folder has none, which may be a run all the same."""
    from recexplainer.report.render.report_files import load_report

    if folder.is_dir() and not (folder / "report.json").exists():
        return None
    return load_report(folder)


def _versions(
    folders: Sequence[Path], users: int
) -> tuple[Comparison, None] | tuple[None, UserError]:
    from recexplainer.pipeline.after.run_comparison import compare_versions

    try:
        return compare_versions(folders[0], folders[1], users=users), None
    except UserError as error:
        return None, error


def _require(
    folders: Sequence[Path], found: dict[str, Report | None], objection: UserError | None
) -> None:
    """Refuse runs of which neither the recommenders nor the reports can be compared."""
    from recexplainer.report.render.report_files import load_report

    for folder in folders:
        if found[str(folder)] is None:
            if objection is not None and (folder / "config.yaml").exists():
                raise objection
            load_report(folder)


def _show_reports(reports: dict[str, Report]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from recexplainer.report.comparison import compare_reports, comparison_caveats

    if not reports:
        return
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


def _show_changes(comparison: Comparison, table: FigureTable, folder: Path) -> None:
    from recexplainer.report.render.comparison_page import write_comparison

    for number, one in enumerate(comparison.leading, 1):
        click.echo(click.wrap_text(f"{number}. {one.sentence}", 96, subsequent_indent="   "))
    whole = comparison.model_copy(update={"figures": dict(table.values)})
    write_comparison(whole, folder)
    click.echo(f"\ncomparison: {folder / 'comparison.html'}")


def _list(table: FigureTable) -> None:
    rows = list(table.lines())
    widths = [max((len(row[place]) for row in rows), default=0) for place in (0, 1)]
    for short, full, value in rows:
        click.echo(f"{short:{widths[0]}}  {full:{widths[1]}}  {value}")


def _any_holds(conditions: Sequence[Condition], table: FigureTable) -> bool:
    from recexplainer.report.figure_conditions import met_by

    told = met_by(conditions, table)
    for one in told:
        word = "FAILS" if one.holds else "ok"
        click.echo(f"{word:5} {one.condition.text}: {one.figure} is {one.value:.6g}")
    return any(one.holds for one in told)
