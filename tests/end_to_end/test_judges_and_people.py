"""A small finished run, graded by a chat model (a stand-in on this machine) and by people."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from chat_stand_in import serving

from recexplainer import load_config, run
from recexplainer.errors import ConfigError
from recexplainer.pipeline.after.study_round import export_study
from recexplainer.runs.artifacts import read_jsonl
from recexplainer.testing.servers.chat_service import ChatReply, chat_service

SETTINGS = (
    *("target.name=popularity", "alignment.mode=behavior", "dataset.name=csv"),
    *("surrogate.tiny.layers=1", "surrogate.tiny.width=32", "surrogate.tiny.vocabulary=512"),
    *("training.threads=1", "training.budget=0.1", "surrogate.device=cpu"),
    *("fidelity.users=5", "explanations.users=6", "explanations.explainers=[occlusion, random]"),
)
GRADES = {"occlusion": 4, "random": 2}


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    items = ["item_id,title", *(f"i{n},“Film” {n}: the {n}th" for n in range(20))]
    rows = ["user_id,item_id,timestamp"]
    for user in range(40):  # from places that make items differ in popularity
        rows += [f"u{user},i{(user * user * 2 // 3 + step) % 20},{step}" for step in range(8)]
    (folder / "items.csv").write_text("\n".join(items) + "\n", encoding="utf-8")
    (folder / "log.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return [
        *SETTINGS,
        f"dataset.options.interactions={folder / 'log.csv'}",
        f"dataset.options.items={folder / 'items.csv'}",
    ]


@pytest.fixture(scope="module")
def out(settings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    run(load_config(overrides=settings), folder)
    return folder


@pytest.fixture(scope="module")
def studied(out):
    """The run, with the forms of a study of four cases."""
    export_study(out, raters=2, cases=4)
    return out


@pytest.fixture
def service(monkeypatch):
    with serving() as stand_in:
        monkeypatch.setenv("OPENAI_BASE_URL", stand_in.address)
        yield stand_in


def _metrics(out, name):
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return {
        (metric["subject"], metric["split"]): metric
        for metric in report["metrics"]
        if metric["metric"] == name
    }


def test_a_missing_key_is_refused_before_anything_runs(settings, tmp_path, monkeypatch, recx):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    config = load_config(overrides=[*settings, "judging.judges=[chat]"])
    with pytest.raises(ConfigError, match=r"judging\.judges: chat: .*set OPENAI_API_KEY") as caught:
        run(config, tmp_path / "run")
    assert len(caught.value.problems) == 1
    assert not (tmp_path / "run").exists()


def test_a_missing_key_leaves_a_finished_run_as_it_was(out, monkeypatch, recx):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    said = recx("judge", out, "--judge", "chat:any")
    assert said.code == 2
    assert "set OPENAI_API_KEY" in said.err
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_a_chat_model_grades_every_explanation_once(out, service, recx):
    service.script.extend([ChatReply(status=500), ChatReply("I will not say.")])
    first = recx("judge", out, "--judge", "chat:some-model", "--judge", "offline")
    assert first.code == 0, first.err
    explained = read_jsonl(out / "6-explanations" / "explanations.jsonl")
    splits = {
        case["id"]: case["split"] for case in read_jsonl(out / "6-explanations" / "cases.jsonl")
    }
    verdicts = read_jsonl(out / "7-verdicts" / "verdicts.jsonl")
    by_chat = [one for one in verdicts if one["judge"] == "chat:some-model"]
    assert len(by_chat) == len(explained)
    assert sum(one["grade"] is None for one in by_chat) == 1
    asked = len(service.asked)
    assert asked <= len(explained) + 1
    rated = _metrics(out, "judge_rating:chat:some-model")
    for (explainer, split), metric in rated.items():
        grades = [
            one["grade"]
            for one in by_chat
            if one["explainer"] == explainer and splits[one["case"]] == split and one["grade"]
        ]
        assert metric["value"] == pytest.approx(sum(grades) / len(grades))
        assert metric["low"] <= metric["value"] <= metric["high"]
    assert _metrics(out, "judge_agreement")
    assert "Graded by chat:some-model" in (out / "report.html").read_text(encoding="utf-8")
    # Other judges beside it, or other settings that change no answer, ask for nothing anew.
    line = ("--judge", "chat:some-model", "--set", "judging.options.chat.concurrency=2")
    assert recx("judge", out, *line).code == 0
    assert len(service.asked) == asked


def test_a_sample_is_graded_by_all_judges_for_all_explainers(out, service, recx):
    line = ("judge", out, "--judge", "offline", "--judge", "chat:sampled", "--cases", 5)
    said = recx(*line)
    assert said.code == 0, said.err
    cases = read_jsonl(out / "6-explanations" / "cases.jsonl")
    assert f"5 of {len(cases)} cases are graded, drawn by decision" in said.err
    verdicts = read_jsonl(out / "7-verdicts" / "verdicts.jsonl")
    asked = {
        (judge, explainer): [
            one["case"]
            for one in verdicts
            if (one["judge"], one["explainer"]) == (judge, explainer)
        ]
        for judge in ("offline", "chat:sampled")
        for explainer in GRADES
    }
    assert len({tuple(drawn) for drawn in asked.values()}) == 1
    assert {len(set(drawn)) for drawn in asked.values()} == {5}
    assert len(service.asked) <= 10
    assert f"5 of {len(cases)} cases, sampled" in (out / "report.md").read_text(encoding="utf-8")
    sent = len(service.asked)
    assert recx(*line[:-1], 7).code == 0  # a larger sample asks for the rest alone
    assert len(service.asked) <= sent + 4
    assert recx("judge", out, "--judge", "offline").code == 0
    assert len(read_jsonl(out / "7-verdicts" / "verdicts.jsonl")) == 2 * len(cases)


def test_a_judge_that_grades_nothing_ends_it_and_the_same_command_goes_on(out, service, recx):
    words, service.say = service.say, lambda body: "Lovely!"
    line = ("judge", out, "--judge", "chat:dumb")
    said = recx(*line)
    assert said.code == 1
    assert "chat:dumb graded none of" in said.err
    assert "x no rating in the answer (it said 'Lovely!')" in said.err
    assert "Traceback" not in said.err
    assert not (out / "7-verdicts" / "done.json").exists()
    service.say = words
    sent = len(service.asked)
    assert recx(*line).code == 1  # what it said is kept, and says as little
    assert len(service.asked) == sent


def test_without_money_the_command_ends_and_goes_on_later(out, service, recx):
    service.script.extend([ChatReply("RATING-3")] * 3)
    service.script.extend([ChatReply(status=402, error="Top up; or fewer max_tokens.")] * 50)
    line = ("judge", out, "--judge", "chat:poor", "--set", "judging.options.chat.concurrency=1")
    said = recx(*line)
    assert said.code == 2
    assert "no money left" in said.err
    assert not (out / "7-verdicts" / "done.json").exists()
    sent = len(service.asked)
    service.script.clear()
    said = recx(*line)
    assert said.code == 0, said.err
    assert "3 answers are kept from before" in said.err
    verdicts = read_jsonl(out / "7-verdicts" / "verdicts.jsonl")
    assert None not in {one["grade"] for one in verdicts}
    assert len(service.asked) <= sent + len(verdicts) - 3


def test_how_many_could_not_be_graded_is_said(out, service, recx):
    service.script.append(ChatReply("Lovely!"))
    said = recx("judge", out, "--judge", "chat:mixed")
    assert said.code == 0
    assert "chat:mixed: 1 of " in said.err
    assert "not scored: 1 x no rating in the answer (it said 'Lovely!')" in said.err


def test_a_chat_model_explains_beside_the_others(settings, tmp_path, monkeypatch, recx):
    """It is asked once per case, in the run; a question to the finished run asks once more."""
    out = tmp_path / "run"
    explainers = "explanations.explainers=[occlusion, chat:some-model]"
    with chat_service(lambda _: "Yes, as “Film” 3: the 3th is one like it.") as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.address)
        run(load_config(overrides=[*settings, explainers]), out)
        cases = read_jsonl(out / "6-explanations" / "cases.jsonl")
        assert len(model.asked) == len(cases) > 5
        for split in {case["split"] for case in cases}:
            own = [case for case in cases if case["split"] == split]
            (value,) = (
                metric["value"]
                for metric in json.loads((out / "report.json").read_text("utf-8"))["metrics"]
                if (metric["task"], metric["metric"]) == ("explanation", "decision_agreement")
                and (metric["subject"], metric["split"]) == ("chat:some-model", split)
            )
            assert value == sum(one["decision"] == "Yes" for one in own) / len(own)
        assert "chat:some-model" in (out / "report.html").read_text(encoding="utf-8")
        explained = recx("explain", out, "--user", "u1", "--json")
        assert explained.code == 0, explained.err
        assert "chat:some-model" in explained.out
        assert len(model.asked) == len(cases) + 1
        run(load_config(overrides=[*settings, explainers]), out)
        assert len(model.asked) == len(cases) + 1


def test_facts_are_worded_in_a_run_and_for_whoever_asks_the_finished_run(
    settings, tmp_path, monkeypatch, recx
):
    """Options reach the model from both commands; what is given holds, and nothing is written."""
    out = tmp_path / "run"

    def say(body):
        return " ".join(json.loads(body["messages"][-1]["content"])["facts"])

    with chat_service(say) as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.address)
        told = ("explanations.explainers=[told:m]", "explanations.options.told.audience=engineer")
        run(load_config(overrides=[*settings, *told]), out)
        assert all("is an engineer" in body["messages"][0]["content"] for body in model.asked)
        for one in read_jsonl(out / "6-explanations" / "explanations.jsonl"):
            (true,) = (c["value"] for c in one["checks"] if c["name"] == "true_as_read")
            assert (one["explainer"], true) == ("told:m", 1.0)
        assert "told:m" in (out / "report.html").read_text(encoding="utf-8")
        before = (out / "config.yaml").read_text(encoding="utf-8")
        wish = ("--explainer", "told:other", "--set", "explanations.options.told.language=German")
        explained = recx("explain", out, "--user", "u1", *wish, "--json")
        assert explained.code == 0, explained.err
        assert "told:other" in explained.out
        assert "Write in German" in model.asked[-1]["messages"][0]["content"]
        assert (out / "config.yaml").read_text(encoding="utf-8") == before
        refused = recx("explain", out, "--user", "u1", "--set", "seed=1")
        assert (refused.code, "only settings of explanations" in refused.err) == (2, True)
        unknown = recx("explain", out, "--user", "u1", "--explainer", "tld")
        assert (unknown.code, "told" in unknown.err) == (2, True)


def test_a_chat_model_that_explains_needs_a_key_before_anything_runs(
    settings, tmp_path, monkeypatch
):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    config = load_config(overrides=[*settings, "explanations.explainers=[occlusion, chat]"])
    with pytest.raises(ConfigError, match=r"explanations\.explainers: chat: .*set OPENAI_API_KEY"):
        run(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_other_settings_are_not_for_this_command(out, recx):
    said = recx("judge", out, "--judge", "offline", "--set", "training.budget=3")
    assert said.code == 2
    assert "only settings of judging" in said.err


def test_people_grade_by_forms_and_their_answers_reach_the_report(studied, tmp_path, recx):
    out = studied
    said = recx("study", "export", out, "--raters", 2, "--cases", 4)  # the same study again
    assert said.code == 0, said.err
    assert [path.name for path in sorted((out / "study").glob("*.html"))] == [
        "rater-1.html",
        "rater-2.html",
    ]
    key = json.loads((out / "study" / "answer-key.jsonl").read_text())
    files = []
    for rater, texts in key["raters"].items():
        files.append(tmp_path / f"{rater}.csv")
        rows = [[key["study"], rater, code, GRADES[t["explainer"]]] for code, t in texts.items()]
        with files[-1].open("w", newline="") as file:
            csv.writer(file).writerows([["study", "rater", "code", "grade"], *rows])
    said = recx("study", "import", out, *files)
    assert said.code == 0, said.err
    for (explainer, _), metric in _metrics(out, "study_rating").items():
        assert metric["value"] == GRADES[explainer]
    assert {m["value"] for m in _metrics(out, "study_agreement").values()} == {1.0}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Graded by people" in page
    assert "8 times 4" in page
    assert recx("report", out).code == 0
    assert _metrics(out, "study_rating")


def test_another_study_does_not_replace_one_that_is_out(studied, recx):
    said = recx("study", "export", studied, "--raters", 2, "--cases", 3)
    assert said.code == 2
    assert "holds another study" in said.err


def test_importing_before_exporting_says_what_to_do(settings, out, tmp_path, recx):
    other = tmp_path / "other"
    shutil.copytree(out, other, ignore=shutil.ignore_patterns("study"))
    said = recx("study", "import", other, tmp_path / "x.csv")
    assert said.code == 2
    assert "recx study export" in said.err
