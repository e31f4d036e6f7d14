"""What a longer training buys: one target and one corpus, at several training budgets.

    python benchmarks/budget_curve.py runs/benchmarks/seed-0 --budgets 0.25 0.5 1 2

Each budget gets a copy of a finished run, without what comes after the corpus, and continues it;
the run's own budget is not trained again.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from measuring import RECX, RESULTS, describe_machine, timed, write_result

LATER = shutil.ignore_patterns("4-*", "5-*", "6-*", "7-*", "8-*", "report.*", "*.lock")


def measure(base: Path, budget: float, threads: int, folder: Path) -> dict[str, Any]:
    """Return what the run ``base`` comes to with ``training.budget`` at ``budget``.

    Args:
        base: a finished run.
        budget: passes over the corpus.
        threads: CPU threads.
        folder: where the copy goes; emptied first.
    """
    report = _report(base)
    if report["run"]["config"]["training"]["budget"] != budget:
        report = _continued(base, budget, threads, folder)
    return {
        "budget": budget,
        "mode": report["run"]["mode"],
        "seed": report["run"]["seed"],
        "examples": report["run"]["curve"][-1]["examples"],
        "metrics": report["metrics"],
    }


def _continued(base: Path, budget: float, threads: int, folder: Path) -> dict[str, Any]:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder, ignore=LATER)
    settings = (f"training.budget={budget}", f"training.threads={threads}")
    options = [word for setting in settings for word in ("--set", setting)]
    timed([*RECX, "run", str(folder / "config.yaml"), "--out", str(folder), *options], threads)
    report = _report(folder)
    stages = {stage["name"]: stage for stage in report["stages"]}
    shared = ("dataset", "target", "alignment")
    if not all(stages[name]["resumed"] for name in shared):
        raise RuntimeError(f"{folder} did not share {', '.join(shared)} with {base}")
    return report


def _report(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return report


def main() -> None:
    """Measure every budget; the result is written after each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("base", type=Path)
    parser.add_argument("--budgets", type=float, nargs="+", default=[0.25, 0.5, 1.0, 2.0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("runs/benchmarks"))
    parser.add_argument("--result", type=Path, default=RESULTS / "budget_curve.json")
    given = parser.parse_args()
    result: dict[str, Any] = {"machine": describe_machine(), "threads": given.threads, "runs": []}
    for budget in given.budgets:
        folder = given.folder / f"budget-{budget:g}"
        run = measure(given.base, budget, given.threads, folder)
        result["runs"].append(run)
        write_result(given.result, result)
        print(f"budget {budget:g}: about {run['examples']:,} examples", flush=True)


if __name__ == "__main__":
    main()
