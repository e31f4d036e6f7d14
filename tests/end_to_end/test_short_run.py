"""One short real run: MovieLens-100K, RecBole's SASRec, a tiny language model, all of it measured.

It is far too short to be faithful; what is tested is that every part is there and tells the truth.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import time
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import torch

from recexplainer import explain, load, load_config
from recexplainer.data.stored_log import load_log
from recexplainer.evaluation.example_questions import context_of
from recexplainer.pipeline import default_registry, plan
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.records import SilentProgress
from recexplainer.report.render.markdown import escape
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.steps import STAGES
from recexplainer.surrogate.corpus.training_files import PULL_NETWORK
from recexplainer.surrogate.model.pull_network import PullNetwork

WEIGHTS = (
    "{next_item_retrieval: 0.02, item_ranking: 0.02, rationale: 0.02, "
    "interest_classification: 0.5, item_discrimination: 0.2, history_reconstruction: 0.02}"
)
LINE = (
    *("--target", "sasrec", "--align", "hybrid", "--explainers", "surrogate,occlusion,random"),
    *("--set", "fidelity.users=30", "--set", "explanations.users=10"),
    *("--set", "training.budget=0.1", "--set", "training.threads=1"),
    *("--set", "target.options.max_epochs=2", "--set", "surrogate.device=cpu"),
    *("--set", "surrogate.tiny.layers=1", "--set", "surrogate.tiny.width=32"),
    *("--set", f"alignment.weights={WEIGHTS}"),
)
FIDELITY = {
    ("next_item_retrieval", "hit@5"),
    ("next_item_retrieval", "ndcg@5"),
    ("next_item_retrieval", "hit@5_constrained"),
    ("next_item_retrieval", "ndcg@5_constrained"),
    ("item_ranking", "ndcg@5"),
    ("item_ranking", "kendall_tau"),
    ("item_ranking", "ndcg@5_constrained"),
    ("item_ranking", "kendall_tau_constrained"),
    ("interest_classification", "accuracy"),
    ("history_reconstruction", "history_coverage"),
}
EXPLANATION = {
    *("decision_agreement", "grounding", "hallucination_rate", "faithfulness_drop"),
    *("refuted", "confidence", "risk", "coverage", "judge_rating"),
    *("simulation_gain", "simulation_gain_shuffled", "simulation_misleading"),
    *("holds_for_others", "rebuilt_cosine", "rebuilt_overlap@10"),
}
SPLITS = {"leave_one_out", "held_out_users"}


@pytest.fixture(scope="module")
def out(start, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("short") / "run"
    process = start("run", "--out", folder, *LINE)
    said, err = process.communicate(timeout=280)
    assert process.returncode == 0, err
    assert f"report: {folder / 'report.html'}" in said
    return folder


@pytest.fixture(scope="module")
def report(out: Path) -> dict:
    return json.loads((out / "report.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def bench(out: Path) -> Bench:
    config = load_config(out / "config.yaml")
    return Bench(plan(config, default_registry()), RunFolder(out), SilentProgress())


def test_the_report_has_the_documented_shape(report) -> None:
    assert set(report) == {
        *("schema_version", "written_by", "run", "metrics", "explanations", "accounts"),
        *("risk_coverage", "verdicts", "ratings", "stages"),
    }
    assert report["schema_version"] == 1
    for metric in report["metrics"]:
        assert {"subject", "task", "metric", "value", "low", "high", "n"} <= set(metric)
        bounded = metric["value"] is not None and metric["low"] is not None
        assert not bounded or metric["low"] <= metric["value"] <= metric["high"]
        assert metric["n"] + metric["unscored"] > 0
    for stage, name in zip(report["stages"], STAGES[:7], strict=True):
        assert (stage["name"], stage["resumed"]) == (name, False)
        assert stage["seconds"] > 0
        assert stage["peak_rss_mb"] > 0
    assert report["run"]["dataset"]["users"] == 943


def test_every_fidelity_metric_is_there_for_every_subject_and_split(report) -> None:
    for subject in ("random", "popularity", "unaligned", "hybrid"):
        for split in SPLITS:
            found = {
                (metric["task"], metric["metric"])
                for metric in report["metrics"]
                if (metric["subject"], metric["split"]) == (subject, split)
            }
            assert found >= FIDELITY, (subject, split)


def test_kept_to_the_offer_every_answer_is_an_order_of_it(out: Path, bench) -> None:
    """And one that was such an order without being kept to it is the same."""
    offers = {}
    for one in bench.examples:
        if one.task == "item_ranking":
            titles = [bench.catalogue.title(item) for item in one.options]
            split = context_of(one, bench.evaluated).split
            offers[one.id, split] = {"; ".join(order) for order in permutations(titles)}
    lines = (out / "5-fidelity" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    given: dict[tuple[bool, str], dict[tuple[str, str], str]] = {}
    for record in (json.loads(line)["payload"] for line in lines):
        if record["task"] == "item_ranking":
            own = given.setdefault((record["constrained"], record["subject"]), {})
            own[record["example"], record["split"]] = record["answers"][0]
    for subject in ("random", "popularity", "unaligned", "hybrid"):
        kept, free = given[True, subject], given[False, subject]
        assert kept.keys() == free.keys() == offers.keys()
        assert all(text in offers[key] for key, text in kept.items())
        assert all(kept[key] == text for key, text in free.items() if text in offers[key])


def test_every_explanation_metric_is_there_for_every_explainer_and_split(report) -> None:
    for subject in ("hybrid", "occlusion", "random"):
        for split in SPLITS:
            found = {
                metric["metric"]
                for metric in report["metrics"]
                if (metric["subject"], metric["split"], metric["task"])
                == (subject, split, "explanation")
            }
            assert found >= EXPLANATION, (subject, split)


def test_what_is_withheld_is_recorded_and_f_speaks_in_its_place(report) -> None:
    silent = set()
    for one in report["explanations"]:
        checks = {check["name"]: check["value"] for check in one["explanation"]["checks"]}
        weak = (checks["confidence"] or 0.0) < 0.5
        assert one["abstained"] == (weak and one["explanation"]["explainer"] != "occlusion")
        if one["abstained"]:
            silent.add(one["explanation"]["case"])
    assert silent  # a random explainer is not borne out throughout
    assert {account["case"] for account in report["accounts"]} == silent
    assert {account["explainer"] for account in report["accounts"]} == {"occlusion"}


def test_the_thirty_measured_users_are_all_counted_once(report) -> None:
    for subject in ("random", "popularity", "unaligned", "hybrid"):
        counts = [
            metric["n"] + metric["unscored"]
            for metric in report["metrics"]
            if (metric["subject"], metric["metric"]) == (subject, "hit@5")
        ]
        assert sum(counts) == 30


def test_the_three_reports_agree(out: Path, report) -> None:
    page = (out / "report.html").read_text(encoding="utf-8")
    text = (out / "report.md").read_text(encoding="utf-8")
    quality = next(
        metric
        for metric in report["metrics"]
        if (metric["subject"], metric["metric"]) == ("sasrec", "hit@10")
    )
    assert f"{quality['value']:.3f}"[:4] in text
    assert f"{quality['value']:.3f}"[:4] in page
    titles = {shown["item_title"] for shown in report["explanations"]}
    # as headings: a title may also stand in the history of another case, which only the page tells
    in_text = {title for title in titles if f"**{escape(title)}**" in text}
    assert in_text
    shown = html.unescape(page)
    assert {title for title in titles if f"<h4>{title}</h4>" in shown} == in_text
    assert not re.search(r"https?://[^\"' ]+\.(js|css|woff)", page)


def test_the_target_is_better_than_popularity_at_its_own_job(report) -> None:
    quality = {
        metric["subject"]: metric["value"]
        for metric in report["metrics"]
        if (metric["task"], metric["metric"]) == ("target_quality", "ndcg@10")
    }
    assert quality["sasrec"] > quality["popularity"]


def test_the_same_command_again_resumes_all_without_torch(out: Path, report, start) -> None:
    before = {path: path.stat().st_mtime_ns for path in out.glob("[1-7]-*/**/*")}
    began = time.monotonic()
    process = start("run", "--out", out, *LINE)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    loaded = set(err.strip().splitlines()[-1].removeprefix("loaded: ").split())
    assert "recexplainer" in loaded
    assert not {"torch", "transformers", "peft", "recbole", "datasets", "pandas"} & loaded
    assert time.monotonic() - began < 30
    assert {path: path.stat().st_mtime_ns for path in out.glob("[1-7]-*/**/*")} == before
    again = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert all(stage["resumed"] for stage in again["stages"])
    assert again["metrics"] == report["metrics"]
    assert again["explanations"] == report["explanations"]


def own_view(bench: Bench, user: str, item: str) -> tuple[float, int, int]:
    """Ask f: its score of an item after all that a user did, the rank, and of how many."""
    log = load_log(bench.folder.stage_folder("dataset"))
    seen = log.histories[user]
    (scores,) = bench.target.scores([seen[-bench.config.dataset.max_history :]])
    row = log.catalogue.ids.index(item)
    unseen = [
        place for place, one in enumerate(log.catalogue.ids) if one not in seen or place == row
    ]
    above = sum(scores[place] > scores[row] for place in unseen)
    return float(scores[row]), int(above) + 1, len(unseen)


def test_what_is_told_of_the_target_is_what_the_target_says(out: Path, bench) -> None:
    told = explain(out, user="196", item="TOY story").case
    score, rank, candidates = own_view(bench, "196", told.item)
    assert bench.catalogue.title(told.item) == "Toy Story"
    assert told.score == pytest.approx(score, abs=1e-5)
    assert (told.rank, told.candidates) == (rank, candidates)


def test_first_words_name_the_title_that_is_estimated_to_pull_furthest(out: Path, bench) -> None:
    """In the order of the network that was trained beside the model, which is asked here apart."""
    run = load(out, explainers=["unchecked"])
    network = PullNetwork.load(out / "4-surrogate" / "model" / PULL_NETWORK)
    vectors = torch.from_numpy(np.array(run.target.item_vectors(), np.float32))
    cases = bench.cases()
    named = 0
    for case in cases:
        found = run.explain(user=case.user, item=case.item)
        asked, text = found.case, found.explanations[0].text
        quoted = re.findall("“([^”]+)”", text)
        row = run.catalogue.row
        history = torch.tensor([[row(item) for item in asked.history]])
        with torch.no_grad():
            pulls = network(history, torch.tensor([[row(asked.item)]]), vectors)[0, 0]
        sign = 1 if text.startswith("Yes") else -1
        best = asked.history[int((sign * pulls).argmax())]
        causes = [title for title in quoted if title != run.catalogue.title(asked.item)]
        if causes:
            named += 1
            assert causes[0] == run.catalogue.title(best), text
        else:
            assert (sign * pulls).max() <= 0.1, text
    assert named > len(cases) / 2


def test_without_an_item_the_first_choice_is_explained(out: Path, bench) -> None:
    told = explain(out, user="3")
    assert told.recommended
    assert told.case.rank == 1 == own_view(bench, "3", told.case.item)[1]
    assert told.case.decision == "Yes"
    assert told.case.item not in bench.log.histories["3"]
    assert told.history_titles == tuple(
        bench.catalogue.title(item) for item in bench.log.histories["3"][-20:]
    )


def test_the_fall_without_the_cited_items_is_the_targets_own(out: Path, bench) -> None:
    """Occlusion names the items whose removal lowers the target's score of the item most."""
    asked = (explain(out, user=str(number)) for number in range(5, 30))
    told = next(
        one
        for one in asked
        for text in one.explanations
        if text.explainer == "occlusion" and "Removing" in text.text
    )
    occlusion = next(one for one in told.explanations if one.explainer == "occlusion")
    history, row = told.case.history, bench.catalogue.row(told.case.item)
    without = [[item for item in history if item != left] for left in history]
    falls = told.case.score - bench.target.scores(without)[:, row]
    removed = [claim.item for claim in occlusion.claims if claim.kind == "cause"]
    named = re.search(r"Removing (.*?)\. ", f"{occlusion.text} ")[1].count("“")
    largest = [history[place] for place in np.argsort(-falls)[:named]]
    assert removed[:named] == largest
    kept = [item for item in history if item not in occlusion.cited]
    (scores,) = bench.target.scores([kept])
    assert occlusion.check("score_without") == pytest.approx(float(scores[row]), abs=1e-5)


def test_explain_prints_the_rank_that_the_target_gives(out: Path, bench, recx) -> None:
    item = bench.catalogue.ids[7]
    _, rank, candidates = own_view(bench, "42", item)
    said = recx("explain", out, "--user", "42", "--item", item)
    assert said.code == 0
    assert f"The recommender ranks it {rank:,} of {candidates:,} candidates" in said.out
    assert repr(bench.catalogue.title(item)) in said.out
    for explainer in ("hybrid", "occlusion", "random"):
        assert f"\n{explainer}:" in said.out or f", {explainer}:" in said.out


def test_explain_as_json_is_what_the_library_returns(out: Path, recx) -> None:
    said = recx("explain", out, "--user", "42", "--item", "fargo", "--json")
    told = explain(out, user="42", item="Fargo")
    parsed = json.loads(said.out)
    assert parsed["case"] == json.loads(told.case.model_dump_json())
    assert parsed["item_title"] == "Fargo"
    assert parsed["explanations"] == [
        json.loads(one.model_dump_json()) for one in told.explanations
    ]
    assert parsed["recommended"] is False
    assert parsed["withheld"] == list(told.withheld)
    account = told.instead
    assert parsed["instead"] == (account and json.loads(account.model_dump_json()))


def test_what_cannot_be_explained_is_said_and_f_answers_instead(out: Path, recx) -> None:
    run = load(out)
    answers = (run.explain(user=str(number)) for number in range(1, 10))
    told = next(told for told in answers if told.withheld)
    unsure = {one.explainer for one in told.explanations if (one.check("confidence") or 0) < 0.2}
    assert set(told.withheld) == unsure - {"occlusion"}
    assert told.instead is not None
    assert told.instead.explainer == "occlusion"
    assert told.instead.check("faithfulness_drop") is not None
    assert told.answer.explainer not in told.withheld
    said = recx("explain", out, "--user", told.case.user)
    assert said.out.count(": its text is withheld (") == len(told.withheld)
    printed = " ".join(said.out.split())
    for one in told.explanations:
        shown = " ".join(one.text.split()) in printed
        assert shown == (one.explainer not in told.withheld), one.explainer


def test_an_instruction_is_followed_or_refused_with_what_there_is(out: Path, recx) -> None:
    assert recx("explain", out, "--user", "42", "--instruction", "only genres").code == 0
    said = recx("explain", out, "--user", "42", "--instruction", "only directors")
    assert said.code == 2
    assert "What can be asked for: only genre" in said.err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--user", "1960"), "unknown user '1960'. Did you mean '196'?"),
        (("--user", "42", "--item", "Farg"), "unknown item 'Farg'. Did you mean 'Fargo'?"),
    ],
)
def test_explain_names_what_is_near(given, words, out: Path, recx) -> None:
    said = recx("explain", out, *given)
    assert said.code == 2
    assert words in said.err
    assert said.out == ""


def test_report_compare_and_judge_work_on_a_finished_run(out: Path, report, recx) -> None:
    (out / "report.html").unlink()
    said = recx("report", out)
    assert said.code == 0
    assert (out / "report.html").is_file()
    said = recx("compare", out, out)
    assert said.code == 0
    assert "*" not in said.out.split("\n", 1)[1]
    assert said.out.count("hit@5_constrained") == 4 * 2
    said = recx("judge", out, "--judge", "offline")
    assert said.code == 0
    again = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert again["metrics"] == report["metrics"]
    assert again["verdicts"] == report["verdicts"]


def test_controls_are_measured_and_reported(start, out: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(out, run)
    process = start("controls", run)
    said, err = process.communicate(timeout=280)
    assert process.returncode == 0, err
    assert "faithfulness_drop_shuffled" in said
    metrics = json.loads((run / "report.json").read_text(encoding="utf-8"))["metrics"]
    for subject in ("hybrid", "occlusion", "random"):
        for control in ("shuffled", "reinitialized"):
            name = f"faithfulness_drop_{control}"
            found = {m["split"] for m in metrics if (m["subject"], m["metric"]) == (subject, name)}
            assert found == SPLITS
    assert not list(run.glob(".controls-*"))


def test_instructions_are_measured_and_reported(start, out: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(out, run)
    process = start("instructions", run, "--cases", "4")
    said, err = process.communicate(timeout=280)
    assert process.returncode == 0, err
    assert "hybrid, only genre" in said
    metrics = json.loads((run / "report.json").read_text(encoding="utf-8"))["metrics"]
    found = [metric for metric in metrics if metric["task"] == "instruction"]
    assert {metric["subject"] for metric in found} == {"hybrid"}
    assert {metric["split"] for metric in found} == {"only genre", "only decade"}
    assert {metric["n"] + metric["unscored"] for metric in found} == {4}
    assert "Told to keep to one attribute" in (run / "report.md").read_text(encoding="utf-8")
