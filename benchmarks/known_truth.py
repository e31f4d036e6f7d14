"""Marks every explainer against targets that know what each item adds to a score.

Usage: python benchmarks/known_truth.py [--users 100]
       python benchmarks/known_truth.py --run RUN --run RUN    # adds their surrogates

EASE comes with recexplainer; ALS with the plugin: pip install ./plugins/recx-implicit
Runs are of the default data set and one of these targets, such as
recx run --target implicit-als --set target.options.alpha=1 --align hybrid
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from measuring import RESULTS, describe_machine, write_result
from targets_table import MAX_HISTORY, prepared

RESULT = RESULTS / "known_truth.json"
TARGETS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "EASE": ("ease", {}),
    "ALS, `alpha: 1`": ("implicit-als", {"alpha": 1.0}),
    "ALS, `alpha: 5`": ("implicit-als", {"alpha": 5.0}),
}
"""Column of the table to the target and its options."""
EXPLAINERS = (
    *("implicit-contributions", "occlusion", "shap", "lime"),
    *("similarity", "popularity", "random"),
)
WRITERS = ("surrogate", "unchecked")
"""Explainers that are trained, and so are taken from finished runs."""
OPTIONS: Mapping[str, Mapping[str, Any]] = {"occlusion": {"counterfactual": False}}
"""What-ifs are not what is marked here."""


def registry() -> Any:
    """Return the built-in parts and those of the plugin, whether or not more are installed."""
    from recx_implicit import plugin

    from recexplainer import default_plugins
    from recexplainer.plugins.manager import load_registry

    return load_registry([default_plugins, plugin], entry_points=False)


def measure(
    column: str, parts: Any, world: Any, users: int, names: Sequence[str] = EXPLAINERS
) -> Iterator[dict[str, Any]]:
    """Yield the figures of each explainer on one target.

    Args:
        column: a key of ``TARGETS``.
        parts: the registry.
        world: what ``prepared`` returned.
        users: how many are asked about, with two cases each.
        names: the explainers.
    """
    from recexplainer.explanation.cases import draw_cases
    from recexplainer.explanation.figures.known_truth import truth_metrics
    from recexplainer.oracle import Oracle
    from recexplainer.plugins.interfaces import ExplainerKit, TargetKit
    from recexplainer.records import SilentProgress

    log, divided = world
    name, settings = TARGETS[column]
    provider = parts.get("target", name)
    kit = TargetKit(log.catalogue, MAX_HISTORY, seed=0)
    target = provider.build(provider.options(**settings), kit)
    target.fit(divided.training, SilentProgress())
    cases = draw_cases(
        Oracle(target, log.catalogue),
        divided.evaluated,
        lambda context: log.histories[context.user][: context.end],
        users=users,
        seed=0,
    )
    asking = ExplainerKit(
        log.catalogue, target, divided.popularity, histories=divided.training.histories
    )
    for one in names:
        if one == "implicit-contributions" and name != "implicit-als":
            continue
        chosen = parts.get("explainer", one)
        explainer = chosen.build(chosen.options(**OPTIONS.get(one, {})), asking)
        began = time.process_time()
        found = truth_metrics(one, explainer, cases, target, catalogue=log.catalogue, seed=0)
        yield {
            "target": column,
            "explainer": one,
            "cpu_seconds": round(time.process_time() - began, 1),
            "metrics": [metric.model_dump() for metric in found],
        }


def measure_run(run: Path, parts: Any) -> Iterator[dict[str, Any]]:
    """Yield the figures of what a run's surrogate wrote about its own cases.

    Args:
        run: a finished run, of a target in ``TARGETS``.
        parts: the registry.
    """
    from recexplainer.explanation.figures.known_truth import cited_truth
    from recexplainer.pipeline.after.finished_run import reopen
    from recexplainer.pipeline.execution.installed_parts import config_of_run
    from recexplainer.records import Case, Explanation
    from recexplainer.runs.artifacts import read_records

    config = config_of_run(run)
    bench, _ = reopen(config, run, parts)
    target: Any = bench.target
    folder = bench.folder_of("explanations")
    cases = {case.id: case for case in read_records(folder / "cases.jsonl", Case)}
    texts = read_records(folder / "explanations.jsonl", Explanation)
    signed = {config.alignment.mode: "surrogate", f"{config.alignment.mode}-unchecked": "unchecked"}
    for signature, name in signed.items():
        own = [text for text in texts if text.explainer == signature]
        about = [cases[text.case] for text in own]
        found = cited_truth(name, own, about, target, seed=config.seed)
        yield {
            "target": column_of(config.target),
            "explainer": name,
            "mode": config.alignment.mode,
            "metrics": [found.model_dump()],
        }


def column_of(section: Any) -> str:
    """Return the column of the table that a target belongs to.

    Args:
        section: ``target`` of a run's configuration.
    """
    for column, (name, options) in TARGETS.items():
        if section.name == name and dict(section.options) == dict(options):
            return column
    raise SystemExit(f"{section.name} with {dict(section.options)} is none of {list(TARGETS)}")


def table(result: Mapping[str, Any]) -> str:
    """Return the tables: all numbers, and what the texts cite.

    Args:
        result: what this script wrote.
    """
    parts = [
        _one(result, "truth_correlation", "all items of the history"),
        _one(result, "truth_correlation_cited", "what the text cites"),
    ]
    machine = result["machine"]
    note = (
        f"Spearman's rank correlation with the truth, mean over {result['cases']} cases of "
        f"{result['users']} users of MovieLens-100K (histories of up to {MAX_HISTORY} items), with "
        "its 95 % interval over users. In brackets, texts that cite nothing, or all items alike, "
        f"which have no order and are left out. One seed; {machine['processor']}, Python "
        f"{machine['python']}."
    )
    return "\n\n".join([*parts, note, *_about_runs(result)])


def _about_runs(result: Mapping[str, Any]) -> list[str]:
    rows = [row for row in result["rows"] if row["explainer"] == "surrogate"]
    if not rows:
        return []
    told = "; ".join(
        f"{row['target']}: {row['mode']}, {found['n'] + found['unscored']} cases"
        for row in rows
        for found in row["metrics"]
    )
    note = (
        "`surrogate` and `unchecked` (its first words) are of a default run on each target, about "
        f"the run's cases ({told})."
    )
    return [note]


def _one(result: Mapping[str, Any], metric: str, title: str) -> str:
    cells = {
        (row["explainer"], row["target"]): _cell(found)
        for row in result["rows"]
        for found in row["metrics"]
        if found["metric"] == metric
    }
    columns = [column for column in TARGETS if any(key[1] == column for key in cells)]
    lines = [f"| {title} | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    trained = [name for name in WRITERS if any(key[0] == name for key in cells)]
    for name in (*EXPLAINERS, *trained):
        row = [cells.get((name, column), "–") for column in columns]
        lines.append(f"| `{name}` | {' | '.join(row)} |")
    return "\n".join(lines)


def _cell(found: Mapping[str, Any]) -> str:
    if found["value"] is None:
        return "–"
    left_out = f" ({found['unscored']})" if found["unscored"] else ""
    return f"{found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]{left_out}"


def add_runs(runs: Sequence[Path], parts: Any) -> None:
    """Put the surrogates of finished runs into the result that is there.

    Args:
        runs: the run folders.
        parts: the registry.
    """
    result = json.loads(RESULT.read_text(encoding="utf-8"))
    for run in runs:
        found = list(measure_run(run, parts))
        new = {(row["target"], row["explainer"]) for row in found}
        kept = [row for row in result["rows"] if (row["target"], row["explainer"]) not in new]
        result["rows"] = [*kept, *found]
        write_result(RESULT, result)


def main() -> None:
    """Measure, and keep the result after each explainer."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--run", type=Path, action="append", default=[])
    given = parser.parse_args()
    users, parts = given.users, registry()
    if given.run:
        add_runs(given.run, parts)
        return
    world = prepared()
    result: dict[str, Any] = {"machine": describe_machine(), "users": users, "rows": []}
    for column in TARGETS:
        for row in measure(column, parts, world, users):
            result["rows"].append(row)
            found = row["metrics"][0]
            result["cases"] = found["n"] + found["unscored"]
            write_result(RESULT, result)
            print(f"{column}, {row['explainer']}: {row['cpu_seconds']} s", flush=True)


if __name__ == "__main__":
    main()
