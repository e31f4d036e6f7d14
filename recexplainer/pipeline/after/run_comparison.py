"""Comparison of two runs: what changed between their recommenders, or their data sets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recexplainer.errors import UserError
from recexplainer.pipeline.after.finished_run import reopen
from recexplainer.pipeline.execution.installed_parts import config_of_run, default_registry
from recexplainer.pipeline.execution.stage_table import up_to
from recexplainer.plugins.registry import Registry
from recexplainer.runs.quiet import quiet_libraries

if TYPE_CHECKING:
    from recexplainer.audit.versions.version_comparison import Comparison
    from recexplainer.audit.versions.version_pair import Version

__all__ = ["compare_versions"]

_FEWEST_USERS = 20


@quiet_libraries()
def compare_versions(
    first: Path, second: Path, *, users: int = 400, registry: Registry | None = None
) -> Comparison:
    """Ask the recommenders of two runs the same, and return what changed.

    Args:
        first: a run folder; it needs to be done up to its target.
        second: another one.
        users: how many users, drawn at random, are asked about; 20 or more.
        registry: the parts to choose from; the built-in and all installed ones by default.

    Raises:
        RunFolderError: one is no run, or has no target yet.
        UserError: ``users`` is too small, or the runs have too little in common.
        StageError: a target gave scores that cannot be used.
    """
    from recexplainer.audit.versions.version_comparison import comparison_of
    from recexplainer.audit.versions.version_pair import VersionPair

    if users < _FEWEST_USERS:
        raise UserError(
            f"--users {users} is too few to tell anything: give {_FEWEST_USERS} or more"
        )
    known = registry or default_registry()
    names = (first.resolve().name, second.resolve().name)
    if names[0] == names[1]:
        names = (str(first), str(second))
    if names[0] == names[1]:
        names = (f"{names[0]} (first)", f"{names[1]} (second)")
    pair = VersionPair(_version(first, names[0], known), _version(second, names[1], known), users)
    return comparison_of(pair)


def _version(out: Path, name: str, registry: Registry) -> Version:
    from recexplainer.audit.versions.version_pair import Version

    bench, stages = reopen(config_of_run(out), out, registry)
    for stage in up_to(stages, "target"):
        stage.require()
    return Version(
        name,
        str(out),
        bench.plan.target.name,
        bench.oracle,
        bench.log,
        bench.split,
        bench.config.dataset.max_history,
        bench.config.seed,
    )
