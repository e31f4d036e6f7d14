"""``recx compare`` on two runs whose data and recommenders differ in known ways."""

from __future__ import annotations

import json
import shlex

import numpy as np
import pytest
from click.testing import CliRunner

import recexplainer
from recexplainer.cli.compare import CONDITION_HOLDS
from recexplainer.cli.main import recx
from recexplainer.errors import UserError
from recexplainer.records import Metric
from recexplainer.report import DatasetFacts, Report, RunFacts, TargetFacts, write_report

SETTINGS = (
    *("dataset.name=csv", "alignment.mode=behavior", "dataset.max_history=6"),
    "dataset.min_interactions=3",
)
USERS, ITEMS = 60, 60


def write_data(folder, *, grown: bool):
    """Write a log; the grown one has ten users more, and one more item for thirty others."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    items = ["item_id,title", *(f"i{k},Film {k}" for k in range(ITEMS))]
    rows = ["user_id,item_id,timestamp"]
    chance = 1 / np.arange(1, ITEMS)
    for user in range(USERS):
        taken = rng.choice(ITEMS - 1, size=9, replace=False, p=chance / chance.sum()).tolist()
        if grown and user < 30:
            taken.append(ITEMS - 1)
        rows += [f"u{user},i{item},{step}" for step, item in enumerate(taken)]
    if grown:
        rows += [f"v{user},i{item},{item}" for user in range(10) for item in range(8)]
    for name, lines in (("items", items), ("interactions", rows)):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [f"dataset.options.{name}={folder / name}.csv" for name in ("items", "interactions")]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    base = tmp_path_factory.mktemp("versions")
    found = {}
    for name, target, grown in (
        ("old", "popularity", False),
        ("new", "itemknn", False),
        ("later", "popularity", True),
    ):
        files = write_data(base / f"data-{name}", grown=grown)
        config = recexplainer.load_config(None, [*SETTINGS, f"target.name={target}", *files])
        recexplainer.run(config, base / name, until="alignment")
        found[name] = base / name
    return found


def compare(*words):
    return CliRunner().invoke(recx, ["compare", *map(str, words)], catch_exceptions=False)


def test_two_recommenders_are_compared_and_a_page_written(runs, tmp_path):
    told = compare(runs["old"], runs["new"], "--out", tmp_path)
    assert told.exit_code == 0
    said = " ".join(told.output.split())
    items = len(recexplainer.load(runs["old"]).catalogue)
    assert f"Both have the same {items} items (by id)." in said
    assert "All users who are in both have the same history in both." in said
    assert (tmp_path / "comparison.html").is_file()
    kept = json.loads((tmp_path / "comparison.json").read_text("utf-8"))
    assert (kept["first"]["target"], kept["second"]["target"]) == ("popularity", "itemknn")
    named = {one["name"]: one for one in kept["changes"]}
    assert named["reliance.history-at-all"]["first"] == 1
    assert named["reliance.same-for-everybody"]["first"] == 1
    assert named["reliance.same-for-everybody"]["sure"]
    assert kept["figures"]["before.comparison.reliance.history-at-all"] == 1


def test_the_commands_of_examples_show_what_they_say(runs, tmp_path):
    """Each is run as printed: the ranks in the words are those that it tells."""
    compare(runs["old"], runs["new"], "--out", tmp_path)
    kept = json.loads((tmp_path / "comparison.json").read_text("utf-8"))
    flips = next(one for one in kept["changes"] if one["name"] == "flips")
    assert flips["examples"]
    example = flips["examples"][0]
    ranks = [part.split()[0].replace(",", "") for part in example["words"].split("(rank ")[1:]]
    assert len(example["commands"]) == len(ranks) == 2
    for command, rank in zip(example["commands"], ranks, strict=True):
        told = CliRunner().invoke(recx, shlex.split(command)[1:], catch_exceptions=False)
        assert told.exit_code == 0
        assert f"ranks it {rank} of" in told.output


def test_changed_data_are_told_apart(runs, tmp_path):
    told = compare(runs["old"], runs["later"], "--out", tmp_path)
    assert told.exit_code == 0
    kept = json.loads((tmp_path / "comparison.json").read_text("utf-8"))
    named = {one["name"]: one["change"] for one in kept["changes"]}
    old, later = (recexplainer.load(runs[name]) for name in ("old", "later"))
    both = old.histories.keys() & later.histories.keys()
    assert named["users-in-both"] == len(both) >= 50
    assert named["users-added"] == len(later.histories) - len(both) >= 10
    assert named["items-added"] == len(set(later.catalogue.ids) - set(old.catalogue.ids)) >= 1
    changed = sum(old.histories[user] != later.histories[user] for user in both)
    assert named["histories-changed"] == changed >= 30
    assert "of them only took more" in told.output


def test_a_condition_fails_the_command_with_a_code_of_its_own(runs, tmp_path):
    base = (runs["old"], runs["new"], "--out", tmp_path)
    held = compare(*base, "--fail-if", "list-agreement<0.999", "--fail-if", "users-added>0")
    assert held.exit_code == CONDITION_HOLDS == 3
    assert "FAILS list-agreement<0.999: comparison.list-agreement is" in held.output
    assert "ok    users-added>0: comparison.users-added is 0" in held.output
    assert compare(*base, "--fail-if", "change.hit@10<-2").exit_code == 0


def test_what_a_condition_can_name_is_listed(runs):
    listed = compare(runs["old"], runs["new"], "--figures")
    assert listed.exit_code == 0
    rows = [line.split() for line in listed.output.splitlines()]
    assert ["list-agreement", "comparison.list-agreement"] in [row[:2] for row in rows]
    assert "change.comparison.hit@10.low" in [row[-2] for row in rows]
    assert not (runs["new"] / "comparison.html").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--fail-if", "faithfulness"), "give a figure, one of"),
        (("--fail-if", "list-agrement<1"), "Did you mean 'list-agreement'?"),
        (("--users", "5"), "give 20 or more"),
    ],
)
def test_a_mistake_ends_with_another_code(runs, tmp_path, words, said):
    with pytest.raises(UserError) as refused:
        compare(runs["old"], runs["new"], "--out", tmp_path, *words)
    assert said in str(refused.value)
    assert refused.value.exit_code == 2


def test_one_run_can_be_held_to_its_audit(runs, tmp_path):
    audited = CliRunner().invoke(recx, ["audit", str(runs["old"]), "--users", "40"])
    assert audited.exit_code == 0
    told = compare(
        runs["old"], runs["new"], "--out", tmp_path, "--fail-if", "before.audit.alarms>0"
    )
    assert told.exit_code == 3
    assert "FAILS before.audit.alarms>0" in told.output


def report_of(folder, drop):
    """Write the report of a run whose recommender is nowhere to be asked."""
    facts = RunFacts(
        name=folder.name, command="recx run", started="2026", seed=0, mode="behavior",
        target="gone", backbone="tiny", target_facts=TargetFacts(),
        dataset=DatasetFacts(name="d", users=9, items=9, interactions=9),
    )  # fmt: skip
    figure = Metric(
        subject="behavior", task="explanation", metric="faithfulness_drop", split="leave_one_out",
        value=drop, low=drop - 0.1, high=drop + 0.1, n=9,
    )  # fmt: skip
    write_report(Report(run=facts, metrics=(figure,)), folder)
    return folder


def test_reports_are_compared_where_nobody_can_be_asked(tmp_path):
    before, after = report_of(tmp_path / "a", 0.3), report_of(tmp_path / "b", 0.25)
    told = compare(before, after, "--fail-if", "change.faithfulness<-0.04")
    assert told.exit_code == CONDITION_HOLDS
    assert "note: what changed could not be asked" in told.output
    assert "0.30 [0.20, 0.40]" in told.output
    assert not (after / "comparison.html").exists()
    quiet = compare(before, after, "--reports", "--fail-if", "faithfulness<0.2")
    assert quiet.exit_code == 0
    assert "note: what changed" not in quiet.output
    three = compare(before, after, before, "--fail-if", "change.faithfulness!=0")
    assert three.exit_code == 0  # the last is the first
