"""Agreement of the processes that share a training."""

from __future__ import annotations

import torch

__all__ = ["as_the_first_says"]


def as_the_first_says(value: bool, device: torch.device) -> bool:
    """Return the first process's ``value`` in all of them: saving is done together or hangs."""
    group = torch.distributed
    if not (group.is_available() and group.is_initialized() and group.get_world_size() > 1):
        return value
    said = torch.tensor([int(value)], device=device)
    group.broadcast(said, src=0)
    return bool(said.item())
