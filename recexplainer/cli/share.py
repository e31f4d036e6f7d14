"""``recx export`` and ``recx push``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["export_command", "push_command"]

_MERGE = "Write a whole model that transformers loads, not updates to a published one."


@click.command("export")
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--merge", is_flag=True, help=_MERGE)
def export_command(run_folder: Path, folder: Path, merge: bool) -> None:
    """Write the surrogate of a finished run, with its model card, into a new folder."""
    from recexplainer.pipeline import export

    export(run_folder, folder, merge=merge)
    click.echo(f"exported: {folder}")


@click.command("push")
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("repository", metavar="OWNER/NAME")
@click.option("--merge", is_flag=True, help=_MERGE)
@click.option("--public", is_flag=True, help="Let everyone see a repository that is made by this.")
def push_command(run_folder: Path, repository: str, merge: bool, public: bool) -> None:
    """Upload what export writes to the Hugging Face hub; the token is read from HF_TOKEN."""
    from recexplainer.pipeline import push

    click.echo(f"pushed: {push(run_folder, repository, merge=merge, private=not public)}")
