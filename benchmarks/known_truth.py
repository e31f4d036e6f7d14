"""Marks every explainer against targets that know what each item adds to a score.

Usage: python benchmarks/known_truth.py [--users 100]

EASE comes with recexplainer; ALS with the plugin: pip install ./plugins/recx-implicit
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
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
    from recexplainer.explanation.truth import truth_metrics
    from recexplainer.plugins.interfaces import ExplainerKit, TargetKit
    from recexplainer.records import SilentProgress

    log, divided = world
    name, settings = TARGETS[column]
    provider = parts.get("target", name)
    kit = TargetKit(log.catalogue, MAX_HISTORY, seed=0)
    target = provider.build(provider.options(**settings), kit)
    target.fit(divided.training, SilentProgress())
    cases = draw_cases(
        target,
        divided.evaluated,
        log.catalogue,
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
        found = truth_metrics(one, explainer, cases, target, seed=0)
        yield {
            "target": column,
            "explainer": one,
            "cpu_seconds": round(time.process_time() - began, 1),
            "metrics": [metric.model_dump() for metric in found],
        }


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
    return "\n\n".join([*parts, note])


def _one(result: Mapping[str, Any], metric: str, title: str) -> str:
    cells = {
        (row["explainer"], row["target"]): _cell(found)
        for row in result["rows"]
        for found in row["metrics"]
        if found["metric"] == metric
    }
    columns = [column for column in TARGETS if any(key[1] == column for key in cells)]
    lines = [f"| {title} | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for name in EXPLAINERS:
        row = [cells.get((name, column), "–") for column in columns]
        lines.append(f"| `{name}` | {' | '.join(row)} |")
    return "\n".join(lines)


def _cell(found: Mapping[str, Any]) -> str:
    if found["value"] is None:
        return "–"
    left_out = f" ({found['unscored']})" if found["unscored"] else ""
    return f"{found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]{left_out}"


def main() -> None:
    """Measure, and keep the result after each explainer."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--users", type=int, default=100)
    users = parser.parse_args().users
    world, parts = prepared(), registry()
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
