"""Cornac, kept from changing what is not its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["computing", "load_cornac"]


def load_cornac() -> None:
    """Import Cornac, which sets a variable of TensorFlow's when it is first imported."""
    before = dict(os.environ)
    try:
        import cornac  # type: ignore[import-untyped]  # noqa: F401
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


@contextmanager
def computing(threads: int) -> Iterator[None]:
    """Compute with ``threads`` CPU threads, and leave them and torch's generator as they were."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(before)
