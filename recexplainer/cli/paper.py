"""``recx paper``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

__all__ = ["paper_command"]


@click.command("paper")
@click.argument(
    "folders", metavar="RUN...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--paper",
    type=click.Choice(["games", "movies", "steam"], case_sensitive=False),
    help="The paper's data set whose figures stand beside yours.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder.  [default: the first RUN]")
def paper_command(folders: tuple[Path, ...], paper: str | None, out: Path | None) -> None:
    """Write Tables 2 and 3 and Figure 3 of the paper with the rows of your runs.

    RUN is the folder of a run, or one of recx ablate with runs in it. They may differ in mode and
    seed. paper.html opens offline; paper.json has all figures.
    """
    from recexplainer.pipeline.after.paper_rows import paper_tables, runs_in
    from recexplainer.report.published_figures import PAPER_DATASETS
    from recexplainer.report.render.paper_page import write_paper

    names = {name.lower(): name for name in PAPER_DATASETS}
    command = shlex.join(["recx", *sys.argv[1:]])
    beside = None if paper is None else names[paper.lower()]
    tables = paper_tables(runs_in(folders), beside, command)
    folder = out or folders[0]
    write_paper(tables, folder)
    for note in tables.notes:
        click.echo(f"note: {note}")
    click.echo(f"\ntables: {folder / 'paper.html'}")
