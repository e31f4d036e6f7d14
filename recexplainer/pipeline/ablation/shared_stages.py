"""Stages that runs have in common: what one has done, another takes over as its own.

A stage's fingerprint says what its result is, whoever made it; a copy of its folder is the result.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from recexplainer.runs.steps import Stage

__all__ = ["take_over"]


def take_over(stages: Sequence[Stage], others: Iterable[Stage]) -> list[Stage]:
    """Copy what other runs have done of ``stages``, and return the stages that were copied.

    Each copy takes its name when it is whole, so that a process killed here leaves a stage as it
    was, or undone.

    Args:
        stages: of a run that nobody is working on.
        others: stages of other runs, done or not.
    """
    made = {stage.fingerprint: stage.folder for stage in others if stage.done}
    copied = []
    for stage in stages:
        source = made.get(stage.fingerprint)
        if source is not None and not stage.done:
            _copy(source, stage.folder)
            copied.append(stage)
    return copied


def _copy(source: Path, folder: Path) -> None:
    for torn in folder.parent.glob(f".tmp-*-{folder.name}"):
        shutil.rmtree(torn)
    temporary = folder.with_name(f".tmp-{os.getpid()}-{folder.name}")
    shutil.copytree(source, temporary)
    if folder.exists():
        shutil.rmtree(folder)
    temporary.rename(folder)
