"""The corpus as the alignment stage wrote it: its texts, and its examples encoded to fit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from recexplainer.errors import UserError
from recexplainer.records import Form, Progress, Rendered, RenderedTurn
from recexplainer.surrogate.batching import EncodedCorpus
from recexplainer.surrogate.fitting import Fitter

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

__all__ = ["encode_corpus", "sample_texts"]

_TOKENIZER_EXAMPLES = 20_000


def sample_texts(corpus: Path, seed: int) -> list[str]:
    """Return the texts of some examples: what the tiny tokenizer learns phrases from."""
    from datasets import load_from_disk

    rows = load_from_disk(str(corpus / "train"))
    chosen = rows.shuffle(seed=seed).select(range(min(len(rows), _TOKENIZER_EXAMPLES)))
    return [text for texts in chosen["texts"] for text in texts]


def encode_corpus(corpus: Path, fitter: Fitter, progress: Progress) -> EncodedCorpus:
    """Return the examples of ``corpus`` that fit the context, in order.

    Raises:
        UserError: none does.
    """
    from datasets import load_from_disk

    rows = load_from_disk(str(corpus / "train"))
    parts = []
    with progress.bar("encoding the corpus", len(rows)) as bar:
        for table in rows.with_format("arrow").iter(batch_size=2000):
            rendered = _rendered(table)
            pairs = zip(fitter.fit(rendered), rendered, strict=True)
            fitting = [(encoded, example) for encoded, example in pairs if encoded]
            parts.append(
                EncodedCorpus.build(
                    [one for one, _ in fitting], [example for _, example in fitting]
                )
            )
            bar.advance(len(rendered))
    encoded = EncodedCorpus.join(parts)
    if not len(encoded):
        raise UserError(
            f"surrogate.max_tokens: no example fits into the {fitter.limit} tokens that a "
            "conversation may have; raise it, or give a backbone that reads more"
        )
    return encoded


def _rendered(table: pa.Table) -> list[Rendered]:
    forms: list[Form] = table["form"].to_pylist()
    columns = (_lists(table[column]) for column in ("roles", "texts", "context_rows", "item_rows"))
    stretches = [_Stretches(numbers) for numbers in _cut(*_flat(table["droppable"]))]
    return [
        Rendered(
            tuple(RenderedTurn(role, text) for role, text in zip(roles, texts, strict=True)),
            tuple(contexts),
            tuple(items),
            form,
            droppable,
        )
        for roles, texts, contexts, items, form, droppable in zip(
            *columns, forms, stretches, strict=True
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
