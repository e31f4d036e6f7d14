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
}
_SHELVES = (*_KINDS, "backbones", "plugins")
_BACKBONES = (
    ("tiny", "built in: a small Llama made and trained whole from nothing; no download"),
    ("FOLDER", "a local folder of a causal language model, tuned with LoRA"),
    ("OWNER/MODEL", "a hub id, tuned with LoRA; downloaded because you named it"),
)


@click.command("list")
@click.argument("what", metavar="[WHAT]", required=False)
def list_command(what: str | None) -> None:
    """List what can be named: datasets, targets, tasks, explainers, judges, backbones, plugins."""
    if what is not None and what not in _SHELVES:
        raise UnknownNameError("listing", what, _SHELVES)
    from recexplainer.pipeline.opening import default_registry

    known = default_registry()
    for shelf in [what] if what else _SHELVES:
        if not what:
            click.secho(shelf, bold=True)
        rows = list(_rows(shelf, known))
        width = max((len(name) for name, _ in rows), default=0)
        for name, text in rows:
            click.echo(f"  {name:<{width}}  {text}")


def _rows(shelf: str, known: Registry) -> Iterator[tuple[str, str]]:
    if shelf == "backbones":
        yield from _BACKBONES
    elif shelf == "plugins":
        for info in known.plugins:
            parts = ", ".join(f"{kind} {name}" for kind, name in info.parts)
            about = info.error if info.status == "broken" else parts
            yield info.name, f"{info.status}  {info.source}  {info.version}  {about}".rstrip()
    else:
        for provider in known.providers(_KINDS[shelf]):  # type: ignore[arg-type]
            yield provider.name, provider.summary
