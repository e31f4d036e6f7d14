"""Lock of a run folder: one process at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recexplainer.errors import RunFolderError

__all__ = ["locked"]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold ``folder`` for this process until the block ends.

    The system itself gives the lock up when its process ends, however it ends, so none goes stale;
    the process id beside it only serves the message.

    Raises:
        RunFolderError: another process holds the folder.
    """
    from filelock import FileLock, Timeout

    lock, holder = FileLock(folder / ".lock"), folder / ".lock-holder"
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise RunFolderError(
            f"another process ({_name(holder)}) is working in {folder}. "
            "Wait until it has ended, or choose another folder with --out."
        ) from None
    try:
        holder.write_text(str(os.getpid()), encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _name(holder: Path) -> str:
    try:
        return f"pid {int(holder.read_text(encoding='utf-8'))}"
    except (OSError, ValueError):  # it has only just started, or is ending
        return "pid unknown"
