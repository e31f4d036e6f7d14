"""Explanations by `occlusion` per second and core, by this code and by another version of it.

Usage: python benchmarks/occlusion_rate.py runs/benchmarks/seed-0 --beside FOLDER
The two are measured in turn, as often as is asked for, and their answers compared byte by byte.
FOLDER is a checkout of the version to compare with.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from measuring import RESULTS, describe_machine, write_result

_HERE = Path(__file__).parents[1]


def main() -> None:
    """Measure both versions in turn, compare what they say, and keep it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--beside", type=Path, default=_HERE, help="another checkout")
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--alone", action="store_true", help="print what this process takes")
    parser.add_argument("--result", type=Path, default=RESULTS / "occlusion_rate.json")
    given = parser.parse_args()
    if given.alone:
        print(json.dumps(measure(given.run, given.users)))
        return
    machine = describe_machine()
    versions = {"before": given.beside, "after": _HERE}
    told: dict[str, list[dict[str, Any]]] = {name: [] for name in versions}
    for _ in range(given.rounds):
        for name, rounds in told.items():
            rounds.append(_told(versions[name], given.run, given.users))
    first = told["after"][0]["answers"]
    same = all(one["answers"] == first for rounds in told.values() for one in rounds)
    # The least is what other processes disturbed least.
    ms = {name: min(one["ms"] for one in rounds) for name, rounds in told.items()}
    measured = {
        "users": given.users,
        "rounds_ms": {name: [one["ms"] for one in rounds] for name, rounds in told.items()},
        "users_per_core_second": {name: round(1000 / least, 1) for name, least in ms.items()},
        "before_to_after": round(ms["before"] / ms["after"], 2),
        "same_answers": same,
    }
    print(json.dumps(measured, indent=1))
    write_result(given.result, {"machine": machine, **measured})


def measure(run: Path, count: int) -> dict[str, Any]:
    """Return the milliseconds of a core per user, loading not counted, and all answers."""
    import torch

    import recexplainer

    torch.set_num_threads(1)
    door = recexplainer.load(run, explainers=["occlusion"])
    first, *users = list(door.histories)[: count + 1]
    door.explain(user=first)
    began = time.process_time()
    answers = [door.explain(user=user).answer for user in users]
    seconds = time.process_time() - began
    return {
        "ms": round(seconds / count * 1000, 1),
        "answers": [one.model_dump_json() for one in answers],
    }


def _told(folder: Path, run: Path, users: int) -> dict[str, Any]:
    command = [sys.executable, __file__, str(run), "--alone", "--users", str(users)]
    place = {**os.environ, "PYTHONPATH": str(folder.resolve()), "OMP_NUM_THREADS": "1"}
    told = subprocess.run(command, env=place, check=True, capture_output=True, text=True)  # noqa: S603
    answer: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return answer


if __name__ == "__main__":
    main()
