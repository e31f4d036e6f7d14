"""Everybody's explanations: a batch from beginning to end, or one part of it; it resumes."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from recexplainer.batch.engine import Engine, Lost
from recexplainer.batch.job import Job
from recexplainer.batch.manifest import gathered
from recexplainer.batch.pilot import piloted
from recexplainer.batch.shard_files import ShardRecord
from recexplainer.batch.shard_work import Work
from recexplainer.batch.shards import Part, SharedUsers
from recexplainer.records import Progress, SilentProgress
from recexplainer.runs.lock import locked

__all__ = ["Batch", "explain_everybody"]

_PARTS = ".parts"


@dataclass(frozen=True, slots=True)
class Batch:
    """What a command made.

    Attributes:
        manifest: as it stands in ``manifest.json``: all shards, whoever made them.
        made: how many shards this command made.
        kept: how many of its part were there before.
        lost: those that were set aside.
    """

    manifest: dict[str, Any]
    made: int
    kept: int
    lost: tuple[Lost, ...]


def explain_everybody(
    job: Job, engine: Engine, *, part: Part | None = None, progress: Progress | None = None
) -> Batch:
    """Explain to all users of a file, into Parquet files; what is done already is kept.

    Args:
        job: what is explained to whom.
        engine: who works; not entered yet.
        part: the shards that are made; all by default.
        progress: where the bar is shown.

    Raises:
        RunFolderError: the folder is of another job, or another process makes the same part.
        DataError: the file of users cannot be read.
        UserError: the run cannot answer; see ``Job.opened``.
        RecxError: a worker could not go on; the same call resumes.
    """
    shown, own = progress or SilentProgress(), part or Part()
    made_from = job.begin()
    workplace = job.out / _PARTS / own.name
    workplace.mkdir(parents=True, exist_ok=True)
    wanted = [shard for shard in range(int(made_from["shards"])) if own.holds(shard)]
    with locked(workplace):
        kept = [record for shard in wanted if (record := job.folder.done(shard)) is not None]
        done = {record.shard for record in kept}
        todo = [shard for shard in wanted if shard not in done]
        shared = SharedUsers(workplace / "users")
        if todo:
            shared.deal(job.users, int(made_from["shards"]), wanted)
        ended = _made(Work(job, shared), engine, todo, kept, shown) if todo else []
    lost = tuple(one for one in ended if isinstance(one, Lost))
    if not lost:
        shutil.rmtree(workplace)
    manifest = gathered(job.folder, made_from)
    return Batch(manifest, len(ended) - len(lost), len(kept), lost)


def _made(
    work: Work,
    engine: Engine,
    todo: Sequence[int],
    kept: Sequence[ShardRecord],
    progress: Progress,
) -> list[ShardRecord | Lost]:
    """Have the shards made, and shown how far it is."""
    folder = work.job.folder
    for shard in todo:
        folder.clear(shard)
    users = {shard: work.shared.count(shard) for shard in todo}
    before = sum(record.users for record in kept)
    ended: list[ShardRecord | Lost] = []
    with engine:
        pilot = piloted(engine, work, todo[0], sum(users.values()))
        if pilot is not None:
            progress.note(pilot.told())
        with progress.bar("explaining to users", before + sum(users.values())) as bar:
            bar.advance(before)
            for one in engine.each(work, todo):
                ended.append(one)
                bar.advance(users[one.shard])
                if isinstance(one, Lost):
                    folder.set_aside(one.shard, _told(one, work.shared))
                    progress.note(f"shard {one.shard} is set aside: {one.deaths} workers died")
    return ended


def _told(lost: Lost, shared: SharedUsers) -> dict[str, Any]:
    rows = shared.rows(lost.shard)
    return {
        **asdict(lost),
        "users": len(rows),
        "first_user": rows[0].user,
        "last_user": rows[-1].user,
    }
