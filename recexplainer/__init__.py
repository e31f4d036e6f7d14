"""Why did it recommend this? Answers in words, checked against the recommender itself.

::

    from pathlib import Path

    from recexplainer import explain, load_config, run

    run(load_config(overrides=["target.name=sasrec"]), Path("runs/first"))
    answer = explain(Path("runs/first"), user="196")
    print(answer.explanations[0].text)

Importing it costs nothing: names are looked up when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recexplainer.config import RunConfig, load_config
    from recexplainer.errors import RecxError, UserError
    from recexplainer.pipeline import Explained, explain, plan, run
    from recexplainer.plugins.hookspecs import hookimpl
    from recexplainer.plugins.interfaces import (
        AlignmentTask,
        Dataset,
        Explainer,
        Judge,
        LatentTarget,
        Options,
        Provider,
        Target,
    )

_HOMES = {
    "AlignmentTask": "plugins.interfaces",
    "Dataset": "plugins.interfaces",
    "Explained": "pipeline",
    "Explainer": "plugins.interfaces",
    "Judge": "plugins.interfaces",
    "LatentTarget": "plugins.interfaces",
    "Options": "plugins.interfaces",
    "Provider": "plugins.interfaces",
    "RecxError": "errors",
    "RunConfig": "config",
    "Target": "plugins.interfaces",
    "UserError": "errors",
    "explain": "pipeline",
    "hookimpl": "plugins.hookspecs",
    "load_config": "config",
    "plan": "pipeline",
    "run": "pipeline",
}

__all__ = [
    "AlignmentTask",
    "Dataset",
    "Explained",
    "Explainer",
    "Judge",
    "LatentTarget",
    "Options",
    "Provider",
    "RecxError",
    "RunConfig",
    "Target",
    "UserError",
    "explain",
    "hookimpl",
    "load_config",
    "plan",
    "run",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
