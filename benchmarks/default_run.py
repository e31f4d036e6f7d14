"""The default run, once per seed, each in a fresh process: how long, how much memory, how good.

Usage: python benchmarks/default_run.py --seeds 0 1 2 --threads 2
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measuring import RECX, RESULTS, describe_machine, timed, write_result

COMMAND = ("run", "--target", "sasrec", "--align", "hybrid")


def measure(seed: int, threads: int, folder: Path, settings: Sequence[str]) -> dict[str, Any]:
    """Return what a run from nothing came to, and how long the same command takes again.

    Args:
        seed: of the run.
        threads: CPU threads.
        folder: the run folder; emptied first.
        settings: further settings, such as ``fidelity.users=30``.
    """
    shutil.rmtree(folder, ignore_errors=True)
    given = [f"training.threads={threads}", *settings]
    options = [word for setting in given for word in ("--set", setting)]
    command = [*RECX, *COMMAND, "--seed", str(seed), "--out", str(folder), *options]
    first = timed(command, threads)
    report = _report(folder)
    second = timed(command, threads)
    return {
        "seed": seed,
        "mode": report["run"]["mode"],
        "seconds": first.seconds,
        "peak_rss_mb": first.peak_rss_mb,
        "second_run_seconds": second.seconds,
        "second_run_resumed": all(stage["resumed"] for stage in _report(folder)["stages"]),
        "stages": report["stages"],
        "metrics": report["metrics"],
        "headline": first.output,
    }


def _report(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return report


def main() -> None:
    """Measure every seed; the result is written after each, so that none is lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("runs/benchmarks"))
    parser.add_argument("--result", type=Path, default=RESULTS / "default_run.json")
    parser.add_argument("--set", dest="settings", action="append", default=[])
    parser.add_argument("--add", action="store_true", help="keep the result's other seeds")
    parser.add_argument(
        "--untimed", action="store_true", help="the machine is busy: quote no times"
    )
    given = parser.parse_args()
    result: dict[str, Any] = {
        "command": " ".join(("recx", *COMMAND)),
        "settings": given.settings,
        "threads": given.threads,
        "machine": describe_machine(),
        "runs": [],
    }
    if given.add:
        result = json.loads(given.result.read_text(encoding="utf-8"))
    for seed in given.seeds:
        run = measure(seed, given.threads, given.folder / f"seed-{seed}", given.settings)
        run["timed"] = not given.untimed
        kept = [other for other in result["runs"] if other["seed"] != seed]
        result["runs"] = sorted([*kept, run], key=lambda one: one["seed"])
        write_result(given.result, result)
        print(
            f"seed {seed}: {run['seconds']:.0f} s, {run['peak_rss_mb']:.0f} MB, again in "
            f"{run['second_run_seconds']:.1f} s"
        )


if __name__ == "__main__":
    main()
