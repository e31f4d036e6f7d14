"""Number of CPU threads to compute on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["on_threads"]


@contextmanager
def on_threads(count: int | None) -> Iterator[None]:
    """Compute on ``count`` CPU threads, and as before afterwards; None changes nothing."""
    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
