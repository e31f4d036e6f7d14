"""The target ``vectors``: tables of item vectors, perhaps of users' too, left by a model.

A table of users scores those users only. The target must answer any history, so every history, also
a user's own, is given a vector from the vectors of its items.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from recexplainer.plugins.interfaces import Options, TargetKit
from recexplainer.plugins.providers import objections
from recexplainer.targets.external.vector_files import VectorTable, check_table, read_table

if TYPE_CHECKING:
    from recexplainer.targets.external.folded_vectors import FoldedTarget

__all__ = ["VectorOptions", "build_vectors", "vector_objections"]


class VectorOptions(Options):
    """Where the vectors are, and how a history gets one."""

    item_vectors: Path
    """``.npy`` of shape (rows, d_rec), or ``.parquet``."""
    item_ids: Path | None = None
    """The rows' item ids, in order: text with one per line, ``.json`` or ``.npy``. A ``.parquet``
    has them in ``item_column``."""
    user_vectors: Path | None = None
    """The users' own vectors, in the same formats."""
    user_ids: Path | None = None
    """The rows' user ids."""
    item_column: str = "item_id"
    """Column of ids in a ``.parquet`` of items; the others are the vector."""
    user_column: str = "user_id"
    """Column of ids in a ``.parquet`` of users."""
    similarity: Literal["dot", "cosine"] = "dot"
    """How a user's and an item's vector make a score."""
    history: Literal["learned", "fold-in", "mean", "last"] | None = None
    """How a history gets its vector. ``learned`` is a linear map to the users' vectors; ``fold-in``
    solves for the vector that scores the history's items nearest to 1; ``mean`` and ``last`` take
    the items' own vectors. None is ``learned`` where there are user vectors, else ``fold-in``."""
    ridge: float = Field(default=10, gt=0)
    """Of ``fold-in``, as a multiple of the items' mean squared length: a larger one keeps the
    vector nearer to the direction of the items' sum."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for table, ids in (("item_vectors", "item_ids"), ("user_vectors", "user_ids")):
            path = getattr(self, table)
            if path is not None and path.suffix == ".npy" and getattr(self, ids) is None:
                raise ValueError(f"{ids} is needed: a .npy does not say whose its rows are")
            if path is None and getattr(self, ids) is not None:
                raise ValueError(f"{ids} is of no use without {table}")
        if self.history == "learned" and self.user_vectors is None:
            raise ValueError("history: learned needs user_vectors to learn from; try fold-in")
        return self


def build_vectors(options: VectorOptions, kit: TargetKit) -> FoldedTarget:
    """Return the target that ``options`` describe; reads the tables.

    Raises:
        DataError: a table cannot be used.
        UserError: an item of the catalogue has no vector, or the widths differ.
    """
    from recexplainer.targets.external.folded_vectors import FoldedTarget, Reading

    items = _table(options.item_vectors, options.item_ids, options.item_column)
    users = None
    if options.user_vectors is not None:
        users = _table(options.user_vectors, options.user_ids, options.user_column)
    history = options.history or ("fold-in" if users is None else "learned")
    reading = Reading(history, options.ridge, cosine=options.similarity == "cosine")
    return FoldedTarget(items, users, reading, kit, str(options.item_vectors))


def vector_objections(options: VectorOptions) -> Iterator[str]:
    """Yield what the heads of the tables and their ids show to be wrong; see ``Provider.ready``."""
    tables = (
        (options.item_vectors, options.item_ids, options.item_column),
        (options.user_vectors, options.user_ids, options.user_column),
    )
    for path, ids, column in tables:
        if path is not None:
            where = path.expanduser(), None if ids is None else ids.expanduser()
            yield from objections(partial(check_table, *where, column))


def _table(path: Path, ids: Path | None, column: str) -> VectorTable:
    return read_table(path.expanduser(), None if ids is None else ids.expanduser(), column)
