"""Files of a model for ONNX Runtime: besides the one that is named, those it keeps weights in."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

from recexplainer.plugins.providers import named_files
from recexplainer.targets.external.onnx_model import OnnxOptions

__all__ = ["onnx_files"]


def onnx_files(options: OnnxOptions) -> Iterator[Path]:
    """Yield the files that options name, and those beside the model that it names in turn.

    Weights above 2 GB cannot lie in an ``.onnx``: it says by name in which file beside it they are.
    """
    yield from named_files(options)
    model = options.model.expanduser()
    if not model.is_file() or not model.stat().st_size:
        return
    with model.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for beside in sorted(model.parent.iterdir()):
            if beside != model and beside.is_file() and content.find(beside.name.encode()) >= 0:
                yield beside
