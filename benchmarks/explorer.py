"""Measure the explorer in headless Chromium: first page, and a press on a history chip.

    python benchmarks/explorer.py runs/first

A press counts from the click to the new list and the marked claims of the recommender's own
account, as the page's own clock tells; what the run's explainers say comes after that.
Writes benchmarks/results/explorer.json. The run folder is only read.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from selenium import webdriver

from recexplainer.pipeline import load

RESULTS = Path(__file__).parent / "results" / "explorer.json"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
FIRST = """
const done = arguments[arguments.length - 1];
const look = () => document.querySelector("button.row") ? done(performance.now())
  : setTimeout(look, 5);
look();
"""
PRESS = """
const done = arguments[arguments.length - 1];
const chip = document.querySelectorAll(".chip:not(.out) > button:first-child")[arguments[0]];
const old = document.querySelector("button.row");
const account = document.querySelector(".explanation blockquote");
const began = performance.now();
let marked = null;
const look = () => {
  if (marked === null && !old.isConnected && !account.isConnected) marked = performance.now();
  if (marked === null || document.querySelector(".waiting")) return setTimeout(look, 2);
  done([marked - began, performance.now() - began]);
};
chip.click();
look();
"""


def browser() -> Any:
    """Return a browser with a profile of its own."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*FLAGS, f"--user-data-dir={tempfile.mkdtemp()}"):
        options.add_argument(flag)
    return webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver"))


def measure(url: str, users: list[str], presses: int) -> dict[str, list[float]]:
    """Return milliseconds of each first page, each press to marked claims, and to all texts."""
    found: dict[str, list[float]] = {"first_page": [], "press": [], "all_texts": []}
    for user in users:
        one = browser()
        one.set_script_timeout(60)
        one.get(f"{url}user/{user}")
        found["first_page"].append(one.execute_async_script(FIRST))
        one.execute_async_script(
            "const done = arguments[0]; const look = () => document.querySelector('.claim') "
            "&& !document.querySelector('.waiting') ? done() : setTimeout(look, 5); look();"
        )
        for place in range(presses):
            marked, told = one.execute_async_script(PRESS, place)
            found["press"].append(marked)
            found["all_texts"].append(told)
        one.quit()
    return found


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=Path)
    parser.add_argument("--users", type=int, default=5)
    parser.add_argument("--presses", type=int, default=6)
    given = parser.parse_args()
    users = list(load(given.run).histories)[: given.users]
    command = [sys.executable, "-m", "recexplainer", "explore", str(given.run), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdout is not None  # noqa: S101
        try:
            url = server.stdout.readline().split()[0]
            found = measure(url, users, given.presses)
        finally:
            server.terminate()
    told = {
        name: {
            "median_ms": round(statistics.median(values)),
            "worst_ms": round(max(values)),
            "n": len(values),
        }
        for name, values in found.items()
    }
    cpu = Path("/proc/cpuinfo").read_text("utf-8")
    model = next(line for line in cpu.splitlines() if line.startswith("model name"))
    told["machine"] = f"{model.partition(': ')[2]}, 2 cores shared with other work"
    print(json.dumps(told, indent=2))
    RESULTS.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
