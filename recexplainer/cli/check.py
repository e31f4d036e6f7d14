"""``recx check``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import click

from recexplainer.errors import UnknownNameError, UserError

if TYPE_CHECKING:
    from recexplainer.testing.runner import ContractReport

__all__ = ["check_command"]

_OUTCOMES = {"passed": "✓ held", "failed": "✗ broken", "skipped": "· skipped"}
_NARROWEST = 100
"""Columns below which the table is not squeezed; a narrow terminal wraps its lines."""


@click.command("check")
@click.argument("kind")
@click.argument("name")
@click.option("--options", default="{}", metavar="JSON", help="The part's options.")
@click.option("--dataset", help="Fit a recommender on this data set instead of a toy one.")
@click.option("--dataset-options", default="{}", metavar="JSON", help="That data set's options.")
@click.option(
    "--users",
    type=click.IntRange(min=10),
    default=200,
    show_default=True,
    help="Users drawn from that data set, so that a check ends soon.",
)
@click.option(
    "--max-history",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Items of a history that are read on that data set.",
)
@click.pass_context
def check_command(  # the options of the command  # noqa: PLR0913, PLR0917
    context: click.Context,
    kind: str,
    name: str,
    options: str,
    dataset: str | None,
    dataset_options: str,
    users: int,
    max_history: int,
) -> None:
    """Run the contract tests of a registered part: dataset, target, task, explainer or judge.

    Ends with 0 if every rule holds and with 1 if one is broken; what mends it stands beside it.
    """
    from recexplainer.pipeline.after.contract_check import Ground, check_registered
    from recexplainer.pipeline.execution.installed_parts import default_registry
    from recexplainer.plugins.providers import CodeKind
    from recexplainer.runs.progress_lines import console_progress

    if kind not in get_args(CodeKind):
        raise UnknownNameError("kind", kind, get_args(CodeKind))
    on = _parsed("--dataset-options", dataset_options)
    report = check_registered(
        default_registry(),
        kind,  # type: ignore[arg-type]  # a Kind, as was just checked
        name,
        _parsed("--options", options),
        ground=None if dataset is None else Ground(dataset, on, users, max_history),
        progress=console_progress(),
    )
    _show(report, f"{kind} {name}{f' on {users} users of {dataset}' if dataset else ''}")
    context.exit(0 if report.passed else 1)


def _parsed(flag: str, given: str) -> dict[str, Any]:
    try:
        parsed = json.loads(given)
    except json.JSONDecodeError as error:
        raise UserError(f"{flag} is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise UserError(f"{flag} must be a JSON object, got {given}")
    return parsed


def _show(report: ContractReport, part: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE, show_edge=False)
    table.add_column("outcome", no_wrap=True)
    table.add_column("rule", ratio=2)
    table.add_column("what was found, and what mends it", ratio=3)
    for rule in report.rules:
        table.add_row(_OUTCOMES[rule.outcome], rule.rule, rule.message)
    console = Console(highlight=False, markup=False, emoji=False)
    console.width = max(console.width, _NARROWEST)
    console.print(table)
    held, skipped = len(report.of("passed")), len(report.of("skipped"))
    click.echo(
        f"\n{report.contract}: {part}: {held} rules hold, {len(report.broken)} broken, "
        f"{skipped} skipped, in {report.seconds:.1f} s"
    )
