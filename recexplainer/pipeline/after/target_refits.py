"""Refits of a run's target: with another seed or without a block; kept, and resumed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recexplainer.pipeline.execution.bench import Bench
from recexplainer.plugins.interfaces import Target, TargetKit
from recexplainer.runs.journal import Journal
from recexplainer.runs.steps import Stage

if TYPE_CHECKING:
    from recexplainer.audit.refit_plan import Refit

__all__ = ["FOLDER", "refitted"]

FOLDER = "audit-refits"
"""Where trainings are kept, in the run's folder; deleting it loses nothing but their time."""


def refitted(bench: Bench, stage: Stage, refits: Sequence[Refit]) -> Iterator[tuple[Refit, Target]]:
    """Yield each refit's target; what was trained before is loaded.

    A journal names what is whole, with the fingerprint of the target that it was made beside, so
    that the same command goes on after an interruption, and a larger number adds to what is there.

    Args:
        bench: of the run.
        stage: that of its target.
        refits: what to train.
    """
    folder = bench.folder.path / FOLDER
    folder.mkdir(exist_ok=True)
    with Journal(folder / "journal.jsonl") as journal:
        for number, refit in enumerate(refits, 1):
            key = f"{stage.fingerprint}/{refit.name}"
            weights = folder / f"{zlib.crc32(key.encode()):08x}"
            target = _built(bench, refit)
            if journal.seen(key) and weights.is_dir():
                target.load(weights)
            else:
                bench.progress.note(f"training {number} of {len(refits)}: {refit.name}")
                _train(bench, refit, target, weights)
                journal.append(key, {"weights": weights.name, "block": refit.name})
            yield refit, target


def _built(bench: Bench, refit: Refit) -> Target:
    kit = TargetKit(
        bench.catalogue, bench.config.dataset.max_history, bench.config.seed + refit.seed
    )
    built: Target = bench.plan.target.provider.build(bench.plan.target.options, kit)
    return built


def _train(bench: Bench, refit: Refit, target: Target, weights: Path) -> None:
    from recexplainer.audit.refit_plan import training_without

    training = bench.split.training
    if refit.block is not None:
        training = training_without(training, refit.block)
    target.fit(training, bench.progress)
    weights.mkdir(exist_ok=True)
    target.save(weights)
