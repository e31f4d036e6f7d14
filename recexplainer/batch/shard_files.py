"""Files of a batch: a Parquet file per shard, and what is known of it beside it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recexplainer.runs.artifacts import read_json, replacing, write_json
from recexplainer.runs.contents import content_of

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

__all__ = ["BatchFolder", "ShardRecord"]


@dataclass(frozen=True, slots=True)
class ShardRecord:
    """What is known of a finished shard.

    Attributes:
        shard: its number, from 0 on.
        users: rows of the file of users.
        rows: rows of the Parquet file.
        withheld, errors: those of them with this status.
        bytes, sha256: of the Parquet file.
        seconds: that it took; the one thing that differs when it is made again.
    """

    shard: int
    users: int
    rows: int
    withheld: int
    errors: int
    bytes: int
    sha256: str
    seconds: float


@dataclass(frozen=True, slots=True)
class BatchFolder:
    """The folder of a batch.

    Attributes:
        path: with ``explanations/``, all that is read as one table, and what is known of it.
    """

    path: Path

    def table_of(self, shard: int) -> Path:
        """Where the rows of a shard are."""
        return self.path / "explanations" / f"part-{shard:05d}.parquet"

    def record_of(self, shard: int) -> Path:
        """Where it is kept what a shard holds; written after it."""
        return self.path / "shards" / f"part-{shard:05d}.json"

    def lost_of(self, shard: int) -> Path:
        """Where it is kept that a shard was set aside."""
        return self.path / "shards" / f"part-{shard:05d}.lost.json"

    @property
    def job(self) -> Path:
        """What the batch was made from."""
        return self.path / "job.json"

    @property
    def manifest(self) -> Path:
        """What came of it."""
        return self.path / "manifest.json"

    def done(self, shard: int) -> ShardRecord | None:
        """Return what is known of a shard whose file is there and holds what was written."""
        table, record = self.table_of(shard), self.record_of(shard)
        if not (table.is_file() and record.is_file()):
            return None
        known = ShardRecord(**read_json(record))
        whole = table.stat().st_size == known.bytes and content_of(table).digest == known.sha256
        return known if whole else None

    def write(self, shard: int, table: pa.Table, *, users: int, seconds: float) -> ShardRecord:
        """Write the rows of a shard, then what is known of them; return that."""
        from pyarrow import parquet

        path = self.table_of(shard)
        with replacing(path) as temporary:
            parquet.write_table(table, temporary, compression="zstd")
        status = table["status"].to_pylist()
        record = ShardRecord(
            shard,
            users,
            table.num_rows,
            status.count("withheld"),
            status.count("error"),
            path.stat().st_size,
            content_of(path).digest,
            round(seconds, 3),
        )
        write_json(self.record_of(shard), asdict(record))
        self.lost_of(shard).unlink(missing_ok=True)
        return record

    def set_aside(self, shard: int, told: dict[str, Any]) -> None:
        """Keep that a shard could not be made, and why."""
        write_json(self.lost_of(shard), {"shard": shard, **told})

    def clear(self, shard: int) -> None:
        """Delete what a killed process left half-written of a shard."""
        for path in (self.table_of(shard), self.record_of(shard), self.lost_of(shard)):
            for left in path.parent.glob(f".tmp-*-{path.name}"):
                left.unlink(missing_ok=True)
