"""Job: what a batch is made from; a folder belongs to one job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recexplainer.batch.rows import SCHEMA_VERSION
from recexplainer.batch.shard_files import BatchFolder
from recexplainer.batch.shards import shard_count, shard_size
from recexplainer.batch.user_file import user_rows
from recexplainer.errors import DataError, RunFolderError, UserError
from recexplainer.pipeline.after.finished_run import config_with_explainers, reopen
from recexplainer.pipeline.after.live_explanation import needed_stage
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.installed_parts import default_registry
from recexplainer.pipeline.execution.stage_table import up_to
from recexplainer.plugins.registry import Registry
from recexplainer.runs.artifacts import read_json, write_json
from recexplainer.runs.contents import content_of
from recexplainer.runs.steps import DONE

__all__ = ["Job", "Registered"]

Registered = Callable[[], Registry]
"""Returns the parts to choose from; a function of a module, so that a worker can call it."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is explained to whom, from which run and into which folder.

    It goes to workers as it is: they see the same files under the same paths.

    Attributes:
        run: the run folder.
        users: the file of users.
        out: the folder of the batch.
        explainers: registered names, in place of the run's own.
        overrides: ``explanations.key=value`` texts.
        instruction: a wish such as ``"only genres"``.
        top: how many items are explained to a user without an item.
        size: how many rows a shard has on average; None chooses by their number.
        registry: the parts to choose from.
    """

    run: Path
    users: Path
    out: Path
    explainers: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    instruction: str | None = None
    top: int = 1
    size: int | None = None
    registry: Registered = default_registry

    @property
    def folder(self) -> BatchFolder:
        """The files of the batch."""
        return BatchFolder(self.out)

    def opened(self) -> Bench:
        """Return the run, nothing of it loaded yet.

        Raises:
            RunFolderError: it is not finished up to what its explainers need.
            ConfigError: an explainer is not registered, or its options are wrong.
            UserError: no explainer takes the instruction, or an override is of another section.
        """
        known = self.registry()
        config = config_with_explainers(self.run, self.explainers, self.overrides, known)
        bench, stages = reopen(config, self.run, known)
        for stage in up_to(stages, needed_stage(bench.plan.explainers)):
            stage.require()
        if self.instruction:
            bench.check_instruction(self.instruction)
        return bench

    def begin(self) -> dict[str, Any]:
        """Return what the batch is made from, kept in its folder; another batch's is refused.

        Raises:
            DataError: the file of users cannot be read, or names nobody.
            RunFolderError: the folder holds something else.
            UserError: as ``opened``, or ``top`` or ``size`` is below 1.
        """
        if self.top < 1 or (self.size is not None and self.size < 1):
            raise UserError("--top and --shard-size are numbers from 1 on")
        made_from = self._made_from(self.opened())
        place = self.folder.job
        if place.is_file():
            kept = read_json(place)
            if differing := list(_differences(kept, made_from)):
                raise RunFolderError(
                    f"{self.out} holds explanations made from something else: "
                    f"{'; '.join(differing)}. Give another folder with --out."
                )
            return dict(kept)
        if self.out.is_dir() and any(self.out.iterdir()):
            raise RunFolderError(
                f"{self.out} holds files but no explanations of a batch. Give a new or empty "
                "folder with --out."
            )
        write_json(place, made_from)
        return made_from

    def _made_from(self, bench: Bench) -> dict[str, Any]:
        rows = sum(1 for _ in user_rows(self.users))
        if not rows:
            raise DataError("names no user; give one id per line", path=self.users)
        settings = bench.config.explanations.model_dump(
            mode="json", include={"explainers", "instruction", "min_confidence", "options"}
        )
        made_from: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "run": _run_of(bench),
            "seed": bench.config.seed,
            "explanations": settings,
            "instruction": self.instruction,
            "top": self.top,
            "users": {"sha256": content_of(self.users).digest, "rows": rows},
            "shards": shard_count(rows, self.size or shard_size(rows)),
        }
        text = json.dumps(made_from, sort_keys=True)
        fingerprint = hashlib.sha256(text.encode()).hexdigest()[:16]
        return {"fingerprint": fingerprint, **made_from}


def _run_of(bench: Bench) -> dict[str, str]:
    """Return the run's name and its finished stages, up to what was trained.

    What a stage notes when it is done holds the time that it took: no other training has the same.
    """
    folders = (bench.folder_of(name) for name in ("dataset", "target", "surrogate"))
    done = (folder / DONE for folder in folders)
    return {"name": bench.folder.path.resolve().name} | {
        path.parent.name: content_of(path).digest for path in done if path.is_file()
    }


def _differences(kept: Mapping[str, Any], given: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """Yield the settings that are not as they were kept."""
    for key in dict.fromkeys((*kept, *given)):
        old, new, name = kept.get(key), given.get(key), f"{at}{key}"
        if key == "fingerprint" or old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _differences(old, new, f"{name}.")
        else:
            yield f"{name} was {_short(old)} and is {_short(new)}"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
