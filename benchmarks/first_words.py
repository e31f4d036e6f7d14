"""First words of surrogates, before anything is checked: how near to occlusion they come.

Usage: python benchmarks/first_words.py games runs/games-0 runs/games-1

The runs are of any length of training, on one log. Texts are written anew, by the code of today.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import Any

from measuring import RESULTS, describe_machine, mean_and_ends, write_result
from surrogate_worth import first_is_strongest

import recexplainer
from recexplainer.explanation.checks.checker import check_explanations
from recexplainer.explanation.explainers import occlusion
from recexplainer.oracle import pulls_of

COLUMNS = {
    "true_as_read": "every claim true",
    "decision_agreement": "decides alike",
    "strongest_first": "strongest cause first",
    "faithfulness_drop": "`faithfulness_drop`",
    "occlusion": "occlusion's",
    "cited": "titles cited",
}
_CHECKS = ("true_as_read", "decision_agreement", "faithfulness_drop")

Result = Mapping[str, Any]


def measure(folder: Path, log: str, most: int) -> dict[str, Any]:
    """Return the figures of a run's first words about its decided cases.

    Args:
        folder: a finished run with the explainer ``unchecked``.
        log: what its data are called in the table.
        most: cases.
    """
    bench = recexplainer.load(folder)._bench  # noqa: SLF001  # its parts, one by one
    cases = [case for case in bench.cases() if case.decision][:most]
    part = next(one for one in bench.plan.explainers if one.name == "unchecked")
    plain = occlusion.build(occlusion.OcclusionOptions(), bench.explainer_kit(set()))
    written = [*bench.explain(part, cases, None), *bench.read(plain.explain(cases, None), cases)]
    checked = check_explanations(written, cases, bench.oracle, seed=bench.config.seed)
    said, rival = checked[: len(cases)], checked[len(cases) :]
    return {
        "log": log,
        "seed": bench.config.seed,
        "budget": bench.config.training.budget,
        "cases": len(cases),
        **{name: _mean(text.check(name) for text in said) for name in _CHECKS},
        "strongest_first": _mean(map(first_is_strongest, said, pulls_of(bench.oracle, cases))),
        "occlusion": _mean(text.check("faithfulness_drop") for text in rival),
        "cited": _mean(len(text.cited) for text in said),
    }


def _mean(values: Iterable[float | None]) -> float:
    return round(fmean(float(value) for value in values if value is not None), 4)


def table(result: Result) -> str:
    """Return a row for each log and length of training, over seeds."""
    lines = [
        f"| log, `training.budget`, seeds | {' | '.join(COLUMNS.values())} |",
        f"|---|{'---|' * len(COLUMNS)}",
    ]
    runs = sorted(result["runs"], key=lambda run: (run["log"], run["budget"], run["seed"]))
    for (log, budget), group in groupby(runs, key=lambda run: (run["log"], run["budget"])):
        same = list(group)
        seeds = ", ".join(str(run["seed"]) for run in same)
        cells = (mean_and_ends((run[name] for run in same), ".2f", to="–") for name in COLUMNS)
        lines.append(f"| {log}, {budget:g}, {seeds} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure the runs, and keep what others were measured to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("log", help="what the data of the runs are called")
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--most", type=int, default=500, help="cases of a run")
    parser.add_argument("--result", type=Path, default=RESULTS / "first_words.json")
    given = parser.parse_args()
    kept = json.loads(given.result.read_text("utf-8"))["runs"] if given.result.exists() else []
    for run in given.runs:
        found = measure(run, given.log, given.most)
        same = (found["log"], found["seed"], found["budget"])
        kept = [one for one in kept if (one["log"], one["seed"], one["budget"]) != same] + [found]
        print(json.dumps(found), flush=True)
        write_result(given.result, {"machine": describe_machine(), "runs": kept})
    print(table({"runs": kept}))


if __name__ == "__main__":
    main()
