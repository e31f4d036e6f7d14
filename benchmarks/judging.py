"""How long the judge ``chat`` takes for 1,000 cases, at a service that answers after 50 ms.

The service is a stand-in in a process of its own, on this machine; no network is used.

Usage: python benchmarks/judging.py
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from chat_stand_in import serving
from measuring import RESULTS, describe_machine, write_result

from recexplainer.chat import ChatOptions
from recexplainer.judging.chat import ChatJudge
from recexplainer.plugins.interfaces import JudgeKit
from recexplainer.records import Case, Catalogue, Explanation, Item

CASES, DELAY, HISTORY = 1_000, 0.05, 10


def main() -> None:
    """Measure, check that every case was graded, and keep the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--result", type=Path, default=RESULTS / "judging.json")
    result, machine = parser.parse_args().result, describe_machine()
    ours, theirs = multiprocessing.Pipe()
    service = multiprocessing.Process(target=_serve, args=(theirs,))
    service.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            options = ChatOptions(base_url=ours.recv())
            first, again = (_judge(options, Path(folder)) for _ in range(2))
    finally:
        ours.send("stop")
        service.join()
    figures = {"seconds": first, "seconds_when_kept": again, "concurrency": options.concurrency}
    write_result(result, {"machine": machine, "cases": CASES, "delay_seconds": DELAY, **figures})
    print(f"{CASES} cases at {DELAY * 1000:.0f} ms: {first:.1f} s; from kept answers {again:.1f} s")


def _serve(connection: Connection) -> None:
    with serving() as stand_in:
        stand_in.delay = DELAY
        connection.send(stand_in.address)
        connection.recv()


def _judge(options: ChatOptions, folder: Path) -> float:
    """Return the seconds until every case has its verdict, the import of the client included."""
    items = [Item(str(n), f"Title {n}", {"genre": ("Drama",)}) for n in range(HISTORY + 1)]
    history = tuple(item.id for item in items[1:])
    pairs = []
    for number in range(CASES):
        case = Case(
            id=str(number), user=str(number), history=history, item="0", split="leave_one_out",
            decision="Yes", score=1.0, rank=1, candidates=100,
        )  # fmt: skip
        text = f"Yes, because of “Title 3”, case {number}."
        pairs.append((case, Explanation(case=case.id, explainer="hybrid", text=text)))
    began = time.perf_counter()
    judge = ChatJudge(options, JudgeKit(Catalogue(items), folder=folder))
    grades = [verdict.grade for verdict in judge.grade(pairs)]
    seconds = time.perf_counter() - began
    if grades != [4] * CASES:
        raise SystemExit(f"not all of the {CASES} cases were graded 4")
    return round(seconds, 2)


if __name__ == "__main__":
    main()
