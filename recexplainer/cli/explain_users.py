"""``recx explain --users``: the batch form of the command."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recexplainer.errors import StageError, UserError

if TYPE_CHECKING:
    from recexplainer.batch.engine import Engine
    from recexplainer.batch.everybody import Batch
    from recexplainer.batch.job import Job

__all__ = ["Wanted", "explain_users"]

_ENGINES = "none, dask or dask://HOST:PORT"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the batch is made: ``--engine``, ``--workers`` and ``--shard``."""

    engine: str
    workers: int | None
    shard: str


def explain_users(job: Job, wanted: Wanted) -> None:
    """Explain to the users of a file, and print what came of it.

    Raises:
        StageError: a shard was set aside; the others are made.
    """
    from recexplainer.batch.everybody import explain_everybody
    from recexplainer.batch.shards import Part
    from recexplainer.runs.progress_lines import console_progress

    engine, part = _engine(wanted), Part.read(wanted.shard)
    batch = explain_everybody(job, engine, part=part, progress=console_progress())
    click.echo("\n".join(_lines(batch, job.out)))
    if batch.lost:
        names = ", ".join(str(job.folder.lost_of(one.shard)) for one in batch.lost)
        raise StageError(
            f"{len(batch.lost)} of the shards could not be made: each time its worker died. Who is "
            f"in them stands in: {names}. The same command tries them again."
        )


def _engine(wanted: Wanted) -> Engine:
    from recexplainer.batch.engine_local import LocalEngine

    if wanted.engine == "none":
        return LocalEngine()
    name, colons, address = wanted.engine.partition("://")
    if name != "dask" or (colons and not address):
        raise UserError(f"--engine {wanted.engine!r} is none: give {_ENGINES}")
    from recexplainer.batch.engine_dask import DaskEngine

    return DaskEngine(address or None, wanted.workers or len(os.sched_getaffinity(0)))


def _lines(batch: Batch, out: Path) -> Iterator[str]:
    manifest = batch.manifest
    totals, shards = manifest["totals"], manifest["job"]["shards"]
    yield (
        f"{len(manifest['shards'])} of {shards} shards are there, {batch.made} made now and "
        f"{batch.kept} kept: {totals['rows']:,} rows about {totals['users']:,} users, "
        f"{totals['withheld']:,} withheld, {totals['errors']:,} that could not be explained."
    )
    for figure in manifest["figures"]:
        value = "not scored" if figure["value"] is None else f"{figure['value']:.3f}"
        bounds = "" if figure["low"] is None else f" ({figure['low']:.3f} to {figure['high']:.3f})"
        yield f"  {figure['subject']:<20} {figure['metric']:<20} {value}{bounds}, n={figure['n']}"
    yield f"\nexplanations: {out / 'explanations'}"
