"""Shards: which users are explained together, by a stable hash of their ids."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from recexplainer.batch.user_file import UserRow, user_rows
from recexplainer.errors import UserError
from recexplainer.runs.artifacts import read_jsonl

__all__ = ["Part", "SharedUsers", "shard_count", "shard_of", "shard_size"]

_SHARDS, _LEAST, _MOST = 64, 100, 5000
"""Some 64 shards, of no fewer users than are asked about together, and none of many minutes."""
_HELD_ROWS = 2**17


def shard_of(user: str, shards: int) -> int:
    """Return the shard of a user, from 0 on; the same on every machine, whoever else there is."""
    return int.from_bytes(blake2b(user.encode(), digest_size=8).digest(), "big") % shards


def shard_size(rows: int) -> int:
    """Return how many rows a shard has on average where nobody says: 100 to 5,000."""
    return min(_MOST, max(_LEAST, rows // _SHARDS))


def shard_count(rows: int, size: int) -> int:
    """Return how many shards of about ``size`` rows there are, at least 1."""
    return max(1, -(-rows // size))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the shards that one command makes: number ``number``, from 1 on, of ``parts``."""

    number: int = 1
    parts: int = 1

    @classmethod
    def read(cls, words: str) -> Part:
        """Return the part that is written as ``3/64``.

        Raises:
            UserError: it is none.
        """
        number, slash, parts = words.partition("/")
        if slash and number.isdecimal() and parts.isdecimal() and 1 <= int(number) <= int(parts):
            return cls(int(number), int(parts))
        raise UserError(f"--shard {words!r} is no part: give such as 3/64, from 1/64 to 64/64")

    def holds(self, shard: int) -> bool:
        """Whether the shard is of this part."""
        return shard % self.parts == self.number - 1

    @property
    def name(self) -> str:
        """A name for files, such as ``3-of-64``."""
        return f"{self.number}-of-{self.parts}"


@dataclass(frozen=True, slots=True)
class SharedUsers:
    """The rows of a file of users, dealt out to the files of their shards.

    Attributes:
        folder: where these files are.
    """

    folder: Path

    def deal(self, source: Path, shards: int, wanted: Iterable[int]) -> None:
        """Write the rows of the wanted shards, unless an earlier command did.

        Only so many rows are held at a time; the folder takes its name when all are written.

        Args:
            source: the file of users.
            shards: how many there are.
            wanted: those that are needed.
        """
        if self.folder.is_dir():
            return
        unfinished = self.folder.with_name(f".tmp-{self.folder.name}")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        kept, held, count = frozenset(wanted), defaultdict[int, list[str]](list), 0
        for row in user_rows(source):
            shard = shard_of(row.user, shards)
            if shard in kept:
                held[shard].append(json.dumps([row.user, row.item], ensure_ascii=False))
                count += 1
            if count == _HELD_ROWS:
                _append(unfinished, held)
                count = 0
        _append(unfinished, held)
        unfinished.rename(self.folder)

    def rows(self, shard: int) -> list[UserRow]:
        """Return the rows of a shard, in the order of the file."""
        path = _file(self.folder, shard)
        return [UserRow(*row) for row in read_jsonl(path)] if path.is_file() else []

    def count(self, shard: int) -> int:
        """Return how many rows a shard has; lines are counted, not read."""
        path = _file(self.folder, shard)
        if not path.is_file():
            return 0
        with path.open("rb") as lines:
            return sum(1 for _ in lines)


def _append(folder: Path, held: dict[int, list[str]]) -> None:
    for shard, lines in held.items():
        with _file(folder, shard).open("a", encoding="utf-8", newline="") as file:
            file.writelines(f"{line}\n" for line in lines)
    held.clear()


def _file(folder: Path, shard: int) -> Path:
    return folder / f"{shard:05d}.jsonl"
