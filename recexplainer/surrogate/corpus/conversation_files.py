"""The corpus as the alignment stage wrote it: its texts, and its examples as conversations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from recexplainer.records import Form, Rendered, RenderedTurn

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

__all__ = ["mean_letters", "read_examples", "sample_texts"]

_TOKENIZER_EXAMPLES = 20_000
_SOFT = (("liked_rows", "liked_shares"), ("labels", "label_shares"))


def sample_texts(corpus: Path, seed: int) -> list[str]:
    """Return the texts of some examples: what the tiny tokenizer learns phrases from."""
    from datasets import load_from_disk

    rows = load_from_disk(str(corpus / "train"))
    chosen = rows.shuffle(seed=seed).select(range(min(len(rows), _TOKENIZER_EXAMPLES)))
    return [text for texts in chosen["texts"] for text in texts]


def mean_letters(corpus: Path) -> tuple[int, float]:
    """Return how many conversations a corpus has, and the mean of their letters."""
    from datasets import load_from_disk

    rows = load_from_disk(str(corpus / "train"))
    return len(rows), sum(len(text) for texts in rows["texts"] for text in texts) / len(rows)


def read_examples(examples: Any, rows: NDArray[np.int64]) -> list[Rendered]:
    """Return the conversations at ``rows`` of a ``datasets`` table, in that order."""
    return _rendered(examples.select(rows).with_format("arrow")[:])


def _rendered(table: pa.Table) -> list[Rendered]:
    forms: list[Form] = table["form"].to_pylist()
    names = ("roles", "texts", "context_rows", "item_rows")
    columns = (_lists(table[column]) for column in names)
    soft = (_pairs(table, *pair) for pair in _SOFT)
    stretches = [_Stretches(numbers) for numbers in _cut(*_flat(table["droppable"]))]
    return [
        Rendered(
            tuple(RenderedTurn(role, text) for role, text in zip(roles, texts, strict=True)),
            tuple(contexts),
            tuple(items),
            form,
            droppable,
            liked,
            label_shares,
        )
        for roles, texts, contexts, items, form, droppable, liked, label_shares in zip(
            *columns, forms, stretches, *soft, strict=True
        )
    ]


class _Stretches(Sequence[tuple[int, int, int]]):
    """Stretches ``(turn, start, stop)``, built when read: few conversations are too long."""

    def __init__(self, numbers: pa.Array) -> None:
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers) // 3

    @overload
    def __getitem__(self, position: int) -> tuple[int, int, int]: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[tuple[int, int, int]]: ...
    def __getitem__(self, position: Any) -> Any:
        numbers = iter(self._numbers.to_pylist())
        return list(zip(numbers, numbers, numbers, strict=True))[position]


def _pairs(table: pa.Table, names: str, shares: str) -> Iterator[tuple[tuple[Any, float], ...]]:
    """Yield each example's soft labels, with their shares."""
    for own, their_shares in zip(_lists(table[names]), _lists(table[shares]), strict=True):
        yield tuple(zip(own, their_shares, strict=True))


def _lists(column: pa.ChunkedArray) -> list[list[Any]]:
    """Return a column of lists; Arrow's own conversion, value by value, takes far longer."""
    values, ends = _flat(column)
    return _cut(values.to_pylist(), ends)


def _flat(column: pa.ChunkedArray) -> tuple[pa.Array, list[int]]:
    """Return the values of all lists one after another, and where each list ends."""
    lists = column.combine_chunks()
    return lists.flatten(), list(accumulate(lists.value_lengths().to_pylist()))


def _cut(values: Any, ends: list[int]) -> list[Any]:
    return [values[start:end] for start, end in zip([0, *ends], ends, strict=False)]
