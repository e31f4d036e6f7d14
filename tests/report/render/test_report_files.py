from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from recexplainer.errors import RunFolderError
from recexplainer.report import CurvePoint, ExplainedCase, load_report, write_report


def test_what_was_written_is_loaded(report, tmp_path):
    write_report(report, tmp_path / "run")
    assert load_report(tmp_path / "run") == report
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {"report.json", "report.md", "report.html"}


def test_json_has_the_documented_keys(report, tmp_path):
    write_report(report, tmp_path)
    content = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert list(content) == [
        "schema_version",
        "written_by",
        "run",
        "metrics",
        "explanations",
        "accounts",
        "risk_coverage",
        "verdicts",
        "ratings",
        "stages",
    ]
    assert content["schema_version"] == 1
    assert content["metrics"][2]["value"] == 0.68
    assert content["metrics"][5]["value"] is None
    assert content["metrics"][5]["unscored"] == 37


def test_a_loss_that_is_not_finite_survives_the_disk(report, tmp_path):
    lost = CurvePoint(step=3, examples=192, loss=float("nan"), tokens_per_second=900.0, seconds=6.0)
    run = report.run.model_copy(update={"curve": (*report.run.curve, lost)})
    write_report(report.model_copy(update={"run": run}), tmp_path)
    assert [point.loss for point in load_report(tmp_path).run.curve] == [4.0, 2.5, None]


def test_a_failed_rendering_leaves_the_old_files(report, tmp_path, monkeypatch):
    write_report(report, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(report):
        raise OSError("no space")

    monkeypatch.setattr("recexplainer.report.render.report_files.render_html", fail)
    with pytest.raises(OSError, match="no space"):
        write_report(report.model_copy(update={"metrics": ()}), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_failed_write_leaves_no_partial_file(report, tmp_path, monkeypatch):
    def fail(self, target):
        raise OSError("no space")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="no space"):
        write_report(report, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "holds no report.json"),
        ("{", "cannot be read"),
        ("[]", "schema_version None"),
        ('{"schema_version": 7}', "schema_version 7; this version of recexplainer reads 1"),
        ('{"schema_version": 1}', "is not a report: run: Field required"),
    ],
)
def test_what_cannot_be_loaded_is_explained(tmp_path, content, message):
    if content is not None:
        (tmp_path / "report.json").write_text(content, encoding="utf-8")
    with pytest.raises(RunFolderError) as caught:
        load_report(tmp_path)
    assert message in str(caught.value)
    assert f"recx report {tmp_path}" in str(caught.value)


def test_a_missing_folder_is_explained(tmp_path):
    with pytest.raises(RunFolderError, match="is not a folder"):
        load_report(tmp_path / "absent")


def test_a_case_and_another_cases_explanation_do_not_go_together(report):
    one = report.explanations[0]
    other = one.explanation.model_copy(update={"case": "someone else"})
    with pytest.raises(ValidationError, match="someone else"):
        ExplainedCase(
            case=one.case,
            item_title=one.item_title,
            history_titles=one.history_titles,
            explanation=other,
        )
