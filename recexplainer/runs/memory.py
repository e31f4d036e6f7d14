"""Memory of a piece of work at its peak, children included, and what is free."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "MemoryPeak",
    "bound_product_caches",
    "free_memory",
    "measure_memory",
    "release_memory",
    "reuse_memory",
]

_MEGABYTE = 1024 * 1024
_INTERVAL_SECONDS = 1.0
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # numbered by glibc's malloc.h
_KEPT_BYTES = 1 << 30

_PRODUCT_CACHES = ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY")
_KEPT_PRODUCTS = "64"
"""A training step has some 60 shapes of matrix products, most of which no other step has."""


class MemoryPeak:
    """The highest resident memory seen; read ``megabytes`` once the measuring block has ended."""

    def __init__(self) -> None:
        import psutil

        self._errors = psutil.Error
        self._process = psutil.Process()
        self._own_before = _lifetime_peak()
        self._bytes = 0
        self.sample()

    def sample(self) -> None:
        """Add up what this process and its children hold now (pages they share count twice)."""
        held = 0
        for process in [self._process, *self._process.children(recursive=True)]:
            try:
                held += process.memory_info().rss
            except self._errors:  # the child ended while it was looked at
                continue
        self._bytes = max(self._bytes, held)

    @property
    def megabytes(self) -> float:
        """The peak in MB: the samples, or the system's own exact mark if that rose meanwhile."""
        own = _lifetime_peak()
        return max(self._bytes, own if own > self._own_before else 0) / _MEGABYTE


@contextmanager
def measure_memory() -> Iterator[MemoryPeak]:
    """Yield a peak that is watched, once a second and by the system, until the block ends."""
    peak, ended = MemoryPeak(), threading.Event()

    def watch() -> None:
        while not ended.wait(_INTERVAL_SECONDS):
            peak.sample()

    watcher = threading.Thread(target=watch, name="memory", daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()
        peak.sample()


def free_memory() -> int:
    """Return the bytes that can still be taken, of the machine or of its container if that is less.

    Pages of files that the system keeps for speed count as free.
    """
    import psutil

    return int(min(psutil.virtual_memory().available, *_left_in_groups(Path("/"))))


def _left_in_groups(root: Path) -> Iterator[float]:
    """Yield what each control group that this process is in leaves it (Linux; version 1 and 2)."""
    yield float("inf")
    try:
        lines = (root / "proc/self/cgroup").read_text("utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers not in {"", "memory"}:
            continue
        mount = root / "sys/fs/cgroup" / controllers
        group = mount / path.lstrip("/")
        # A container may see its own group as the root, under the name it has outside.
        for folder in dict.fromkeys([group, *group.parents, mount]):
            if folder.is_relative_to(mount):
                yield _left_in(folder)


def _left_in(group: Path) -> float:
    limits = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
    for limit, used in limits:
        try:
            most, held = ((group / name).read_text("utf-8").strip() for name in (limit, used))
            statistics = (group / "memory.stat").read_text("utf-8").split()
        except OSError:
            continue
        if not most.isdigit():  # "max"
            continue
        kept = dict(zip(statistics[::2], map(int, statistics[1::2]), strict=True))
        prefix = "total_" if "total_inactive_file" in kept else ""
        files = sum(kept.get(f"{prefix}{age}_file", 0) for age in ("active", "inactive"))
        return float(int(most) - int(held) + files)
    return float("inf")


def _lifetime_peak() -> int:
    """Return the most bytes that this process ever held, 0 where the system does not say.

    It never falls, so a stage that follows a hungrier one cannot be measured by it alone.
    """
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # macOS counts bytes, Linux KiB


def release_memory(*, young: bool = False) -> None:
    """Collect garbage and hand what was freed back to the system, where the C library keeps it.

    Args:
        young: look among recent objects only, which takes milliseconds and not a third of a second.
    """
    gc.collect(1 if young else 2)
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def reuse_memory() -> None:
    """Let the C library (glibc) keep large blocks that are freed, to hand them out again.

    Otherwise every large tensor of every step is given back to the system and asked for anew, and
    filling the pages takes a tenth of the time. Pages that lie idle go back by ``release_memory``.
    """
    libc = _glibc()
    if libc is not None:
        libc.mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)
        libc.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)


def bound_product_caches() -> None:
    """Have torch's CPU library (oneDNN) keep the matrix products of one step, not of 20 or 30.

    In bfloat16 each shape of a product is prepared once, and 1,024 are kept, in two caches: half a
    gigabyte, strewn over the heap, so that large blocks find no room between them and it grows.
    Preparing one takes a quarter of a millisecond. Torch reads this when it first computes; what
    the environment says already stands.
    """
    for name in _PRODUCT_CACHES:
        os.environ.setdefault(name, _KEPT_PRODUCTS)


def _glibc() -> ctypes.CDLL | None:
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    return libc if libc is not None and hasattr(libc, "malloc_trim") else None
