"""Why did it recommend this? Answers in words, checked against the recommender itself.

::

    from pathlib import Path

    from recexplainer import load, load_config, run

    run(load_config(overrides=["target.name=sasrec"]), Path("runs/first"))
    answer = load("runs/first").explain(user="196")
    print(answer.explanations[0].text)

Importing it costs nothing: names are looked up when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recexplainer.config import RunConfig, load_config
    from recexplainer.errors import RecxError, UserError
    from recexplainer.pipeline import (
        Answered,
        Explained,
        LoadedRun,
        RankedItem,
        RecommendedList,
        explain,
        export,
        load,
        plan,
        push,
        run,
    )
    from recexplainer.plugins.hookspecs import hookimpl
    from recexplainer.plugins.interfaces import (
        AlignmentTask,
        Dataset,
        Explainer,
        Judge,
        LatentTarget,
        Options,
        Provider,
        Recipe,
        Target,
    )
    from recexplainer.surrogate.model.surrogate_model import (
        SurrogateLM as SurrogateLM,  # by name only: needs torch
    )

_HOMES = {
    "AlignmentTask": "plugins.interfaces",
    "Answered": "pipeline",
    "Dataset": "plugins.interfaces",
    "Explained": "pipeline",
    "Explainer": "plugins.interfaces",
    "Judge": "plugins.interfaces",
    "LatentTarget": "plugins.interfaces",
    "LoadedRun": "pipeline",
    "Options": "plugins.interfaces",
    "Provider": "plugins.interfaces",
    "RankedItem": "pipeline",
    "Recipe": "records.recipe",
    "RecommendedList": "pipeline",
    "RecxError": "errors",
    "RunConfig": "config",
    "SurrogateLM": "surrogate.model.surrogate_model",
    "Target": "plugins.interfaces",
    "UserError": "errors",
    "explain": "pipeline",
    "export": "pipeline",
    "hookimpl": "plugins.hookspecs",
    "load": "pipeline",
    "load_config": "config",
    "plan": "pipeline",
    "push": "pipeline",
    "run": "pipeline",
}

__all__ = [
    "AlignmentTask",
    "Answered",
    "Dataset",
    "Explained",
    "Explainer",
    "Judge",
    "LatentTarget",
    "LoadedRun",
    "Options",
    "Provider",
    "RankedItem",
    "Recipe",
    "RecommendedList",
    "RecxError",
    "RunConfig",
    "Target",
    "UserError",
    "explain",
    "export",
    "hookimpl",
    "load",
    "load_config",
    "plan",
    "push",
    "run",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
