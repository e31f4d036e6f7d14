"""Run folder: ``config.yaml``, ``versions.json`` and one folder per stage."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from recexplainer.errors import RunFolderError
from recexplainer.records import StageRecord
from recexplainer.runs.artifacts import read_json, write_json, write_text
from recexplainer.runs.lock import locked
from recexplainer.runs.steps import DONE, STAGES, Stage, StageName, fingerprint, plain, read_record

__all__ = ["RunFolder", "package_versions"]

_CONFIG, _VERSIONS = "config.yaml", "versions.json"
_PACKAGES = (
    "recexplainer",
    "torch",
    "transformers",
    "peft",
    "tokenizers",
    "safetensors",
    "datasets",
    "recbole",
    "numpy",
    "pandas",
    "pydantic",
    "pluggy",
)


class RunFolder:
    """The folder of one run. Making the object touches nothing on disk.

    Args:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Return the run in ``path``.

        Raises:
            RunFolderError: ``path`` does not exist or is not a run.
        """
        if not path.is_dir():
            raise RunFolderError(f"there is no folder {path}. {_runs_near(path)}")
        if not (path / _CONFIG).is_file():
            raise RunFolderError(f"{path} is not a run: it has no {_CONFIG}. {_runs_near(path)}")
        return cls(path)

    @classmethod
    def create(cls, path: Path) -> RunFolder:
        """Return the run in ``path``, made if it is absent.

        Raises:
            RunFolderError: no run can be made there; ``refusal`` says why.
        """
        problem = cls.refusal(path)
        if problem:
            raise RunFolderError(problem)
        path.mkdir(parents=True, exist_ok=True)
        return cls(path)

    @staticmethod
    def refusal(path: Path) -> str | None:
        """Return why no run can be made or continued in ``path``, or None; makes nothing."""
        place = next(place for place in (path, *path.absolute().parents) if place.exists())
        if not place.is_dir():
            return f"{place} is a file; give a folder with --out."
        if not os.access(place, os.W_OK):
            return f"{place} cannot be written to; give another folder with --out."
        visible = any(not entry.name.startswith(".") for entry in place.iterdir())
        if place == path and visible and not (path / _CONFIG).is_file():
            # What is there is not ours to overwrite.
            return (
                f"{path} holds files but is not a run: it has no {_CONFIG}. "
                "Give a new or empty folder with --out."
            )
        return None

    def lock(self) -> AbstractContextManager[None]:
        """Return a context manager that keeps other processes out of the folder.

        Raises:
            RunFolderError: on entering, when another process holds the folder; names its pid.
        """
        return locked(self.path)

    def stage(
        self,
        name: StageName,
        *,
        version: str,
        settings: Mapping[str, object],
        inputs: Sequence[Stage] = (),
    ) -> Stage:
        """Return a stage of this run, identified but not run.

        Args:
            name: which stage.
            version: of the stage's code; raised when the same settings give another result.
            settings: all that the result depends on besides the inputs (see ``fingerprint``).
            inputs: the stages it reads.
        """
        identity = fingerprint(
            name,
            version=version,
            settings=settings,
            inputs=[stage.fingerprint for stage in inputs],
        )
        made_from = {
            "version": version,
            "settings": plain(settings),
            "inputs": {stage.folder.name: stage.fingerprint for stage in inputs},
        }
        return Stage(name, self.stage_folder(name), identity, made_from)

    def stage_folder(self, name: StageName) -> Path:
        """Return the folder of a stage, such as ``4-surrogate``; it need not exist."""
        return self.path / f"{STAGES.index(name) + 1}-{name}"

    def records(self) -> tuple[StageRecord, ...]:
        """Return how each finished stage went, in their order, marked as resumed."""
        folders = (self.stage_folder(name) for name in STAGES)
        return tuple(read_record(folder) for folder in folders if (folder / DONE).is_file())

    def write_config(self, text: str) -> None:
        """Keep the resolved configuration, as YAML."""
        write_text(self.path / _CONFIG, text)

    @property
    def config_path(self) -> Path:
        """Where the resolved configuration is kept."""
        return self.path / _CONFIG

    def write_versions(self, packages: Iterable[str] = ()) -> None:
        """Keep the versions of Python, of what we build on, and of ``packages`` (plugins)."""
        write_json(self.path / _VERSIONS, package_versions([*_PACKAGES, *packages]))

    def read_versions(self) -> dict[str, str]:
        """Return what ``write_versions`` kept."""
        return dict(read_json(self.path / _VERSIONS))


def package_versions(packages: Iterable[str] = _PACKAGES) -> dict[str, str]:
    """Return the versions of Python, the platform and those ``packages`` that are installed.

    No package is imported for it.
    """
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _runs_near(path: Path) -> str:
    """Return a sentence that names the runs in or beside ``path``, or how to make one."""
    places = [path, path.parent] if path.is_dir() else [path.parent]
    runs = [
        config.parent
        for place in places
        if place.is_dir()
        for config in sorted(place.glob(f"*/{_CONFIG}"))
    ]
    if not runs:
        return f"Make a run with: recx run --out {path}"
    return f"Runs nearby: {', '.join(str(run) for run in runs[:5])}."
