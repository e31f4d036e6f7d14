"""Rows of the Parquet files: one per user, item and explainer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from recexplainer.batch.user_file import UserRow
from recexplainer.pipeline.after.live_explanation import Explained
from recexplainer.records import Explanation

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

__all__ = ["SCHEMA_VERSION", "error_row", "explained_rows", "row_schema"]

SCHEMA_VERSION = 1
"""Raised when a column changes its name, type or meaning."""


def row_schema() -> pa.Schema:
    """Return the columns; docs/how-to/everybody.md says what each holds."""
    import pyarrow as pa

    text, texts = pa.string(), pa.list_(pa.string())
    claim = {"kind": text, "text": text, "start": pa.int32(), "end": pa.int32(), "item": text}
    claim |= {"real": pa.bool_(), "items": texts, "outcome": text, "toward": text, "detail": text}
    check = {"name": text, "value": pa.float64(), "detail": text}
    author = {"machine": pa.bool_(), "run": text, "explainer": text}
    columns = {
        "schema_version": pa.int32(),
        "run": text,
        "user_id": text,
        "item_id": text,
        "title": text,
        "rank": pa.int64(),
        "candidates": pa.int64(),
        "score": pa.float64(),
        "decision": text,
        "status": text,
        "explainer": text,
        "source": text,
        "text": text,
        "withheld_text": text,
        "confidence": pa.float64(),
        "cited": texts,
        "claims": pa.list_(pa.struct(list(claim.items()))),
        "checks": pa.list_(pa.struct(list(check.items()))),
        "written_by": pa.struct(list(author.items())),
        "error": text,
    }
    return pa.schema(list(columns.items()))


def error_row(asked: UserRow, error: Exception, run: str) -> dict[str, Any]:
    """Return the row of a user who could not be explained to; ``run`` is the fingerprint."""
    lines = str(error).splitlines()
    known = {"user_id": asked.user, "item_id": asked.item, "status": "error"}
    message = lines[0] if lines else type(error).__name__
    return {"schema_version": SCHEMA_VERSION, "run": run, **known, "error": message}


def explained_rows(explained: Explained, run: str) -> Iterator[dict[str, Any]]:
    """Yield a row per explainer; what is withheld of one is told in the recommender's own words.

    Args:
        explained: the question, answered and checked.
        run: the run's fingerprint.
    """
    case, instead = explained.case, explained.instead
    known = {
        "schema_version": SCHEMA_VERSION,
        "run": run,
        "user_id": case.user,
        "item_id": case.item,
        "title": explained.item_title,
        "rank": case.rank,
        "candidates": case.candidates,
        "score": case.score,
        "decision": case.decision,
    }
    author = explained.written_by
    name = "" if author is None else author.run
    for one in explained.explanations or ((instead,) if instead else ()):
        withheld = one.explainer in explained.withheld
        told = instead if withheld and instead is not None else one
        yield {
            **known,
            "status": "withheld" if withheld else "ok",
            "explainer": one.explainer,
            "withheld_text": one.text if withheld else None,
            **_told(told),
            "written_by": {"machine": True, "run": name, "explainer": told.explainer},
        }


def _told(text: Explanation) -> dict[str, Any]:
    return {
        "source": text.explainer,
        "text": text.text,
        "confidence": text.check("confidence"),
        "cited": list(text.cited),
        "claims": [claim.model_dump(mode="json") for claim in text.claims],
        "checks": [check.model_dump(mode="json") for check in text.checks],
    }
