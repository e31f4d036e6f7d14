"""Start of the pipeline: the registered parts, and a run's own configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from recexplainer import default_plugins
from recexplainer.config import RunConfig, load_config
from recexplainer.plugins.manager import load_registry
from recexplainer.plugins.registry import Registry
from recexplainer.runs.folder import RunFolder

__all__ = ["config_of_run", "default_registry"]


def default_registry() -> Registry:
    """Return the built-in parts and those of all installed plugins."""
    return load_registry([default_plugins])


def config_of_run(out: Path, overrides: Sequence[str] = ()) -> RunConfig:
    """Return the configuration that a run folder keeps.

    Args:
        out: the run folder.
        overrides: ``section.key=value`` texts that win over what it keeps.

    Raises:
        RunFolderError: ``out`` is not a run.
        ConfigError: an override is wrong.
    """
    return load_config(RunFolder.open(out).config_path, overrides)
