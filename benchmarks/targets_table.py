"""Trains named targets on MovieLens-100K, ours and by RecBole's own trainer: how long, how good.

Usage: python benchmarks/targets_table.py bpr ease   (every target of RecBole when none is named)
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from measuring import RESULTS, describe_machine, write_result

RESULT = RESULTS / "targets.json"
MEASURED = Path(__file__).parents[1] / "recexplainer" / "targets" / "recbole" / "measured.yaml"
MAX_HISTORY = 20
PREFIXES = 512
"""Prefixes per step of RecBole's own trainer; ours are windows of many prefixes, so 64 of them."""


def measure(name: str, world: Any, recbole_seconds: float) -> dict[str, Any]:
    """Return what a target, with default options, and RecBole's own trainer come to.

    Args:
        name: of a target that ``FAMILIES`` lists.
        world: what ``prepared`` returned.
        recbole_seconds: after which RecBole's trainer begins no further epoch; 0 leaves it out.
    """
    from recexplainer.plugins.interfaces import TargetKit
    from recexplainer.records import SilentProgress
    from recexplainer.targets.recbole.recbole_providers import recbole_providers

    log, parts = world
    provider = next(one for one in recbole_providers() if one.name == name)
    options = provider.options()
    target = provider.build(options, TargetKit(log.catalogue, MAX_HISTORY, seed=0))
    wall, cpu = time.perf_counter(), time.process_time()
    report = target.fit(parts.training, SilentProgress())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    scores = target.scores([context.history for context in parts.evaluated])
    return {
        "seconds": round(wall, 1),
        "cpu_seconds": round(cpu, 1),
        "epochs": report.epochs,
        "best_epoch": report.best_epoch,
        "validation": {key: round(value, 4) for key, value in report.validation.items()},
        "ndcg@10": ndcg(world, scores),
        "recbole": _recbole(name, options, world, recbole_seconds) if recbole_seconds else None,
    }


def _recbole(name: str, options: Any, world: Any, seconds: float) -> dict[str, Any]:
    from recbole_trainer import train_with_recbole

    from recexplainer.targets.recbole.families import FAMILIES

    family = FAMILIES[name]
    settings = {
        **options.hyper_parameters,
        "learning_rate": options.learning_rate,
        "train_batch_size": options.batch_size,
        "epochs": 300,
        "stopping_step": 10,
        "MAX_ITEM_LIST_LENGTH": MAX_HISTORY,
    }
    if family.reading in {"positions", "prefixes", "cloze"}:
        settings |= {"train_batch_size": PREFIXES, "train_neg_sample_args": None}
        settings["learning_rate"] = 1e-3
    if family.reading in {"vectors", "network"}:
        settings["train_neg_sample_args"] = {
            "distribution": "uniform",
            "sample_num": options.negatives,
            "alpha": 1.0,
            "dynamic": False,
            "candidate_num": 0,
        }
    scores, training = train_with_recbole(world[0], family.model, settings, seconds)
    return {**training, "ndcg@10": ndcg(world, scores)}


def prepared() -> Any:
    """Return the log as a default run prepares it, and its split."""
    from recexplainer.data.movielens import MovieLens100K, MovieLens100KOptions
    from recexplainer.data.preparation import prepare
    from recexplainer.data.split import split
    from recexplainer.records import SilentProgress

    log = prepare(MovieLens100K(MovieLens100KOptions()).load(SilentProgress()))
    return log, split(log, max_history=MAX_HISTORY, held_out_users=0.1, seed=0)


def ndcg(world: Any, scores: Any) -> float:
    """Return NDCG@10 on each user's last item, items had before left out."""
    from recexplainer.targets.target_quality import held_out_standings, ndcg_at

    log, parts = world
    histories = [log.histories[context.user] for context in parts.evaluated]
    answers = [log.catalogue.row(history[-1]) for history in histories]
    seen = [log.catalogue.rows(history[:-1]) for history in histories]
    standings = held_out_standings(scores, answers, seen)
    return round(sum(ndcg_at(found) for found in standings if found) / len(standings), 4)


def popularity(world: Any) -> float:
    """Return NDCG@10 of the same ranking for everyone."""
    import numpy as np

    return ndcg(
        world, np.tile(world[1].popularity.astype(np.float32), (len(world[0].histories), 1))
    )


def table(result: Mapping[str, Any]) -> str:
    """Return the table of targets.

    Args:
        result: what this script wrote.
    """
    from recexplainer.targets.recbole.families import FAMILIES

    heads = ("target", "model", "unseen history", "vectors", *_MEASURED)
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, family in FAMILIES.items():
        found = result["targets"].get(name)
        vectors = "yes" if "vectors" in family.capabilities else "no"
        cells = [f"`{name}`", family.model, family.answers, vectors]
        cells += _measured(found) if found else ["–"] * 4
        lines.append(f"| {' | '.join(cells)} |")
    machine = result["machine"]
    note = (
        f"Popularity's `ndcg@10` is {result['popularity']:.3f}. One seed; one thread of "
        f"{machine['processor']}, Python {machine['python']}, torch {machine['torch']}; seconds of "
        "processor time. A star marks runs of RecBole's trainer that were stopped before they "
        "stopped by themselves, and might still have improved."
    )
    return "\n".join([*lines, "", note])


_MEASURED = ("trains in", "`ndcg@10`", "RecBole's own trainer", "fold-in: cosine, top 10")


def _measured(found: Mapping[str, Any]) -> list[str]:
    theirs, validation = found["recbole"], found["validation"]
    compared = "–"
    if theirs:
        star = "\\*" if theirs["cut"] else ""
        compared = f"{theirs['ndcg@10']:.3f}{star} in {theirs['seconds']:.0f} s"
    fold_in = "–"
    if "fold_in_cosine" in validation:
        fold_in = f"{validation['fold_in_cosine']:.2f}, {validation['fold_in_overlap@10']:.0%}"
    return [f"{found['cpu_seconds']:.0f} s", f"{found['ndcg@10']:.3f}", compared, fold_in]


def kept(path: Path = RESULT) -> dict[str, Any]:
    """Return what earlier runs of this script found."""
    if not path.exists():
        return {"targets": {}}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def write_measured(result: Mapping[str, Any], path: Path = MEASURED) -> None:
    """Write the seconds that ``recx list targets`` shows."""
    lines = ["# Seconds of training on MovieLens-100K; written by benchmarks/targets_table.py."]
    lines += [f"{name}: {one['cpu_seconds']}" for name, one in result["targets"].items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(names: Sequence[str], seconds: float) -> None:
    """Measure each target; the result is written after each, so that none is lost."""
    import torch

    from recexplainer.targets.recbole.families import FAMILIES

    torch.set_num_threads(1)
    world = prepared()
    for name in names or FAMILIES:
        found = measure(name, world, seconds)
        if not seconds and name in kept()["targets"]:
            found["recbole"] = kept()["targets"][name]["recbole"]
        result = {
            **kept(),
            "machine": describe_machine(),
            "popularity": popularity(world),
        }
        # In the order of the table, whatever order they were measured in.
        measured = {**result["targets"], name: found}
        result["targets"] = {one: measured[one] for one in FAMILIES if one in measured}
        write_result(RESULT, result)
        write_measured(result)
        theirs = found["recbole"] or {}
        print(
            f"{name}: {found['cpu_seconds']} s, ndcg@10 {found['ndcg@10']}, RecBole's own "
            f"{theirs.get('ndcg@10')} in {theirs.get('seconds')} s",
            flush=True,
        )


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("names", nargs="*", help="targets; all of RecBole's when none is given")
    seconds = "RecBole's trainer stops then; 0 keeps what it was found to reach with these settings"
    parser.add_argument("--recbole-seconds", type=float, default=240, help=seconds)
    given = parser.parse_args()
    run(given.names, given.recbole_seconds)


if __name__ == "__main__":
    main()
