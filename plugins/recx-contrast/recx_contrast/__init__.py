"""An alignment task for recexplainer: of two items, which would the target prefer, and why.

This module is what the entry point names. The hook implementation costs nothing: numpy and the
rest come in when the task is built.
"""

from __future__ import annotations

from collections.abc import Iterable

from recexplainer.plugins.hookspecs import hookimpl
from recexplainer.plugins.interfaces import AlignmentTask, Provider
from recx_contrast.task import Contrast, ContrastOptions

__all__ = ["Contrast", "ContrastOptions", "recx_register_alignment_tasks"]


@hookimpl
def recx_register_alignment_tasks() -> Iterable[Provider[AlignmentTask]]:
    """Return the task."""
    return [
        Provider(
            name=Contrast.name,
            build=Contrast,
            options=ContrastOptions,
            summary="of two items, which the target prefers, and what in the history decides it",
            figures=Contrast.figures,
        )
    ]
