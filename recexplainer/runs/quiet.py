"""Filter of library messages that a user can do nothing about.

Only what is listed here is silenced, by who says it and how it begins; all else is let through.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

__all__ = ["quiet_libraries"]

_WARNINGS = (
    # PEFT asks by the old name until it requires a transformers that has the new one.
    ("`is_gradient_checkpointing` is deprecated", "transformers.modeling_utils"),
    # DeepSpeed's ZeRO calls it in every step.
    ("`torch.distributed.all_gather_into_tensor` is deprecated", "torch.distributed.c10d_logger"),
)
"""How a FutureWarning begins, and the module that it comes from."""

_LOGGED = (
    # Two checkpoints within a second are put into the order of their steps, which is the right one.
    ("transformers.trainer_utils", "mtime may not be reliable"),
    # Where PyTorch sees no GPU either. DeepSpeed is imported wherever it is installed.
    ("DeepSpeed", "Setting accelerator to CPU"),
)
"""A logger, and how the message begins."""


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Silence what is listed, as a ``with`` block or as a decorator; filters are put back after."""
    with ExitStack() as undo:
        undo.enter_context(warnings.catch_warnings())
        for message, module in _WARNINGS:
            warnings.filterwarnings("ignore", message, FutureWarning, module)
        for name, start in _LOGGED:
            logger, keep = logging.getLogger(name), _all_but(start)
            logger.addFilter(keep)
            undo.callback(logger.removeFilter, keep)
        yield


def _all_but(start: str) -> Callable[[logging.LogRecord], bool]:
    def keep(record: logging.LogRecord) -> bool:
        said = record.getMessage().startswith(start)
        return not said or (record.name == "DeepSpeed" and _has_gpu())

    return keep


def _has_gpu() -> bool:
    """Whether PyTorch, where it is loaded, sees a GPU: that DeepSpeed sees none is news then."""
    torch = sys.modules.get("torch")
    return torch is not None and bool(torch.cuda.is_available())
