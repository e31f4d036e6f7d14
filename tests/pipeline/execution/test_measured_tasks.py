"""What fidelity asks about is a setting of its own: what is not taught can be measured too."""

from __future__ import annotations

import json

import pytest

from recexplainer.config import load_config
from recexplainer.errors import ConfigError
from recexplainer.pipeline import default_registry, plan, run
from recexplainer.pipeline.execution.identity import SourceFiles
from recexplainer.pipeline.execution.stage_table import stages_of
from recexplainer.runs.folder import RunFolder


def fingerprints(tmp_path, *overrides: str) -> dict[str, str]:
    checked = plan(load_config(overrides=overrides), default_registry())
    stages = stages_of(checked, RunFolder(tmp_path / "run"), SourceFiles())
    return {stage.name: stage.fingerprint for stage in stages}


def test_a_task_that_is_left_out_is_measured_all_the_same(walks, tmp_path) -> None:
    settings = walks()
    left_out = [*settings, "alignment.weights.item_ranking=0"]
    asked = "fidelity.tasks=[item_ranking, next_item_retrieval]"
    out = tmp_path / "run"
    run(load_config(overrides=[*left_out, asked]), out, until="explanations")
    lines = (out / "5-fidelity" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    own = [one for one in map(json.loads, lines) if one["subject"] == "behavior"]
    assert {one["task"] for one in own} == {"item_ranking", "next_item_retrieval"}
    assert all(one["n"] + one["unscored"] > 0 for one in own)
    counted = json.loads((out / "3-alignment" / "counts.jsonl").read_text().splitlines()[0])
    assert "item_ranking" not in counted["rows"]


def test_naming_what_is_taught_makes_nothing_anew(tmp_path) -> None:
    plain = fingerprints(tmp_path)
    taught = list(plan(load_config(), default_registry()).tasks)
    named = fingerprints(tmp_path, f"fidelity.tasks={json.dumps(taught[::-1])}")
    assert named == plain


def test_asking_about_another_task_changes_fidelity_alone(tmp_path) -> None:
    plain = fingerprints(tmp_path)
    other = fingerprints(tmp_path, "fidelity.tasks=[item_ranking]")
    assert [name for name in plain if plain[name] != other[name]] == ["fidelity"]


@pytest.mark.parametrize("weights", ["null", "{item_rankin: 1}", "{item_rankin: 0}"])
def test_a_task_that_nobody_registered_is_told(weights: str) -> None:
    overrides = ["fidelity.tasks=[item_rankin]", f"alignment.weights={weights}"]
    with pytest.raises(ConfigError) as caught:
        plan(load_config(overrides=overrides), default_registry())
    assert all("did you mean 'item_ranking'" in line.lower() for line in caught.value.problems)
