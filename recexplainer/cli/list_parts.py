"""``recx list``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from recexplainer.errors import UnknownNameError

if TYPE_CHECKING:
    from recexplainer.plugins.registry import Registry

__all__ = ["list_command"]

_KINDS = {
    "datasets": "dataset",
    "targets": "target",
    "tasks": "task",
    "explainers": "explainer",
    "judges": "judge",
    "backbones": "backbone",
}
_SHELVES = (*_KINDS, "plugins")


@click.command("list")
@click.argument("what", metavar="[WHAT]", required=False)
def list_command(what: str | None) -> None:
    """List what can be named: datasets, targets, tasks, explainers, judges, backbones, plugins."""
    if what is not None and what not in _SHELVES:
        raise UnknownNameError("listing", what, _SHELVES)
    from recexplainer.pipeline.execution.installed_parts import default_registry

    known = default_registry()
    for shelf in [what] if what else _SHELVES:
        if not what:
            click.secho(shelf, bold=True)
        rows = list(_rows(shelf, known))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
            click.echo(f"  {'  '.join(cells)}".rstrip())


def _rows(shelf: str, known: Registry) -> Iterator[tuple[str, ...]]:
    if shelf == "targets":
        yield from _target_rows(known)
    elif shelf == "plugins":
        for info in known.plugins:
            parts = ", ".join(f"{kind} {name}" for kind, name in info.parts)
            about = info.error if info.status == "broken" else parts
            yield info.name, f"{info.status}  {info.source}  {info.version}  {about}".rstrip()
    else:
        for provider in known.providers(_KINDS[shelf]):  # type: ignore[arg-type]
            yield provider.name, provider.summary


def _target_rows(known: Registry) -> Iterator[tuple[str, ...]]:
    """Yield what each target can do, below a heading."""
    yield ("NAME", "UNSEEN HISTORY", "USER VECTORS", "ITEM VECTORS", "ML-100K", "")
    for provider in known.providers("target"):
        declared, facts = provider.capabilities, provider.facts
        vectors = "by options" if callable(declared) else "yes" if "vectors" in declared else "no"
        history, time = facts.get("history", "native"), facts.get("ml-100k", "")
        yield (provider.name, history, vectors, vectors, time, provider.summary)
