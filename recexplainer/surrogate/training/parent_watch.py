"""Watchdog: a training worker exits when its parent process dies.

A launcher that is asked to stop ends its workers; one that is killed cannot. Workers that went on
would write into a folder in which the next command trains.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

__all__ = ["environment_of_workers", "not_outliving_its_starter"]

_STARTER = "RECX_STARTED_BY"
_SECONDS_BETWEEN_LOOKS = 0.5


def environment_of_workers() -> dict[str, str]:
    """Return this process's environment, in which those below it find who started them."""
    return {**os.environ, _STARTER: str(os.getpid())}


@contextmanager
def not_outliving_its_starter() -> Iterator[None]:
    """End this process, in this block, once its parent is gone or the ``recx`` above its launcher.

    A launcher that a person started may outlive their terminal; then it alone is watched.
    """
    watched = {os.getppid(), int(os.environ.get(_STARTER, os.getppid()))}
    done = Event()
    watcher = Thread(target=_watch, args=(watched, done), name="starter", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _watch(watched: set[int], done: Event) -> None:
    import psutil

    # A dead starter can stay visible until it is reaped, but at once it is nobody's ancestor.
    while watched <= {process.pid for process in psutil.Process().parents()}:
        if done.wait(_SECONDS_BETWEEN_LOOKS):
            return
    os._exit(1)  # there is nothing to tidy: a checkpoint that is cut short is passed over
