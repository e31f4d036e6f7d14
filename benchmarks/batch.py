"""Explained users per second with one and two workers, and memory against the number of users.

Usage: python benchmarks/batch.py runs/benchmarks/seed-0   (a run up to its surrogate)
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measuring import RECX, RESULTS, describe_machine, timed, write_result

_DEAL = (
    "import sys; from pathlib import Path; from recexplainer.batch.shards import *\n"
    "SharedUsers(Path(sys.argv[2])).deal(Path(sys.argv[1]), 2000, range(2000))"
)


def main() -> None:
    """Explain to the first users of the run, then deal out longer and longer files of users."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--users", type=int, default=400)
    parser.add_argument("--explainer", default="surrogate")
    parser.add_argument("--lines", type=int, nargs="+", default=[20_000, 200_000, 2_000_000])
    parser.add_argument("--result", type=Path, default=RESULTS / "batch.json")
    given = parser.parse_args()
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        rates = {
            str(workers): _rate(given.run, place, given.users, given.explainer, workers)
            for workers in (1, 2)
        }
        dealt = [_dealt(place, count) for count in given.lines]
    alone = {name: _alone(given.run, name) for name in ("surrogate", "occlusion")}
    one, two = (rates[workers]["users_per_second"] for workers in "12")
    measured = {
        "users": given.users,
        "explainer": given.explainer,
        "by_workers": rates,
        "two_to_one": round(two / one, 2),
        "one_process": alone,
        "dealt_out": dealt,
    }
    print(json.dumps(measured, indent=1))
    write_result(given.result, {"machine": machine, **measured})


def _rate(run: Path, place: Path, count: int, explainer: str, workers: int) -> dict[str, Any]:
    """Return how fast so many workers are, from the first shard begun to the last one ended."""
    users, out = place / "users.csv", place / f"by-{workers}"
    from recexplainer.pipeline import load

    names = list(load(run)._bench.log.histories)[:count]  # noqa: SLF001
    users.write_text("user_id\n" + "\n".join(names) + "\n", encoding="utf-8")
    words = ["explain", run, "--users", users, "--out", out, "--explainer", explainer]
    words += ["--engine", "dask", "--workers", workers, "--shard-size", 50]
    took = timed([*RECX, *map(str, words)], threads=1)
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    busy, size = manifest["totals"]["seconds"], manifest["totals"]["bytes"]
    shutil.rmtree(out)
    return {
        "users_per_second": round(len(names) / (busy / workers), 2),
        "users_per_second_and_core": round(len(names) / busy, 2),
        "seconds": took.seconds,
        "peak_rss_mb": took.peak_rss_mb,
        "bytes_per_user": round(size / len(names)),
    }


def _alone(run: Path, explainer: str, count: int = 64) -> dict[str, Any]:
    """Return what one process takes per user, in its own seconds, however busy the machine is."""
    import torch
    from explanation_checks import count_questions

    from recexplainer.batch.explained_shard import ShardExplainer
    from recexplainer.batch.job import Job
    from recexplainer.batch.user_file import UserRow

    torch.set_num_threads(1)
    bench = Job(run, Path(), Path(), (explainer,)).opened()
    users = [UserRow(name) for name in list(bench.log.histories)[: count + 1]]
    explainer_of = ShardExplainer(bench, "")
    explainer_of.table(users[:1])  # what is loaded is not counted
    asked, began = count_questions(bench.target), time.process_time()
    explainer_of.table(users[1:])
    return {
        "questions_per_user": round(asked["histories"] / count),
        "users_per_core_second": round(count / (time.process_time() - began), 1),
    }


def _dealt(place: Path, count: int) -> dict[str, Any]:
    """Return what it takes to deal so many users out to 2,000 shards."""
    source, folder = place / "many.txt", place / "dealt"
    with source.open("w", encoding="utf-8") as file:
        file.writelines(f"user-{number}\n" for number in range(count))
    took = timed([sys.executable, "-c", _DEAL, str(source), str(folder)], threads=1)
    shutil.rmtree(folder)
    return {"users": count, "seconds": took.seconds, "peak_rss_mb": took.peak_rss_mb}


if __name__ == "__main__":
    main()
