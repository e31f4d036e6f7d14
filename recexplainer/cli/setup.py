"""``recx init`` and ``recx doctor``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click

from recexplainer.errors import UnknownNameError, UserError

__all__ = ["doctor_command", "init_command"]


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--plugin", metavar="NAME", help="Write a package of your own instead, in DIR/NAME.")
@click.option("--kind", help="What it brings: dataset, task, explainer...  [default: target]")
@click.option("--preset", metavar="NAME", help="Write these settings, such as paper or laptop.")
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


def _examine(data: str, overrides: Sequence[str]) -> None:
    """Read a data set as a run would, and print its size and all that was found in its files."""
    from recexplainer.config import read_config
    from recexplainer.pipeline import default_registry
    from recexplainer.pipeline.execution.data_examination import examine

    is_file = Path(data).suffix.lower() in {".yaml", ".yml"}
    flags = {} if is_file else {"dataset.name": data}
    config, problems = read_config(Path(data) if is_file else None, overrides, flags)
    for line in examine(config, default_registry(), problems):
        click.echo(line)


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
@click.argument("data", metavar="[DATA]", required=False)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting of the data set, such as dataset.options.items=items.csv; repeatable.",
)
def doctor_command(data: str | None, overrides: tuple[str, ...]) -> None:
    """Say what is installed, what the machine offers, and whether the parts can be loaded.

    With DATA, a data set's name or a configuration, read that data set and say what was found.
    """
    if data is not None:
        _examine(data, overrides)
        return
    if overrides:
        raise UserError("--set is for a data set; name one: recx doctor csv --set ...")
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
