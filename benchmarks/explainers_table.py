"""Sets the explainers of finished runs side by side, the surrogate's drop beside occlusion's.

Usage: python benchmarks/explainers_table.py RUN RUN ...

The runs need ``--explainers surrogate,unchecked,occlusion,lime,shap,similarity,random``,
and then ``recx controls RUN``.
Runs on the same data set, which differ by their seeds, are averaged.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from measuring import RESULTS, describe_machine, mean_and_ends, write_result

RESULT = RESULTS / "explainers.json"
EXACT, DROP = "occlusion", "faithfulness_drop"
SPLITS = {"leave_one_out": "all but held-out users", "held_out_users": "held-out users"}
METRICS: Mapping[str, str] = {
    "coverage": "given",
    "true_as_read": "true as read, of all",
    "decision_agreement": "decides alike",
    "hallucination_rate": "made-up causes",
    DROP: "`faithfulness_drop`",
    f"{DROP}_shuffled": "with shuffled scores",
    f"{DROP}_reinitialized": "with shuffled weights",
    "counterfactual_validity": "what-ifs that hold",
    "mended": "mended",
}
FORETOLD: Mapping[str, str] = {
    "simulation_gain": "`simulation_gain`",
    "simulation_gain_shuffled": "with shuffled texts",
    "simulation_misleading": "`simulation_misleading`",
    "rebuilt_overlap@10": "`rebuilt_overlap@10`",
    "rebuilt_overlap@10_shuffled": "with shuffled texts",
    "holds_for_others": "`holds_for_others`",
}
SHORTLISTS: Mapping[str, str] = {
    "shortlist-surrogate": "the language model",
    "shortlist-similar": "similarity",
    "shortlist-random": "chance",
    EXACT: "nobody: all are asked about",
}
SHORTLISTED: Mapping[str, str] = {
    "recall@8": "strongest cause among eight",
    "recall@3": "among three",
    "recall@1": "first",
    "drop": "`drop`",
    "questions": "questions per case",
}
SWAPPED: Mapping[str, str] = {
    "decides_as_vector": "decides as for the vector's user",
    "names_of_titles": "names titles of the titles' user",
    "agreement": "decides alike, own vectors",
    "agreement_other": "another recommender's",
    "strongest_first": "strongest cause first, own vectors",
    "strongest_first_other": "another recommender's",
}


def measure(run: Path) -> dict[str, Any]:
    """Return what a run's report and its checks say of each explainer.

    Args:
        run: a finished run.
    """
    report = json.loads((run / "report.json").read_text(encoding="utf-8"))
    figures: dict[str, dict[str, dict[str, Any]]] = {split: {} for split in SPLITS}
    for metric in report["metrics"]:
        if metric["task"] == "explanation" and metric["metric"] in {**METRICS, **FORETOLD}:
            row = figures[metric["split"]].setdefault(metric["subject"], {})
            row[metric["metric"]] = {key: metric[key] for key in ("value", "low", "high", "n")}
    about = report["run"]
    return {
        "dataset": about["dataset"]["name"],
        "target": about["target"],
        "mode": about["mode"],
        "seed": about["seed"],
        "figures": figures,
        "shortlists": {name: _control(report, "shortlist", name) for name in SHORTLISTS},
        "swapped": _control(report, "vector_swap", about["mode"]),
        "shared": {split: same_cases(run, about["mode"], split) for split in SPLITS},
    }


def _control(report: Mapping[str, Any], task: str, subject: str) -> dict[str, float]:
    """Return the figures of a control; of users apart, those that are not held out."""
    return {
        metric["metric"]: metric["value"]
        for metric in report["metrics"]
        if (metric["task"], metric["subject"]) == (task, subject)
        and metric["split"] != "held_out_users"
    }


def same_cases(run: Path, mode: str, split: str) -> dict[str, Any]:
    """Return the mean drops of surrogate and occlusion where both were scored, and how often."""
    folder = run / "6-explanations"
    splits = {case["id"]: case["split"] for case in _lines(folder / "cases.jsonl")}
    drops: dict[str, dict[str, float]] = {mode: {}, EXACT: {}}
    for one in _lines(folder / "explanations.jsonl"):
        value = next((c["value"] for c in one["checks"] if c["name"] == DROP), None)
        if one["explainer"] in drops and value is not None and splits[one["case"]] == split:
            drops[one["explainer"]][one["case"]] = value
    shared = sorted(drops[mode].keys() & drops[EXACT].keys())
    means = {name: fmean(found[case] for case in shared) for name, found in drops.items()}
    return {"n": len(shared), **means}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def table(result: Mapping[str, Any]) -> str:
    """Return a table per data set and split.

    Args:
        result: what this script wrote.
    """
    lines = []
    for dataset, own in _by_dataset(result):
        seeds = f"seed{'s' * (len(own) > 1)} {', '.join(str(run['seed']) for run in own)}"
        for split, said in SPLITS.items():
            lines += [f"`{dataset}`, `{own[0]['target']}`, {seeds}, {said}:", ""]
            lines += [*_rows(own, split), "", _shared(own, split), ""]
    return "\n".join(lines).rstrip()


def _rows(runs: Sequence[Mapping[str, Any]], split: str) -> Iterator[str]:
    yield f"| explainer | {' | '.join(METRICS.values())} |"
    yield "|---" * (len(METRICS) + 1) + "|"
    for explainer in runs[0]["figures"][split]:
        cells = [_mean(runs, split, explainer, metric) for metric in METRICS]
        yield f"| {explainer} | {' | '.join(cells)} |"


def _mean(runs: Sequence[Mapping[str, Any]], split: str, explainer: str, metric: str) -> str:
    return mean_and_ends(_values(runs, split, explainer, metric), ".3f")


def _shared(runs: Sequence[Mapping[str, Any]], split: str) -> str:
    mode = runs[0]["mode"]
    shares = [run["shared"][split][mode] / run["shared"][split][EXACT] for run in runs]
    cases = sum(run["shared"][split]["n"] for run in runs)
    plain = [
        run["figures"][split][mode][DROP]["value"] / run["figures"][split][EXACT][DROP]["value"]
        for run in runs
    ]
    return (
        f"{mode}'s drop is {_percent(plain)} of occlusion's, each over the texts that cite a "
        f"cause, and {_percent(shares)} on the {cases:,} cases where both do."
    )


def foretold(result: Mapping[str, Any]) -> str:
    """Return what texts foretell, how well they are rebuilt from, and whom else they would fit."""
    lines = [f"| | {' | '.join(FORETOLD.values())} |", "|---" * (len(FORETOLD) + 1) + "|"]
    for dataset, runs in _by_dataset(result):
        for explainer in runs[0]["figures"]["leave_one_out"]:
            found = (_values(runs, "leave_one_out", explainer, metric) for metric in FORETOLD)
            cells = (mean_and_ends(values, ".2f") for values in found)
            lines.append(f"| `{dataset}`, {explainer} | {' | '.join(cells)} |")
    return "\n".join(lines)


def shortlists(result: Mapping[str, Any]) -> str:
    """Return the same picking from eight titles, by who proposes them; and swapped vectors."""
    lines = [
        f"| data | the eight by | {' | '.join(SHORTLISTED.values())} |",
        "|---" * (len(SHORTLISTED) + 2) + "|",
    ]
    for dataset, runs in _by_dataset(result):
        for subject, said in SHORTLISTS.items():
            found = [run["shortlists"][subject] for run in runs]
            each = ([one.get(name) for one in found] for name in SHORTLISTED)
            cells = (mean_and_ends(values, ".2f") for values in each)
            lines.append(f"| `{dataset}` | {said} | {' | '.join(cells)} |")
    lines += ["", f"| data | {' | '.join(SWAPPED.values())} |", "|---" * (len(SWAPPED) + 1) + "|"]
    for dataset, runs in _by_dataset(result):
        each = ([run["swapped"].get(name) for run in runs] for name in SWAPPED)
        cells = (mean_and_ends(values, ".2f") for values in each)
        lines.append(f"| `{dataset}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _by_dataset(result: Mapping[str, Any]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    runs = result["runs"]
    for dataset in dict.fromkeys(run["dataset"] for run in runs):
        yield dataset, [run for run in runs if run["dataset"] == dataset]


def _values(
    runs: Sequence[Mapping[str, Any]], split: str, explainer: str, metric: str
) -> list[float | None]:
    rows = (run["figures"][split][explainer].get(metric, {}) for run in runs)
    return [row.get("value") for row in rows]


def _percent(shares: Sequence[float]) -> str:
    spread = f" ({min(shares):.0%} to {max(shares):.0%})" if len(shares) > 1 else ""
    return f"{fmean(shares):.0%}{spread}".replace("%", " %")


def main() -> None:
    """Read the runs and keep their figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--result", type=Path, default=RESULT)
    given = parser.parse_args()
    result = {"machine": describe_machine(), "runs": [measure(run) for run in given.runs]}
    write_result(given.result, result)
    print(table(result))


if __name__ == "__main__":
    main()
