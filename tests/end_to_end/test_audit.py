"""``recx audit`` on runs of recommenders whose nature is known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

import recexplainer
from recexplainer.cli.main import recx
from recexplainer.errors import RunFolderError, UserError
from recexplainer.pipeline.after.run_audit import audit

SETTINGS = (
    *("dataset.name=csv", "target.name=popularity", "alignment.mode=behavior"),
    *("surrogate.tiny={layers: 1, width: 32, heads: 2, vocabulary: 512}", "surrogate.device=cpu"),
    *("training.threads=1", "training.budget=0.2", "dataset.max_history=6"),
    *("fidelity.users=12", "explanations.users=6"),
    "explanations.explainers=[occlusion, random]",
)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    rng = np.random.default_rng(0)
    items = ["item_id,title", *(f"i{k},Film {k}" for k in range(60))]
    rows = ["user_id,item_id,timestamp"]
    chance = 1 / np.arange(1, 61)
    for user in range(60):
        taken = rng.choice(60, size=9, replace=False, p=chance / chance.sum())
        rows += [f"u{user},i{item},{step}" for step, item in enumerate(taken)]
    for name, lines in (("items", items), ("interactions", rows)):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    files = (f"dataset.options.{n}={folder / n}.csv" for n in ("items", "interactions"))
    place = tmp_path_factory.mktemp("runs") / "popular"
    recexplainer.run(recexplainer.load_config(None, [*SETTINGS, *files]), place)
    return place


def test_a_run_is_audited_and_told_as_what_it_is(out) -> None:
    result = CliRunner().invoke(recx, ["audit", str(out)], catch_exceptions=False)
    assert result.exit_code == 0
    assert "history ignored" in result.output
    said = " ".join(result.output.split())
    assert "It gives everybody the same list" in said
    kept = json.loads((out / "audit.json").read_text("utf-8"))
    assert kept["target"] == "popularity"
    assert "It gives everybody the same list" in (out / "audit.html").read_text("utf-8")
    names = {one["probe"] for one in kept["findings"] if one["chapter"] == "segment"}
    assert names  # with how explanations fare, or too few of them to compare


def test_the_same_run_gives_the_same_audit_elsewhere(out, tmp_path) -> None:
    first = audit(out, users=40, folder=tmp_path / "one")
    assert audit(out, users=40, folder=tmp_path / "two") == first
    assert (tmp_path / "one" / "audit.html").is_file()
    assert first.users == 40


def test_what_is_missing_or_too_little_is_refused(out, tmp_path) -> None:
    with pytest.raises(UserError, match="20 or more"):
        audit(out, users=5)
    with pytest.raises(RunFolderError):
        audit(tmp_path)
    with pytest.raises(UserError, match="--self-test"):
        CliRunner().invoke(recx, ["audit"], catch_exceptions=False)


def test_refits_are_kept_and_a_larger_number_adds_to_them(out, tmp_path, monkeypatch) -> None:
    from recexplainer.targets.popularity import Popularity

    trained = []
    fit = Popularity.fit

    def counted(self, training, progress):
        trained.append(len(training.histories))
        return fit(self, training, progress)

    monkeypatch.setattr(Popularity, "fit", counted)
    first = audit(out, users=40, refits=4, folder=tmp_path)
    assert len(trained) == 4
    told = [one for one in first.findings if "Trained again" in one.sentence]
    assert len(told) == 2
    assert audit(out, users=40, refits=4, folder=tmp_path) == first
    assert len(trained) == 4
    audit(out, users=40, refits=5, folder=tmp_path)
    assert len(trained) == 5
    with pytest.raises(UserError, match="--refits 2 is too few"):
        audit(out, refits=2)
