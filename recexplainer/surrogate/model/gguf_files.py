"""GGUF files: one file with configuration, tokenizer and weights, looked at by its head.

The layout is that of llama.cpp's ``docs/gguf.md``, versions 2 and 3. The package ``gguf`` reads it
too, but takes seconds for each vocabulary of 250,000 entries.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from math import prod
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from recexplainer.errors import MissingExtraError, UserError

__all__ = ["is_gguf", "require_gguf_reader", "require_whole_gguf"]

_MAGIC = b"GGUF"
_NUMBERS = dict(enumerate("BbHhIif?")) | {10: "Q", 11: "q", 12: "d"}
"""Kind of a value to its letter in ``struct``; 8 is a text, 9 a list."""
_TEXT, _LIST = 8, 9
_TORN = (struct.error, KeyError, IndexError, ValueError, OverflowError, OSError)


@dataclass
class _Head:
    """Values by name, lists as their lengths, and where the last tensor ends."""

    values: dict[str, Any]
    tensors: int
    end: int


def is_gguf(path: Path) -> bool:
    """Whether ``path`` is a file that begins as GGUF does."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def require_gguf_reader() -> None:
    """Refuse GGUF where what unpacks it is missing. Raises MissingExtraError."""
    if find_spec("gguf") is None:
        raise MissingExtraError("gguf", "gguf", "to read GGUF files")


def require_whole_gguf(path: Path) -> None:
    """Look for a whole language model in a GGUF file; its weights are not read.

    Raises:
        MissingExtraError: what unpacks GGUF is not installed.
        UserError: it is cut short, one part of several, or holds something else.
    """
    require_gguf_reader()
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        try:
            head = _Reader(content).head()
        except _TORN as error:
            raise UserError(f"{path} is cut short or damaged; fetch it again") from error
        size = len(content)
    parts, kind = head.values.get("split.count", 1), head.values.get("general.type", "model")
    if parts > 1:
        fault = f"is one of {parts} parts of a model; join them (llama-gguf-split --merge)"
    elif kind != "model":
        fault = f"holds something of the kind {kind!r}, no language model"
    elif not head.tensors:
        fault = "holds a vocabulary alone, no language model"
    elif head.end > size:
        fault = f"is cut short: {size:,} of {head.end:,} bytes are there; fetch it again"
    else:
        return
    raise UserError(f"{path} {fault}")


class _Reader:
    """Reads a head from its start to its end."""

    def __init__(self, content: mmap) -> None:
        self.content, self.place = content, len(_MAGIC)

    def head(self) -> _Head:
        """Return the head. Raises one of ``_TORN`` where it is none."""
        from gguf.constants import GGML_QUANT_SIZES

        _, tensors, values = self._take("IQQ")
        found = dict(self._value() for _ in range(values))
        ends = [0, *self._ends(tensors, GGML_QUANT_SIZES)]
        step = found.get("general.alignment", 32)
        return _Head(found, tensors, -(-self.place // step) * step + max(ends))

    def _ends(self, tensors: int, sizes: Any) -> Iterator[int]:
        """Yield where each tensor ends, counted from where the first begins."""
        for _ in range(tensors):
            self._text()
            (axes,) = self._take("I")
            shape = self._take(f"{axes}Q")
            kind, start = self._take("IQ")
            in_block, size = sizes[kind]
            yield start + prod(shape) // in_block * size

    def _take(self, letters: str) -> tuple[Any, ...]:
        taken = struct.unpack_from(f"<{letters}", self.content, self.place)
        self.place += struct.calcsize(f"<{letters}")
        return taken

    def _text(self) -> str:
        (length,) = self._take("Q")
        self.place += length
        return self.content[self.place - length : self.place].decode()

    def _value(self) -> tuple[str, Any]:
        name = self._text()
        (kind,) = self._take("I")
        if kind == _TEXT:
            return name, self._text()
        if kind == _LIST:
            return name, self._pass_list()
        return name, self._take(_NUMBERS[kind])[0]

    def _pass_list(self) -> int:
        kind, count = self._take("IQ")
        if kind == _TEXT:
            for _ in range(count):
                (length,) = struct.unpack_from("<Q", self.content, self.place)
                self.place += 8 + length
        else:
            self.place += count * struct.calcsize(f"<{_NUMBERS[kind]}")
        return int(count)
