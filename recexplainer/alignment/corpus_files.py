"""Corpus folder: a ``datasets`` folder of rendered conversations, and the vectors they use."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np

from recexplainer.plugins.interfaces import FloatArray, VectorSource
from recexplainer.records import Context, Rendered
from recexplainer.runs.artifacts import replacing

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

__all__ = ["TrainWriter", "UserVectors", "copy_sample", "write_vectors"]

_ROWS_AT_ONCE = 4096
_UNNUMBERED = -1
_COLUMNS = (
    *("id", "task", "form", "roles", "texts", "context_rows", "item_rows", "droppable"),
    *("liked_rows", "liked_shares", "labels", "label_shares"),
)


class TrainWriter:
    """Streams rendered examples into ``folder/train``, which exists only once all are written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stream = folder / "train.arrows.partial"
        self._rows: list[tuple[Any, ...]] = []

    def __enter__(self) -> Self:
        import pyarrow as pa

        self._folder.mkdir(parents=True, exist_ok=True)
        self._schema = _schema()
        self._sink: pa.NativeFile = pa.OSFile(str(self._stream), "wb")
        self._writer = pa.ipc.new_stream(self._sink, self._schema)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()
        self._sink.close()
        if kind is None:
            _save(self._stream, self._folder / "train")
        self._stream.unlink()

    def add(self, example: str, task: str, rendered: Rendered, context_rows: Sequence[int]) -> None:
        """Write one conversation.

        Args:
            example: the example's id.
            task: its task.
            rendered: its turns and item rows, in one form.
            context_rows: for each of its user marks, the row of the user vector on disk.
        """
        roles = [turn.role for turn in rendered.turns]
        texts = [turn.text for turn in rendered.turns]
        rows = (context_rows, rendered.item_rows, list(chain.from_iterable(rendered.droppable)))
        pairs = (rendered.liked, rendered.label_shares)
        soft = [[pair[part] for pair in one] for one in pairs for part in (0, 1)]
        self._rows.append((example, task, rendered.form, roles, texts, *rows, *soft))
        if len(self._rows) >= _ROWS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [pa.array(c, f.type) for c, f in zip(columns, self._schema, strict=True)]
            self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
            self._rows.clear()


class UserVectors:
    """Numbers the contexts that prompts use, as they come, and asks for their vectors.

    Args:
        contexts: N contexts.
        source: gives the vectors.
        file: an empty one, where vectors wait; in memory they would grow with the corpus.
    """

    def __init__(self, contexts: Sequence[Context], source: VectorSource, file: IO[bytes]) -> None:
        self._contexts = contexts
        self._source = source
        self._file = file
        self._number = np.full(len(contexts), _UNNUMBERED, dtype=np.int32)
        self._count = 0
        self._waiting: list[int] = []

    def number(self, row: int) -> int:
        """Return the row, on disk, of the vector of the context at ``row``."""
        if self._number[row] == _UNNUMBERED:
            self._number[row] = self._count
            self._count += 1
            self._waiting.append(row)
        return int(self._number[row])

    def ask(self) -> None:
        """Ask for the vectors of all contexts numbered since the last time."""
        if self._waiting:
            histories = [self._contexts[row].history for row in self._waiting]
            vectors = np.ascontiguousarray(self._source.user_vectors(histories), np.float32)
            self._file.write(vectors.data)
            self._waiting.clear()

    def all(self) -> tuple[FloatArray, FloatArray]:
        """Return the user vectors ``(N, d_rec)`` by number, and the item vectors ``(I, d_rec)``."""
        self.ask()
        items = np.asarray(self._source.item_vectors(), np.float32)
        if not self._count:
            return np.empty_like(items[:0]), items
        self._file.flush()
        shape = (self._count, items.shape[1])
        return np.memmap(self._file, np.float32, mode="r", shape=shape), items


def copy_sample(source: Path, folder: Path, most: int, seed: int) -> float:
    """Write ``most`` examples of a corpus, drawn at random, into another folder, with all vectors.

    Returns:
        How much of the corpus they are, as a part of 1.
    """
    from datasets import load_from_disk

    rows: Any = load_from_disk(str(source / "train"))
    count = len(rows)
    if count > most:
        rows = rows.select(np.sort(np.random.default_rng(seed).choice(count, most, replace=False)))
    with _bars_hidden():
        rows.save_to_disk(str(folder / "train"))
    vectors = source / "vectors.safetensors"
    if vectors.exists():
        (folder / vectors.name).symlink_to(vectors.absolute())
    return len(rows) / count


def write_vectors(user: FloatArray, item: FloatArray, path: Path) -> None:
    """Write ``user`` ``(N, d_rec)`` and ``item`` ``(I, d_rec)`` as safetensors, atomically."""
    from safetensors.numpy import save_file

    with replacing(path) as partial:
        save_file({"user": np.ascontiguousarray(user), "item": np.ascontiguousarray(item)}, partial)


def _schema() -> pa.Schema:
    import pyarrow as pa

    kinds = [pa.string()] * 3 + [pa.list_(pa.string())] * 2 + [pa.list_(pa.int32())] * 4
    kinds += [pa.list_(pa.float32()), pa.list_(pa.string()), pa.list_(pa.float32())]
    return pa.schema(list(zip(_COLUMNS, kinds, strict=True)))


def _save(stream: Path, folder: Path) -> None:
    """Turn an Arrow stream into a ``datasets`` folder; an older one is replaced at the end."""
    from datasets import Dataset

    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    with _bars_hidden():
        Dataset.from_file(str(stream)).save_to_disk(str(partial))
    shutil.rmtree(folder, ignore_errors=True)
    partial.replace(folder)


@contextmanager
def _bars_hidden() -> Iterator[None]:
    """Keep the library's own progress bars from breaking into ours."""
    from datasets import disable_progress_bars, enable_progress_bars
    from datasets.utils import are_progress_bars_disabled

    hidden = are_progress_bars_disabled()
    disable_progress_bars()
    try:
        yield
    finally:
        if not hidden:
            enable_progress_bars()
