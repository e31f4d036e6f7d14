"""``recx init`` and ``recx doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click

from recexplainer.errors import UnknownNameError, UserError

__all__ = ["doctor_command", "init_command"]


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--plugin", metavar="NAME", help="Write a package of your own instead, in DIR/NAME.")
@click.option("--kind", help="What it brings: dataset, task, explainer...  [default: target]")
@click.option("--preset", metavar="NAME", help="Write these settings: paper, laptop or 24gb.")
def init_command(folder: Path, plugin: str | None, kind: str | None, preset: str | None) -> None:
    """Write recx.yaml: every setting with its default and what it means.

    With --preset, write the settings of that preset alone. With --plugin, write a small working
    plugin with its tests, to change into yours.
    """
    if plugin is not None:
        _init_plugin(folder / plugin, plugin, kind or "target")
    elif kind is not None:
        raise UserError("--kind says what a plugin brings; give --plugin NAME too")
    else:
        _init_config(folder, preset)


def _init_plugin(path: Path, name: str, kind: str) -> None:
    from recexplainer.pipeline.execution.installed_parts import default_registry
    from recexplainer.plugins.providers import CodeKind
    from recexplainer.plugins.scaffold import write_plugin

    if kind not in get_args(CodeKind):
        raise UnknownNameError("kind", kind, get_args(CodeKind))
    if path.name != name:
        raise UserError(f"{name!r} cannot be a plugin's name; give the folder as [DIR]")
    taken = default_registry().names(kind)  # type: ignore[arg-type]  # was just checked
    write_plugin(path, kind, taken)  # type: ignore[arg-type]
    click.echo(f"wrote {path}. Try it: pip install -e {path} && pytest {path}")


def _init_config(folder: Path, preset: str | None) -> None:
    from recexplainer.config import commented_config, preset_text
    from recexplainer.runs.artifacts import write_text

    text = commented_config() if preset is None else preset_text(preset)
    path = folder / "recx.yaml"
    if path.exists():
        raise UserError(f"{path} is there already; edit it, or give another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UserError(f"{folder} is a file, or lies in one; give a folder") from None
    write_text(path, text)
    click.echo(f"wrote {path}. Edit it, then: recx run {path}")


@click.command("doctor")
def doctor_command() -> None:
    """Say what is installed, what the machine offers, and whether the parts can be loaded."""
    from recexplainer.pipeline.execution.installed_parts import default_registry
    from recexplainer.runs.folder import package_versions
    from recexplainer.surrogate.model.compute_type import describe_device

    for name, version in package_versions().items():
        click.echo(f"{name:<14} {version}")
    click.echo(f"{'device':<14} {describe_device()}")
    broken = [info for info in default_registry().plugins if info.status == "broken"]
    for info in broken:
        click.echo(f"{'plugin':<14} {info.name} is broken: {info.error}")
    click.echo("some plugins are broken; the rest works" if broken else "everything here works")
