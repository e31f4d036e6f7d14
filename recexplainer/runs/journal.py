"""Journal of a long loop: each finished item is written at once and skipped after a restart."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from recexplainer.errors import RunFolderError

__all__ = ["Journal"]


class Journal:
    """An append-only file of ``{"id", "payload"}`` lines, one per finished item.

    A process that is killed while it writes leaves a torn last line. Opening the journal again cuts
    that line off, and its item is made anew. A broken line anywhere else is damage, and an error.

    Use it as a context manager, from one process at a time::

        with Journal(folder / "answers.jsonl") as journal:
            for case in cases:
                if not journal.seen(case.id):
                    journal.append(case.id, answer(case))

    Args:
        path: the file; made, with its folder, when it is absent.

    Raises:
        RunFolderError: a line other than the last is not an entry.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._entries, whole = _read(path)
        self._file = path.open("ab")
        self._file.truncate(whole)

    def __len__(self) -> int:
        return len(self._entries)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def seen(self, key: str) -> bool:
        """Return whether the item called ``key`` has been written."""
        return key in self._entries

    def get(self, key: str) -> Any:
        """Return the payload of ``key``. Raises KeyError when it has not been written."""
        return self._entries[key]

    def append(self, key: str, payload: object) -> None:
        """Write one finished item; once this returns, a killed process does not lose it."""
        self.extend([(key, payload)])

    def extend(self, entries: Iterable[tuple[str, object]]) -> None:
        """Write a batch of finished items, handing them to the system once.

        Args:
            entries: ids with payloads that JSON can hold.

        Raises:
            ValueError: an id has been written already, or a payload holds NaN.
        """
        for key, payload in entries:
            if key in self._entries:
                raise ValueError(f"{key!r} is already in {self.path}")
            entry = {"id": key, "payload": payload}
            line = json.dumps(entry, ensure_ascii=False, allow_nan=False)
            self._file.write(line.encode() + b"\n")
            # What a reader gets must not depend on whether the process was restarted in between.
            self._entries[key] = json.loads(line)["payload"]
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _read(path: Path) -> tuple[dict[str, Any], int]:
    """Return the entries of ``path``, and how many bytes of it are whole lines."""
    if not path.exists():
        return {}, 0
    entries: dict[str, Any] = {}
    lines = path.read_bytes().split(b"\n")
    whole = 0
    # The part after the last line end is torn, or empty; entries are never followed by anything.
    for number, line in enumerate(lines[:-1], start=1):
        try:
            entry = json.loads(line)
            entries[entry["id"]] = entry["payload"]
        except (ValueError, KeyError, TypeError):
            if number == len(lines) - 1 and not lines[-1]:
                break
            raise RunFolderError(
                f"{path}:{number}: this line is damaged. Delete the line, or the whole file, and "
                "run the same command again; what it held is made anew."
            ) from None
        whole += len(line) + 1
    return entries, whole
