"""The table of targets says what was measured, and ``recx list targets`` the same."""

from __future__ import annotations

import json

import pytest
import targets_table
import yaml

from recexplainer.targets.recbole.families import FAMILIES

FOUND = {
    "cpu_seconds": 13.4,
    "ndcg@10": 0.0737,
    "validation": {"ndcg@10": 0.06, "fold_in_cosine": 0.821, "fold_in_overlap@10": 0.566},
    "recbole": {"ndcg@10": 0.0651, "seconds": 33.2, "cut": True},
}
RESULT = {
    "machine": {"processor": "P", "python": "3", "torch": "2"},
    "popularity": 0.0452,
    "targets": {"bpr": FOUND, "ease": {**FOUND, "validation": {}, "recbole": None}},
}


def _cells(name):
    rows = targets_table.table(RESULT).splitlines()
    row = next(row for row in rows if row.startswith(f"| `{name}`"))
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_a_measured_target_has_all_its_figures():
    assert _cells("bpr")[2:] == [
        *("fold-in", "yes", "13 s", "0.074", "0.065\\* in 33 s", "0.82, 57%")
    ]


def test_what_does_not_apply_or_was_not_measured_is_a_dash():
    assert _cells("ease")[2:] == ["native", "no", "13 s", "0.074", "–", "–"]
    assert _cells("deepfm")[2:] == ["fold-in", "no", "–", "–", "–", "–"]


def test_every_row_has_as_many_cells_as_the_head():
    rows = [row for row in targets_table.table(RESULT).splitlines() if row.startswith("|")]
    assert len(rows) == 2 + len(FAMILIES)
    assert len({row.count("|") for row in rows}) == 1


def test_the_list_of_targets_shows_the_measured_seconds(tmp_path):
    measured = tmp_path / "measured.yaml"
    targets_table.write_measured(RESULT, measured)
    assert yaml.safe_load(measured.read_text("utf-8")) == {"bpr": 13.4, "ease": 13.4}


@pytest.mark.skipif(not targets_table.RESULT.exists(), reason="nothing was measured yet")
def test_the_package_carries_what_was_measured():
    result = json.loads(targets_table.RESULT.read_text("utf-8"))
    carried = yaml.safe_load(targets_table.MEASURED.read_text("utf-8"))
    assert carried == {name: one["cpu_seconds"] for name, one in result["targets"].items()}
    assert set(carried) <= set(FAMILIES)
