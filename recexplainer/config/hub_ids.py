"""Hub ids of models, told from paths of this machine by how they are written."""

from __future__ import annotations

from pathlib import Path

__all__ = ["is_hub_id"]


def is_hub_id(model: str) -> bool:
    """Whether ``model`` can only be a hub id: it has a slash, and is no path of this machine."""
    is_path = model.startswith((".", "/", "~")) or model.endswith(".gguf")
    return "/" in model and not is_path and not Path(model).expanduser().exists()
