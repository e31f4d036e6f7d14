"""Detection of files that run code when they are loaded."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

__all__ = ["is_pickle"]

_SUFFIXES: Final = {".pkl", ".pickle", ".pt", ".pth", ".bin", ".ckpt", ".joblib"}
_PROTOCOLS: Final = {b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"}


def is_pickle(path: Path) -> bool:
    """Return whether ``path`` is a file that holds a pickle, also inside torch's zip."""
    if not path.is_file():
        return False
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".pkl") for name in archive.namelist())
    with path.open("rb") as file:
        start = file.read(9)
    # A safetensors file starts with the length of its header, which may be that of a protocol.
    is_safetensors = start[4:] == b"\x00\x00\x00\x00{"
    return path.suffix in _SUFFIXES or (start[:2] in _PROTOCOLS and not is_safetensors)
