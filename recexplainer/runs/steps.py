"""Stage of a run: its identity, whether it is done, and its resumable execution.

What must run again follows from three rules:

1. A stage is done when its ``done.json`` holds its fingerprint. The file is written last.
2. The fingerprint covers the stage's name, its version, its settings and the fingerprints of its
   inputs; so a change re-runs the stage it concerns and every stage that builds on it.
3. A folder that was started under the same fingerprint is continued (its journals and checkpoints
   are kept); one that was started under another is emptied first. What differs is kept beside the
   fingerprint, so that it can be said before.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import to_jsonable_python

from recexplainer.errors import RunFolderError
from recexplainer.records import StageRecord
from recexplainer.runs.artifacts import read_json, write_json
from recexplainer.runs.stage_changes import changes
from recexplainer.runs.memory import measure_memory

__all__ = ["DONE", "STAGES", "Stage", "StageName", "fingerprint", "plain", "read_record"]

StageName = Literal[
    "dataset",
    "target",
    "alignment",
    "surrogate",
    "fidelity",
    "explanations",
    "verdicts",
    "report",
]
STAGES: tuple[StageName, ...] = get_args(StageName)
"""The stages in their order; the folder of the first is ``1-dataset``."""

_STARTED, DONE = "started.json", "done.json"


def fingerprint(
    name: str, *, version: str, settings: Mapping[str, object], inputs: Sequence[str]
) -> str:
    """Return the identity of a stage's result, as 64 hexadecimal digits.

    Args:
        name: the stage's name.
        version: of the stage's code; raised when the same settings give another result.
        settings: all that the result depends on, and nothing that it does not (device, threads);
            values are what JSON holds, pydantic models, paths, sets or dataclasses.
        inputs: fingerprints of the stages it reads.
    """
    identity = [name, version, plain(settings), list(inputs)]
    text = json.dumps(identity, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of one run.

    Attributes:
        name: which stage it is.
        folder: where it keeps what it makes.
        fingerprint: the identity of the result that is asked for.
        identity: what the fingerprint covers: ``version``, ``settings``, and ``inputs`` by folder.
    """

    name: StageName
    folder: Path
    fingerprint: str
    identity: Mapping[str, Any] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """Whether the result that is asked for is there."""
        return self._marked(DONE) == self.fingerprint

    @property
    def started(self) -> bool:
        """Whether the result that is asked for is there in part, to be continued."""
        return not self.done and self._marked(_STARTED) == self.fingerprint

    @property
    def outdated(self) -> bool:
        """Whether its folder holds another result, which is emptied before it is done."""
        return not self.done and not self.started and self._made_from() is not None

    def reasons(self) -> list[str]:
        """Return why it is outdated; nothing where that is because of a stage it builds on."""
        before = self._made_from()
        if before is None or self.done or self.started:
            return []
        if not before:
            return ["it does not say what it was made from"]
        return list(changes(before, self.identity))

    def run(self, build: Callable[[Path], object]) -> StageRecord:
        """Do the stage unless it is done.

        Args:
            build: fills the folder it is given; it may find there what an interrupted run of the
                same fingerprint left.

        Returns:
            How it went; ``resumed``, with the seconds and memory of the first time, when it was
            done. Seconds of attempts that ended with an exception are added up; the last
            attempt's are lost when the process was killed outright.
        """
        if self.done:
            return read_record(self.folder)
        spent = self._prepare()
        began = time.perf_counter()
        try:
            with measure_memory() as peak:
                build(self.folder)
        except BaseException:
            self._mark(_STARTED, seconds=spent + time.perf_counter() - began)
            raise
        record = StageRecord(
            name=self.name,
            seconds=round(spent + time.perf_counter() - began, 3),
            peak_rss_mb=round(peak.megabytes, 1),
        )
        self._mark(DONE, record=record.model_dump(mode="json"))
        return record

    def begin(self) -> None:
        """Make the folder ready without doing the stage: it may be filled by other means.

        ``run`` then continues what is there, as it continues an interrupted run.
        """
        self._prepare()

    def require(self) -> Path:
        """Return the folder of the finished stage.

        Raises:
            RunFolderError: the stage has not been finished with these settings.
        """
        if not self.done:
            why = "; ".join(self.reasons())
            raise RunFolderError(
                f"{self.folder} does not hold a finished {self.name} stage with these settings"
                f"{why and f' ({why})'}. Run the command that made the run again; it resumes."
            )
        return self.folder

    def _prepare(self) -> float:
        """Make the folder ready; return the seconds that earlier attempts took."""
        if self.started:
            return float(read_json(self.folder / _STARTED).get("seconds", 0.0))
        # The markers go first: a process killed here must not leave a folder that looks whole.
        for marker in (DONE, _STARTED):
            (self.folder / marker).unlink(missing_ok=True)
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self._mark(_STARTED, seconds=0.0)
        return 0.0

    def _mark(self, marker: str, **content: object) -> None:
        made_from = {"fingerprint": self.fingerprint, "identity": self.identity}
        write_json(self.folder / marker, {**made_from, **content})

    def _marked(self, marker: str) -> str | None:
        """Return the fingerprint in ``marker``; None where it is absent or unreadable."""
        return self._read(marker).get("fingerprint")

    def _made_from(self) -> Mapping[str, Any] | None:
        """Return the identity of what the folder holds; empty if it is not told, None for nothing.

        Markers that were written before they told it have none.
        """
        marker = self._read(DONE) or self._read(_STARTED)
        return marker.get("identity", {}) if marker else None

    def _read(self, marker: str) -> dict[str, Any]:
        try:
            content = read_json(self.folder / marker)
        except (RunFolderError, NotADirectoryError):
            return {}
        return content if isinstance(content, dict) else {}


def read_record(folder: Path) -> StageRecord:
    """Return how the finished stage in ``folder`` went, marked as resumed.

    Raises:
        RunFolderError: the stage is not finished, or its marker is damaged.
    """
    try:
        content = read_json(folder / DONE)
        return StageRecord.model_validate({**content["record"], "resumed": True})
    except (ValidationError, KeyError, TypeError):
        raise RunFolderError(
            f"{folder / DONE} is damaged. Delete {folder} and run the same command again."
        ) from None


def plain(value: object) -> Any:
    """Return ``value`` as JSON holds it, the same whatever the order of its sets and keys."""
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(inner) for inner in value), key=json.dumps)
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return to_jsonable_python(value)
