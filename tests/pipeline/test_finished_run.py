"""What is asked of a run that is there is checked as a run is: all mistakes are one message."""

from __future__ import annotations

import shutil
import sys

import pytest

from recexplainer.config import RunConfig, dump_config, load_config
from recexplainer.errors import ConfigError, UserError
from recexplainer.pipeline import judge_again, run
from recexplainer.pipeline.after.finished_run import reopen
from recexplainer.pipeline.execution.installed_parts import config_of_run, default_registry
from recexplainer.runs.folder import RunFolder


def test_other_judges_are_refused_with_all_that_is_wrong_of_them(tmp_path, monkeypatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    RunFolder.create(tmp_path / "run").write_config(dump_config(RunConfig()))
    with pytest.raises(ConfigError) as refused:
        judge_again(tmp_path / "run", ["ofline", "chat:x"])
    unknown, keyless = refused.value.problems
    assert unknown.startswith("judging.judges: unknown judge 'ofline'")
    assert keyless.startswith("judging.judges: chat:x: the judge chat asks https://")


OWN = """
class Lengths:
    def __init__(self, item_ids):
        self.items = len(item_ids)

    def scores(self, histories):
        return [[len(history) + row for row in range(self.items)] for history in histories]
"""


@pytest.fixture
def moved(tmp_path, monkeypatch):
    """A run that is done up to the corpus and was moved, its recommender's module and data gone."""
    made, elsewhere = tmp_path / "made", tmp_path / "elsewhere"
    made.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(made)
    (made / "recx_gone.py").write_text(OWN, encoding="utf-8")
    rows = [f"u{user},i{(user + step) % 10},{step}" for user in range(20) for step in range(8)]
    (made / "log.csv").write_text("\n".join(["user_id,item_id,timestamp", *rows]) + "\n")
    items = ["item_id,title", *(f"i{item},Film {item}" for item in range(10))]
    (made / "items.csv").write_text("\n".join(items) + "\n")
    config = load_config(
        overrides=[
            *("dataset.name=csv", "dataset.options={interactions: log.csv, items: items.csv}"),
            *("target.name=recx_gone:Lengths", "alignment.mode=behavior"),
        ]
    )
    run(config, made / "run", until="alignment")
    shutil.move(made / "run", elsewhere)
    shutil.rmtree(made, ignore_errors=True)
    monkeypatch.chdir(elsewhere)
    sys.modules.pop("recx_gone", None)
    return elsewhere / "run"


def test_a_moved_run_without_its_recommender_serves_what_does_not_ask_it(moved) -> None:
    bench, stages = reopen(config_of_run(moved), moved, default_registry())
    assert [stage.done for stage in stages[:3]] == [True, True, False]
    assert len(bench.catalogue) == 10
    with pytest.raises(UserError) as refused:
        bench.target  # noqa: B018  # it is loaded when it is first asked
    (line,) = str(refused.value).splitlines()
    assert line.startswith("the recommender recx_gone:Lengths cannot be asked: there is no module")


def test_what_asks_the_recommender_is_refused_before_it_runs(moved) -> None:
    with pytest.raises(ConfigError) as refused:
        run(config_of_run(moved), moved, until="surrogate")
    assert any("there is no module 'recx_gone'" in line for line in refused.value.problems)
    assert (moved / "2-target" / "done.json").exists()
