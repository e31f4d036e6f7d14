"""Hooks of recexplainer, all optional; a plugin implements those it needs.

The pluggy project name and the entry-point group are both ``recexplainer``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from recexplainer.plugins.interfaces import (
        AlignmentTask,
        Dataset,
        Explainer,
        Judge,
        Provider,
        Target,
    )
    from recexplainer.records import Recipe, StageRecord

__all__ = ["PROJECT", "hookimpl", "hookspec"]

PROJECT = "recexplainer"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def recx_register_datasets() -> Iterable[Provider[Dataset]]:
    """Return the data sets this plugin can read. Called once, when names are first needed."""
    raise NotImplementedError


@hookspec
def recx_register_targets() -> Iterable[Provider[Target]]:
    """Return the recommenders this plugin trains or loads. Called once, when first needed."""
    raise NotImplementedError


@hookspec
def recx_register_alignment_tasks() -> Iterable[Provider[AlignmentTask]]:
    """Return the alignment tasks this plugin adds. Called once, when names are first needed."""
    raise NotImplementedError


@hookspec
def recx_register_explainers() -> Iterable[Provider[Explainer]]:
    """Return the explainers this plugin adds. Called once, when names are first needed."""
    raise NotImplementedError


@hookspec
def recx_register_judges() -> Iterable[Provider[Judge]]:
    """Return the judges this plugin adds. Called once, when names are first needed."""
    raise NotImplementedError


@hookspec
def recx_register_backbones() -> Iterable[Provider[Recipe]]:
    """Return the backbones this plugin has recipes for. Called once, when first needed."""
    raise NotImplementedError


@hookspec
def recx_stage_finished(record: StageRecord) -> None:
    """Observe that a stage of a run has finished or was resumed; the value returned is ignored."""
