"""``recx audit``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recexplainer.errors import UserError

if TYPE_CHECKING:
    from recexplainer.testing.defect_benchmark import DefectResult

__all__ = ["audit_command"]


@click.command("audit")
@click.argument("run_folder", metavar="[RUN]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--users",
    type=int,
    default=400,
    show_default=True,
    help="Users, drawn at random, who are asked about.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder to write audit.html and audit.json into.  [default: RUN]",
)
@click.option(
    "--refits",
    type=int,
    default=0,
    show_default=True,
    help="Trainings to make, to say which users or items matter: 3 or more; 0 makes none.",
)
@click.option("--self-test", is_flag=True, help="Audit twelve planted defects and their twins.")
@click.option("--seed", type=int, default=400, show_default=True, help="World of the self-test.")
@click.pass_context
def audit_command(  # one per option  # noqa: PLR0913, PLR0917
    context: click.Context,
    run_folder: Path | None,
    users: int,
    out: Path | None,
    refits: int,
    self_test: bool,
    seed: int,
) -> None:
    """Say what a run's recommender does overall, and what of it looks like a bug.

    Writes a page that opens offline, and its figures as JSON. --self-test needs no run: it says
    which of twelve planted defects an audit finds, and ends with 1 unless it finds eleven.
    """
    if self_test:
        context.exit(_self_test(seed))
    if run_folder is None:
        raise UserError("recx audit needs the folder of a run (recx audit RUN), or --self-test")
    from recexplainer.pipeline.after.run_audit import audit
    from recexplainer.runs.progress_lines import console_progress

    progress = console_progress() if refits else None
    found = audit(run_folder, users=users, refits=refits, folder=out, progress=progress)
    for number, (sentence, _) in enumerate(found.first, 1):
        click.echo(click.wrap_text(f"{number}. {sentence}", 96, subsequent_indent="   "))
    click.echo(f"\naudit: {(out or run_folder) / 'audit.html'}")


def _self_test(seed: int) -> int:
    from recexplainer.testing.defect_benchmark import benchmark, recency_world

    start, results = time.monotonic(), []
    for result in benchmark(recency_world(seed)):
        results.append(result)
        click.echo(_line(result))
    found = sum(one.found for one in results)
    click.echo(
        f"\n{found} of {len(results)} defects found, {sum(one.first for one in results)} with the "
        f"right probe first; {sum(len(one.false_alarms) for one in results)} alarms on the sound "
        f"twins; {time.monotonic() - start:.0f} s"
    )
    return 0 if found >= len(results) - 1 else 1


def _line(result: DefectResult) -> str:
    told = "first" if result.first else "found" if result.found else "missed"
    alarms = ", ".join(result.alarms) or "none"
    twin = ", ".join(result.false_alarms) or "none"
    return f"{result.defect.name:24} {told:7} alarms: {alarms}; on its sound twin: {twin}"
