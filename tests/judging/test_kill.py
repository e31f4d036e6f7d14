"""A judge that is killed outright has lost at most what was in flight."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import recexplainer

SCRIPT = """
import json, sys
from pathlib import Path
from recexplainer.judging.chat import ChatJudge
from recexplainer.chat import ChatOptions
from recexplainer.plugins.interfaces import JudgeKit
from recexplainer.records import Case, Catalogue, Explanation, Item

address, folder, concurrency = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
kit = JudgeKit(Catalogue([Item("h", "Heat"), Item("c", "Casino")]), folder=folder)
pairs = []
for n in range(120):
    case = Case(id=f"case-{n}", user=f"u{n}", history=("h",), item="c", split="leave_one_out",
                decision="Yes", score=1.0, rank=1, candidates=2)
    text = f"Yes, because of Heat. {n}"
    pairs.append((case, Explanation(case=case.id, explainer="e", text=text)))
judge = ChatJudge(ChatOptions(base_url=address, concurrency=concurrency), kit)
print(json.dumps([verdict.grade for verdict in judge.grade(pairs)]))
"""
AT_ONCE = 8


def _start(service, folder):
    root = str(Path(recexplainer.__file__).parents[1])
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, service.address, str(folder), str(AT_ONCE)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"},
    )


def _questions(service):
    return [json.loads(body["messages"][1]["content"])["explanation"] for body in service.asked]


@pytest.mark.parametrize("killed_at", [3, 40])
def test_a_killed_judge_asks_nothing_again_that_was_answered(service, tmp_path, killed_at):
    service.delay = 0.03
    process = _start(service, tmp_path)
    deadline = time.monotonic() + 60
    while service.answered < killed_at and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    time.sleep(0.2)
    before = _questions(service)
    assert killed_at <= len(before) < 120
    journal = (tmp_path / "chat-answers.jsonl").read_bytes()
    kept = journal.count(b"\n")
    assert len(before) - kept <= AT_ONCE  # no more are lost than were in flight
    service.asked.clear()
    output, _ = _start(service, tmp_path).communicate(timeout=60)
    assert json.loads(output) == [4] * 120
    after = _questions(service)
    assert len(after) == 120 - kept
    assert len(set(before) & set(after)) == len(before) - kept
