"""``recx check``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import click

from recexplainer.errors import ConfigError, MissingExtraError, UnknownNameError, UserError

if TYPE_CHECKING:
    from recexplainer.testing.checking import ContractReport

__all__ = ["check_command"]

_SIGNS = {"passed": "✓", "failed": "✗", "skipped": "·"}


@click.command("check")
@click.argument("kind")
@click.argument("name")
@click.option("--options", default="{}", help="The part's options, as JSON.")
@click.pass_context
def check_command(context: click.Context, kind: str, name: str, options: str) -> None:
    """Run the contract tests of a registered part: dataset, target, task, explainer or judge."""
    from recexplainer.pipeline.opening import default_registry
    from recexplainer.plugins.interfaces import Kind

    if kind not in get_args(Kind):
        raise UnknownNameError("kind", kind, get_args(Kind))
    known = default_registry()
    provider = known.get(kind, name)  # type: ignore[call-overload]  # a Kind, as was just checked
    checked = known.options(kind, name, _parsed(options), "options")  # type: ignore[arg-type]
    if isinstance(checked, list):
        raise ConfigError(checked)
    try:
        from recexplainer.testing.checking import check_part
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "test", "to run contract tests") from error
    report = check_part(
        kind,  # type: ignore[arg-type]
        (lambda: provider.build(checked, None))
        if kind == "dataset"
        else (lambda kit: provider.build(checked, kit)),
        vectors=provider.can("vectors", checked),
    )
    _show(report)
    context.exit(0 if report.passed else 1)


def _parsed(options: str) -> dict[str, Any]:
    try:
        parsed = json.loads(options)
    except json.JSONDecodeError as error:
        raise UserError(f"--options is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise UserError(f"--options must be a JSON object, got {options}")
    return parsed


def _indented(message: str) -> str:
    return click.wrap_text(
        message, 96, initial_indent="      ", subsequent_indent="      ", preserve_paragraphs=True
    )


def _show(report: ContractReport) -> None:
    for rule in report.rules:
        click.echo(f"  {_SIGNS[rule.outcome]} {rule.rule}")
        if rule.message:
            click.echo(_indented(rule.message))
    kept = sum(rule.outcome == "passed" for rule in report.rules)
    click.echo(f"{report.contract}: {kept} of {len(report.rules)} rules passed")
