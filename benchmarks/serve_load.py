"""Puts 50 clients at once to a served run: seconds to an answer by kind, and what was refused.

Starts ``recx serve`` on this machine, asks it over the loopback for a while, and ends it. Half of
the questions were asked before (``cached``), half are new to it (``oracle``: explanations by
occlusion). A client that is refused waits as it is told to, and asks another.
Each measurement is kept behind the others.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from measuring import RECX, RESULTS, describe_machine, write_result

import recexplainer

Question = dict[str, Any]


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--queue", type=int, help="of recx serve")
    parser.add_argument("--set", dest="settings", action="append", default=[], help="likewise")
    parser.add_argument("--note", default="")
    parser.add_argument("--result", type=Path, default=RESULTS / "serve_load.json")
    given = parser.parse_args()
    machine = describe_machine()
    options = [word for setting in given.settings for word in ("--set", setting)]
    options += [] if given.queue is None else ["--queue", str(given.queue)]
    alone = _alone(given.run, given.settings)
    process, address = _started(given.run, options)
    try:
        told = asyncio.run(_load(address, _questions(given.run), given.clients, given.seconds))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
    result = {
        "command": " ".join(["recx", "serve", "RUN", *options]),
        "note": given.note,
        "machine": machine,
        "clients": given.clients,
        "seconds": given.seconds,
        "explanation_alone": alone,
        **told,
    }
    kept = json.loads(given.result.read_text("utf-8"))["runs"] if given.result.exists() else []
    write_result(given.result, {"runs": [*kept, result]})
    for name, value in result.items():
        print(f"{name}: {value}")


def _alone(run: Path, settings: Sequence[str]) -> dict[str, float]:
    """Return what an explanation by occlusion costs where nobody else asks: users per second."""
    door = recexplainer.load(run, explainers=["occlusion"], overrides=settings)
    first, *others = list(door.histories)[:101]
    door.explain(user=first)
    began, computed = time.perf_counter(), time.process_time()
    for user in others:
        door.explain(user=user)
    count = len(others)
    return {
        "users_per_second": round(count / (time.perf_counter() - began), 2),
        "users_per_core_second": round(count / (time.process_time() - computed), 2),
    }


def _started(run: Path, options: Sequence[str]) -> tuple[subprocess.Popen[str], str]:
    """Start the service at a free port, and return it and its address when it is ready."""
    command = [*RECX, "serve", str(run), "--port", "0", "--explainer", "occlusion", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603
    for line in process.stderr or ():
        found = re.search(r"running on (http://\S+)", line)
        if found:
            break
    else:
        sys.exit("the service did not start")
    while httpx2.get(f"{found[1]}/healthz").status_code != 200:
        time.sleep(0.2)
    return process, found[1]


def _questions(run: Path) -> Iterator[Question]:
    """Yield questions, none twice: each user's second recommendation, and so on."""
    door = recexplainer.load(run, explainers=["occlusion"])
    for place in range(1, 20):
        for user in door.histories:
            item = door.recommend(user=user, top=place + 1).items[place].item
            yield {"user": user, "item": item}


async def _load(
    address: str, fresh: Iterator[Question], clients: int, seconds: float
) -> dict[str, Any]:
    """Ask from all clients for a while; return times by kind and counts by status."""
    known = [next(fresh) for _ in range(100)]
    # Questions are made ahead: what the client computes is no time of the service.
    new = [next(fresh) for _ in range(int(seconds * 30))]
    times: dict[str, list[float]] = defaultdict(list)
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    async with httpx2.AsyncClient(base_url=address, timeout=60) as client:
        for question in known:
            (await client.post("/v1/explain", json=question)).raise_for_status()
        ends, fresh_ones, draw = time.perf_counter() + seconds, iter(new), random.Random(0)

        async def ask() -> None:
            while time.perf_counter() < ends:
                kind, question = draw.choice(("cached", "oracle")), draw.choice(known)
                if kind == "oracle" and (question := next(fresh_ones, None)) is None:
                    return
                began = time.perf_counter()
                answer = await client.post("/v1/explain", json=question)
                counts[kind][answer.status_code] += 1
                if answer.status_code == 200:
                    times[kind].append(time.perf_counter() - began)
                elif answer.status_code == 429:
                    await asyncio.sleep(float(answer.headers["retry-after"]))

        await asyncio.gather(*(ask() for _ in range(clients)))
    return {kind: _told(times[kind], counts[kind]) for kind in ("cached", "oracle")}


def _told(times: Sequence[float], counts: Counter[int]) -> dict[str, Any]:
    """Return milliseconds and counts by status."""
    at = (50, 95, 99)
    cuts = np.percentile(times, at) * 1000 if times else [float("nan")] * len(at)
    ms = {f"p{cut}_ms": round(float(value), 1) for cut, value in zip(at, cuts, strict=True)}
    return {**ms, "answers": {str(status): count for status, count in sorted(counts.items())}}


if __name__ == "__main__":
    main()
