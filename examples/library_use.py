"""Run, read the figures, and ask for explanations, all from Python.

From the root of the repository: python examples/library_use.py
"""

from __future__ import annotations

import sys
from pathlib import Path

from recexplainer import explain, load_config, run

EXAMPLES = Path(__file__).parent


def main(out: Path, *overrides: str) -> None:
    """Do a run in ``out`` and print what it found.

    Args:
        out: the run folder; a finished run is not repeated.
        overrides: settings, such as ``training.budget=1``.
    """
    config = load_config(EXAMPLES / "behavior-on-csv.yaml", overrides)
    report = run(config, out)

    for metric in report.metrics:
        if metric.task == "interest_classification" and metric.value is not None:
            print(f"{metric.subject:<12} {metric.metric} {metric.value:.2f} ({metric.split})")

    answer = explain(out, user="ada")
    print(f"\nWhy {answer.item_title!r} for {answer.case.user}?")
    for explanation in answer.explanations:
        print(f"\n{explanation.explainer}: {explanation.text}")
        for check in explanation.checks:
            value = "not scored" if check.value is None else f"{check.value:.2f}"
            print(f"  {check.name} {value} {check.detail}")


if __name__ == "__main__":
    main(Path("runs/library-use"), *sys.argv[1:])
