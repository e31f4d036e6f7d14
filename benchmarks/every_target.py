"""Runs every target that trains by itself to a report, with words alone and with vectors.

Usage: python benchmarks/every_target.py bpr ease   (those not measured yet when none is named)
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from measuring import RECX, RESULTS, describe_machine, write_result
from pydantic import ValidationError

RESULT = RESULTS / "every_target.json"
MODES = ("behavior", "hybrid")
BOOKS = Path("examples") / "books"
DATASETS: Mapping[str, Sequence[str]] = {
    "ml-100k": ("dataset.name=ml-100k",),
    "books": (
        "dataset.name=csv",
        f"dataset.options.interactions={BOOKS / 'interactions.csv'}",
        f"dataset.options.items={BOOKS / 'items.csv'}",
        "dataset.options.user_column=reader",
        "dataset.options.item_column=book",
        "dataset.options.item_id_column=book",
        "dataset.options.time_column=finished",
        "dataset.max_history=8",
    ),
}
SMALL = (
    *("dataset.sample_users=200", "fidelity.users=20", "explanations.users=5"),
    *("training.budget=0.02", "training.threads=1"),
    *("surrogate.tiny.layers=1", "surrogate.tiny.width=32"),
)
"""Enough to go through every stage; far too little to learn anything."""


def providers() -> dict[str, Any]:
    """Return the targets that need nothing but a log, by name, in the order of the registry."""
    from recexplainer.pipeline import default_registry

    registry = default_registry()
    found = {name: registry.get("target", name) for name in registry.names("target")}
    return {name: one for name, one in found.items() if _trains_by_itself(one)}


def _trains_by_itself(provider: Any) -> bool:
    try:
        provider.options()
    except ValidationError:  # it asks for a file, an address or a name of the user's own
        return False
    return True


def measure(name: str, provider: Any, dataset: str, folder: Path) -> dict[str, Any]:
    """Return how a run ended in each mode.

    Args:
        name: of the target.
        provider: what makes it.
        dataset: one of ``DATASETS``.
        folder: where run folders are made; those of former runs are emptied.
    """
    return {
        mode: outcome(name, settings(provider, dataset), mode, folder / f"{name}-{mode}")
        for mode in MODES
    }


def settings(provider: Any, dataset: str) -> list[str]:
    """Return the settings of a small run of this target."""
    trains = "max_epochs" in provider.options.model_fields
    return [*DATASETS[dataset], *SMALL, *(["target.options.max_epochs=2"] if trains else [])]


def outcome(name: str, given: Sequence[str], mode: str, out: Path) -> dict[str, Any]:
    """Run it; return the seconds it took and what it ended with.

    ``ended`` is ``report`` if there is one with fidelity and explanations, else ``failed``.
    """
    shutil.rmtree(out, ignore_errors=True)
    words = [word for setting in given for word in ("--set", setting)]
    command = [*RECX, "run", "--target", name, "--align", mode, "--out", str(out), *words]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    seconds = round(time.perf_counter() - began, 1)
    if done.returncode == 0:
        missing = _missing(out, mode)
        ended = {"ended": "failed", "said": missing} if missing else {"ended": "report"}
    else:
        said = "".join(done.stderr.strip().splitlines()[-1:]).strip()
        ended = {"ended": "failed", "said": said}
    return {**ended, "seconds": seconds}


def _missing(out: Path, mode: str) -> str:
    """Return what a finished run lacks; nothing if it has all that it should have."""
    expected = ("report.json", "report.html", "report.md")
    absent = [name for name in expected if not (out / name).exists()]
    if absent:
        return f"no {', '.join(absent)}"
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    measured = {metric["subject"] for metric in report["metrics"] if metric["n"]}
    if mode not in measured:
        return f"no fidelity of {mode}"
    return "" if report["explanations"] else "no explanations"


def table(result: Mapping[str, Any]) -> str:
    """Return the table of how each run ended.

    Args:
        result: what this script wrote.
    """
    lines = [
        "| target | `--align behavior` | `--align hybrid` |",
        "|---|---|---|",
        *(
            f"| `{name}` | {' | '.join(_cell(found[mode]) for mode in MODES)} |"
            for name, found in result["targets"].items()
        ),
    ]
    note = (
        f"Seconds of whole runs on `{result['dataset']}`, with settings so small that their "
        f"figures mean nothing (`{' '.join(result['settings'])}`, and two epochs of training f "
        f"where it has epochs); one thread of {_processors(result)}, other work beside it."
    )
    return "\n".join([*lines, "", note])


def _processors(result: Mapping[str, Any]) -> str:
    """Return what the runs were made on, with the targets of each where they differ."""
    targets_of: dict[str, list[str]] = {}
    for name, found in result["targets"].items():
        targets_of.setdefault(found["processor"], []).append(f"`{name}`")
    if len(targets_of) == 1:
        return next(iter(targets_of))
    return ", and ".join(f"{which} ({', '.join(own)})" for which, own in targets_of.items())


def _cell(found: Mapping[str, Any]) -> str:
    if found["ended"] == "report":
        return f"report in {found['seconds']:.0f} s"
    return "**failed**"


def failures(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for every run that did not end with a report.

    Args:
        result: what this script wrote.
    """
    for name, found in result["targets"].items():
        for mode in MODES:
            if found[mode]["ended"] != "report":
                yield f"{name}, {mode}: {found[mode]['ended']} ({found[mode].get('said', '')})"


def main() -> None:
    """Run each target; the result is written after each, so that none is lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("names", nargs="*", help="targets; those not measured yet if none is given")
    parser.add_argument("--dataset", choices=list(DATASETS), default="ml-100k")
    parser.add_argument("--folder", type=Path, default=Path("runs") / "every-target")
    parser.add_argument("--result", type=Path, default=RESULT)
    given = parser.parse_args()
    known = providers()
    result = kept(given.result, given.dataset)
    for name in given.names or [name for name in known if name not in result["targets"]]:
        found = measure(name, known[name], given.dataset, given.folder / given.dataset)
        machine = {"processor": describe_machine()["processor"]}
        targets = {**result["targets"], name: found | machine}
        result |= {"targets": {one: targets[one] for one in known if one in targets}}
        write_result(given.result, result)
        print(name, *(f"{mode}: {_cell(found[mode])}" for mode in MODES), sep="; ", flush=True)
    sys.exit("\n".join(failures(result)))


def kept(path: Path, dataset: str) -> dict[str, Any]:
    """Return what earlier runs of this script found on this data set with these settings."""
    fresh: dict[str, Any] = {"dataset": dataset, "settings": list(SMALL), "targets": {}}
    if not path.exists():
        return fresh
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    same = all(found[key] == fresh[key] for key in ("dataset", "settings"))
    return found if same else fresh


if __name__ == "__main__":
    main()
