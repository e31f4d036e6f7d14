"""The table of explainers against known truth: measured as it says, and told as it was measured."""

from __future__ import annotations

import json

import known_truth
import pytest
from targets_table import prepared

from recexplainer import default_plugins
from recexplainer.config.sections import TargetConfig
from recexplainer.plugins.manager import load_registry


def _figure(metric, value, low, high, unscored=0):
    found = {"metric": metric, "value": value, "low": low, "high": high}
    return {**found, "n": 10 - unscored, "unscored": unscored}


RESULT = {
    "machine": {"processor": "P", "python": "3"},
    "users": 5,
    "cases": 10,
    "rows": [
        {
            "target": "EASE",
            "explainer": "occlusion",
            "metrics": [
                _figure("truth_correlation_cited", 0.61, 0.6, 0.62),
                _figure("truth_correlation", 1.0, 0.9996, 1.0),
            ],
        },
        {
            "target": "ALS, `alpha: 5`",
            "explainer": "similarity",
            "metrics": [_figure("truth_correlation", 0.5, -0.1, 0.7, unscored=2)],
        },
    ],
}


def _rows(table, name):
    return [line for line in table.splitlines() if line.startswith(f"| `{name}`")]


def test_each_figure_stands_in_its_column_with_its_interval():
    numbers, cited = _rows(known_truth.table(RESULT), "occlusion")
    assert numbers == "| `occlusion` | 1.000 [1.000, 1.000] | – |"
    assert cited == "| `occlusion` | 0.610 [0.600, 0.620] |"


def test_what_was_not_scored_is_counted():
    numbers, _ = _rows(known_truth.table(RESULT), "similarity")
    assert numbers == "| `similarity` | – | 0.500 [-0.100, 0.700] (2) |"


def test_what_was_trained_is_told_with_its_run():
    figure = _figure("truth_correlation_cited", 0.3, 0.2, 0.4)
    row = {"target": "EASE", "explainer": "surrogate", "mode": "behavior", "metrics": [figure]}
    table = known_truth.table({**RESULT, "rows": [*RESULT["rows"], row]})
    assert _rows(table, "surrogate") == ["| `surrogate` | 0.300 [0.200, 0.400] |"]
    assert "(EASE: behavior, 10 cases)" in table
    assert "surrogate" not in known_truth.table(RESULT)


def test_a_run_belongs_to_the_target_with_its_very_options():
    als = TargetConfig(name="implicit-als", options={"alpha": 5.0})
    assert known_truth.column_of(als) == "ALS, `alpha: 5`"
    with pytest.raises(SystemExit, match="none of"):
        known_truth.column_of(TargetConfig(name="implicit-als", options={"alpha": 2.0}))


def test_a_small_measurement_yields_what_is_kept():
    parts = load_registry([default_plugins], entry_points=False)
    found = list(known_truth.measure("EASE", parts, prepared(), 3, ("occlusion", "random")))
    assert [row["explainer"] for row in found] == ["occlusion", "random"]
    figures = {metric["metric"]: metric for metric in found[0]["metrics"]}
    assert figures["truth_correlation"]["value"] >= 0.99
    assert figures["truth_correlation"]["n"] == 6


@pytest.mark.skipif(not known_truth.RESULT.exists(), reason="nothing was measured yet")
def test_the_figures_asked_for_were_reached():
    """Occlusion of a linear target at least 0.99; random's interval contains 0."""
    result = json.loads(known_truth.RESULT.read_text("utf-8"))
    found = {
        (row["target"], row["explainer"], metric["metric"]): metric
        for row in result["rows"]
        for metric in row["metrics"]
    }
    assert found["EASE", "occlusion", "truth_correlation"]["low"] >= 0.99
    for target in known_truth.TARGETS:
        random = found[target, "random", "truth_correlation"]
        assert random["low"] <= 0 <= random["high"]
