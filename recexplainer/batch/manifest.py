"""Manifest: what came of a batch, gathered from what is known of each shard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from recexplainer.batch.shard_files import BatchFolder, ShardRecord
from recexplainer.metrics import summarize
from recexplainer.records import Figure, Metric
from recexplainer.runs.artifacts import read_json, write_json

__all__ = ["gathered", "sample_figures"]

_SAMPLED_ROWS = 1000
_GIVEN = Figure(
    task="batch",
    metric="given",
    note="share of texts that are given, not withheld",
    better="higher",
    order=1,
)
_CHECKED = tuple(
    Figure(task="batch", metric=name, check=name, note=note, better="higher", order=order)
    for order, (name, note) in enumerate(
        (
            ("true_as_read", "share of given texts of which every claim holds"),
            ("confidence", "share of shortened histories on which given texts hold"),
            ("decision_agreement", "given texts that decide as the recommender does"),
        ),
        2,
    )
)


def gathered(folder: BatchFolder, made_from: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest, written: every shard that is there, whoever made it.

    Args:
        folder: the batch.
        made_from: what its job is.
    """
    shards = range(int(made_from["shards"]))
    records = [
        ShardRecord(**read_json(folder.record_of(one)))
        for one in shards
        if folder.record_of(one).is_file()
    ]
    lost = [folder.lost_of(one) for one in shards if folder.lost_of(one).is_file()]
    counts = ("users", "rows", "withheld", "errors", "bytes", "seconds")
    manifest = {
        "job": dict(made_from),
        "whole": len(records) == len(shards),
        "totals": {name: sum(getattr(one, name) for one in records) for name in counts},
        "figures": [one.model_dump(mode="json") for one in sample_figures(folder, records)],
        "set_aside": [read_json(path) for path in lost],
        "shards": [asdict(one) for one in records],
    }
    write_json(folder.manifest, manifest)
    return manifest


def sample_figures(folder: BatchFolder, records: Iterable[ShardRecord]) -> list[Metric]:
    """Return the report's figures of a random sample of rows, by explainer.

    A hash dealt the users out, so that any shard is a random sample of them: the first ones are
    read, up to some thousand rows.

    Args:
        folder: the batch.
        records: its finished shards.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in _sampled(folder, records):
        rows.setdefault(row["explainer"], []).append(row)
    return [metric for name, own in rows.items() for metric in _figures(name, own)]


def _sampled(folder: BatchFolder, records: Iterable[ShardRecord]) -> Iterator[dict[str, Any]]:
    from pyarrow import parquet  # type: ignore[import-untyped]

    columns = ["user_id", "explainer", "status", "checks"]
    count = 0
    for record in records:
        if count >= _SAMPLED_ROWS:
            return
        for row in parquet.read_table(folder.table_of(record.shard), columns=columns).to_pylist():
            if row["status"] != "error":
                count += 1
                yield row


def _figures(explainer: str, rows: list[dict[str, Any]]) -> Iterator[Metric]:
    def summary(figure: Figure, some: list[dict[str, Any]], values: list[float | None]) -> Metric:
        users = [row["user_id"] for row in some]
        return summarize(figure, values, subject=explainer, split="batch", seed=0, groups=users)

    yield summary(_GIVEN, rows, [float(row["status"] == "ok") for row in rows])
    given = [row for row in rows if row["status"] == "ok"]
    for figure in _CHECKED if given else ():
        values = [_check(row, figure.metric) for row in given]
        yield summary(figure, given, values)


def _check(row: Mapping[str, Any], name: str) -> float | None:
    return next((one["value"] for one in row["checks"] if one["name"] == name), None)
