"""The auditor's door: what anyone can take out of a run to check it from outside."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import recexplainer
from recexplainer.errors import RunFolderError, UnknownNameError, UserError
from recexplainer.explanation.edits.changes import Change
from recexplainer.pipeline.after.loaded_run import LoadedRun

ROOT = Path(__file__).parents[2]
EXPLAINERS = "explanations.explainers=[surrogate, occlusion, random]"


HAD = tuple(f"drama{place}" for place in range(8))
"""What u0 had, oldest first."""


@pytest.fixture(scope="module")
def config(walks):
    return recexplainer.load_config(None, [*walks(), EXPLAINERS])


@pytest.fixture(scope="module")
def out(config, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "whole"
    recexplainer.run(config, folder)
    return folder


@pytest.fixture(scope="module")
def door(out) -> LoadedRun:
    return recexplainer.load(out)


def test_what_is_documented_is_what_there_is(door) -> None:
    page = (ROOT / "docs" / "reference" / "api.md").read_text("utf-8")
    section = page[page.index("## The auditor's door") :].split("\n## ")[0]
    documented = set(re.findall(r"^\| `run\.(\w+)", section, flags=re.MULTILINE))
    assert documented == {name for name in vars(LoadedRun) if not name.startswith("_")}
    for name in documented:
        assert getattr(door, name) is not None


def test_the_target_says_of_each_case_what_the_run_says_it_said(door) -> None:
    scores = door.target.scores([case.history for case in door.cases])
    assert scores.shape == (len(door.cases), len(door.catalogue))
    assert np.issubdtype(scores.dtype, np.floating)
    for case, row in zip(door.cases, scores, strict=True):
        own = row[door.catalogue.row(case.item)]
        seen = door.catalogue.rows([*case.history, *case.earlier])
        unseen = np.delete(row, seen)
        assert own == pytest.approx(case.score, abs=1e-6)
        assert len(unseen) == case.candidates
        assert case.rank == 1 + (unseen > own).sum() + ((unseen == own).sum() - 1) // 2


def test_figures_and_texts_are_those_of_the_report(door, out) -> None:
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert [one.model_dump(mode="json") for one in door.metrics] == report["metrics"]
    shown = [one["explanation"] for one in report["explanations"]]
    assert [one.model_dump(mode="json") for one in door.explanations] == shown
    given = [one["explanation"] for one in report["explanations"] if not one["abstained"]]
    assert [one.model_dump(mode="json") for one in door.given] == given


def test_a_history_that_nobody_had_is_answered_as_that_of_a_user(door) -> None:
    item = "The Drama11 Film"
    asked = door.explain(user="u0", item=item)
    ids = [f"drama{step}" for step in range(8)]
    again = door.explain(history=ids, item=item)
    titles = door.explain(history=[f"The Drama{step} Film" for step in range(8)], item=item)
    kept = {"history", "item", "decision", "score", "rank", "candidates", "earlier"}
    assert again.case.model_dump(include=kept) == asked.case.model_dump(include=kept)
    assert asked.case.history == tuple(ids[2:])  # the six that the target reads
    assert titles.case == again.case
    texts = [one.text for one in asked.explanations if one.explainer == "occlusion"]
    assert [one.text for one in again.explanations if one.explainer == "occlusion"] == texts


def test_the_whole_list_in_pages_is_the_list_by_hand(door) -> None:
    told = door.ranking(user="u0")
    row = door.target.scores([told.history])[0]
    left = [one for one in range(len(door.catalogue)) if door.catalogue.ids[one] not in HAD]
    best = sorted(left, key=lambda one: (-row[one], one))
    paged = [*told.page(0, 5), *told.page(5, 99)]
    assert [one.item for one in paged] == [door.catalogue.ids[one] for one in best]
    assert told.candidates == len(best)
    for one in paged:
        ahead = sum(row[other] > one.score for other in left)
        equal = sum(row[other] == one.score for other in left) - 1
        assert one.rank == 1 + ahead + equal // 2
        assert told.place(one.item) == one
    assert told.place(HAD[0]) is None
    assert door.histories["u0"] == HAD


def test_an_edit_that_was_found_gives_the_ranks_that_were_told_of_it(door) -> None:
    whole = door.ranking(user="u0")
    wanted = whole.page(8, 1)[0]
    for kind in ("remove", "replace", "add"):
        told = door.what_if(user="u0", item=wanted.title, aim="top 3", edits=[kind])
        asked = told.found or told.nearest
        after = door.ranking(user="u0", edit=asked.edit)
        place = after.place(wanted.item)
        assert (place.rank, place.score) == (asked.rank, pytest.approx(asked.score))
        assert (after.history, after.candidates) == (asked.history, asked.candidates)
        explained = door.explain(
            user="u0", item=wanted.title, edit=asked.edit, explainers=["occlusion"]
        )
        assert explained.case.rank == asked.rank
        assert explained.case.history == asked.history


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change("remove", ("drama9",)), "cannot be taken out"),
        (Change("add", new=(HAD[0],)), "cannot be put in: the history has it already"),
        (Change("add", new=("nothing",)), "unknown item 'nothing'"),
    ],
)
def test_an_edit_that_cannot_be_made_is_refused(door, change, words) -> None:
    with pytest.raises(UserError, match=re.escape(words)):
        door.ranking(user="u0", edit=(change,))


def test_without_an_item_the_first_choice_after_the_history_is_explained(door) -> None:
    history = ["comedy3", "drama3"]
    told = door.explain(history=history)
    (scores,) = door.target.scores([history])
    scores = scores.copy()
    scores[door.catalogue.rows(history)] = -np.inf
    assert told.case.item == door.catalogue.ids[int(scores.argmax())]
    assert told.case.candidates == len(door.catalogue) - 2
    assert not told.already_had


def test_the_list_is_what_the_target_scores_highest_of_what_was_not_had(door) -> None:
    had = [f"drama{step}" for step in range(8)]
    told = door.recommend(user="u0", top=5)
    (scores,) = door.target.scores([had[2:]])
    unseen = sorted(set(door.catalogue.ids) - set(had), key=door.catalogue.row)
    best = sorted(unseen, key=lambda item: -scores[door.catalogue.row(item)])[:5]
    assert [one.item for one in told.items] == best
    assert told.candidates == len(unseen) == 16
    for one in told.items:
        own = scores[door.catalogue.row(one.item)]
        ahead = sum(scores[door.catalogue.row(item)] > own for item in unseen)
        equal = sum(scores[door.catalogue.row(item)] == own for item in unseen) - 1
        assert (one.score, one.rank) == (pytest.approx(own), 1 + ahead + equal // 2)
        if not equal:
            assert one.decision == ("Yes" if one.rank <= 3 else None)
    assert door.recommend(user="u0", top=99).items[:5] == told.items
    assert len(door.recommend(user="u0", top=99).items) == 16


def test_items_taken_out_are_not_read_and_stay_out_of_the_list(door) -> None:
    had = [f"drama{step}" for step in range(8)]
    gone = ["drama7", "The Drama5 Film"]
    kept = ["drama2", "drama3", "drama4", "drama6"]  # drama0 and drama1 do not move up
    told = door.recommend(user="u0", without=gone, top=99)
    (scores,) = door.target.scores([kept])
    assert told.history == tuple(kept)
    assert {one.item for one in told.items} == set(door.catalogue.ids) - set(had)
    for one in told.items:
        assert one.score == pytest.approx(scores[door.catalogue.row(one.item)])
    assert any("2 items of the history, taken out" in note for note in told.notes)
    case = door.explain(user="u0", item=told.items[0].item, without=gone).case
    assert case.history == tuple(kept)
    assert (case.score, case.candidates) == (pytest.approx(told.items[0].score), 16)
    edit = door.what_if(user="u0", item=told.items[-1].item, aim="top 3", without=gone)
    assert edit.case.history == tuple(kept)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"without": ["drama0"]}, "'drama0' cannot be taken out"),  # had, but not read
        ({"without": ["drama9"]}, "'drama9' cannot be taken out"),
        ({"top": 0}, "top=0 is no number of items"),
    ],
)
def test_what_cannot_be_taken_out_or_listed_is_refused(asked, words, door) -> None:
    with pytest.raises(UserError, match=words):
        door.recommend(user="u0", **asked)


def test_some_of_the_loaded_explainers_can_be_asked(door) -> None:
    told = door.explain(user="u0", explainers=["occlusion"])
    assert [one.explainer for one in told.explanations] == ["occlusion"]
    with pytest.raises(UnknownNameError, match="unknown explainer 'oclusion'"):
        door.explain(user="u0", explainers=["oclusion"])


@pytest.mark.parametrize("asked", [{}, {"user": "u1", "history": ["drama1"]}])
def test_a_user_or_a_history_is_asked_about_and_not_both(asked, door) -> None:
    with pytest.raises(UserError, match="give one of the two"):
        door.explain(**asked)


@pytest.mark.parametrize(
    ("history", "error", "words"),
    [
        ("drama1", UserError, "is no history"),
        (["drama1", "The Drama1 Film"], UserError, "'The Drama1 Film' twice"),
        (["drama1", "The Drama99 Film"], UnknownNameError, "unknown item 'The Drama99 Film'"),
    ],
)
def test_what_is_no_history_is_refused(history, error, words, door) -> None:
    with pytest.raises(error, match=words):
        door.explain(history=history)


def test_an_item_that_the_user_had_is_not_told_of_as_unseen(door, out, recx) -> None:
    case = door.explain(user="u0", item="drama7").case
    row = door.target.scores([case.history])[0]
    had = set(door.catalogue.rows([f"drama{step}" for step in range(8)]))
    unseen = [score for place, score in enumerate(row) if place not in had]
    place = 1 + sum(score > row[door.catalogue.row("drama7")] for score in unseen)
    assert len(unseen) == 24 - 8
    said = recx("explain", out, "--user", "u0", "--item", "drama7")
    head, target, *_ = said.out.splitlines()
    assert head.endswith("for user u0. The user already had it.")
    assert f"ranks it {place} beside the 16 items that the user has not had" in target
    assert "unseen" not in target
    for item, already in (("drama7", True), ("drama11", False)):
        told = recx("explain", out, "--user", "u0", "--item", item, "--json")
        assert json.loads(told.out)["already_had"] is already


def test_an_item_from_before_the_window_was_had_too(door) -> None:
    told = door.explain(user="u0", item="drama0")
    assert "drama0" not in told.case.history  # the target reads the last six of eight
    assert told.already_had


def test_a_question_in_free_words_is_answered_and_put_to_the_target(door, out, recx) -> None:
    question = "What next?"
    answered = door.ask(user="u0", question=question)
    (scores,) = door.target.scores([answered.case.history])
    unseen = set(door.catalogue.ids) - {f"drama{step}" for step in range(8)}
    best = max(unseen, key=lambda item: scores[door.catalogue.row(item)])
    row = door.catalogue.titles.index(answered.text)
    top = scores[door.catalogue.row(best)]
    assert answered.holds is (door.catalogue.ids[row] in unseen and bool(scores[row] == top))
    assert scores[door.catalogue.row(answered.case.item)] == top
    again = door.ask(history=[f"drama{step}" for step in range(8)], question=question)
    assert (again.text, again.sentences) == (answered.text, answered.sentences)
    said = recx("ask", out, question, "--user", "u0", "--json")
    document = json.loads(said.out)
    assert document["text"] == answered.text
    assert (document["written_by"]["machine"], document["written_by"]["run"]) == (True, "whole")
    assert answered.text in recx("ask", out, question, "--user", "u0").out


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Why The Drama99 Film?", "unknown item 'The Drama99 Film'. Did you mean 'The Drama"),
        ("Tell me a joke", "What can be asked: would the user like TITLE?"),
    ],
)
def test_a_question_that_cannot_be_answered_ends_with_2(question, words, out, recx) -> None:
    said = recx("ask", out, question, "--user", "u0")
    assert said.code == 2
    assert words in said.err


def test_json_that_leaves_the_tool_says_that_a_machine_wrote_it(out, recx) -> None:
    """At the top, with the run, and everybody whose texts it holds."""
    told = recx("explain", out, "--user", "u3", "--json").out
    for text in (told, (out / "report.json").read_text("utf-8")):
        document = json.loads(text)
        written = document["written_by"]
        assert (written["machine"], written["run"]) == (True, "whole")
        assert list(document).index("written_by") <= 1  # a report begins with its version
        signed = set(re.findall(r'"explainer": "([^"]+)"', text))
        assert signed - set(written["explainers"]) == set()
        assert signed >= {"behavior", "occlusion", "random"}


def test_a_run_without_a_surrogate_has_its_target_and_says_what_is_missing(
    config, tmp_path
) -> None:
    recexplainer.run(config, tmp_path / "run", until="surrogate")
    early = recexplainer.load(tmp_path / "run")
    assert early.target.scores([["drama1"]]).shape == (1, len(early.catalogue)) == (1, 24)
    assert {metric.task for metric in early.metrics} == {"target_quality"}
    for asked, stage in (
        (lambda: early.cases, "surrogate"),
        (lambda: early.explanations, "surrogate"),
        (lambda: early.explain(user="u1"), "surrogate"),
    ):
        with pytest.raises(RunFolderError, match=f"finished {stage} stage"):
            asked()


def test_explainers_that_ask_the_target_alone_need_no_surrogate(config, tmp_path) -> None:
    alone = config.explanations.model_copy(update={"explainers": ("occlusion",)})
    changed = config.model_copy(update={"explanations": alone})
    recexplainer.run(changed, tmp_path / "run", until="surrogate")
    told = recexplainer.load(tmp_path / "run").explain(history=["drama1", "drama2"])
    assert [one.explainer for one in told.explanations] == ["occlusion"]


def test_what_would_bring_an_item_into_the_list_is_what_the_target_answers(door) -> None:
    told = door.what_if(user="u0", item="comedy3", aim="top 3")
    had = {f"drama{step}" for step in range(8)}  # the target reads the last six of them
    assert told.case.history == tuple(f"drama{step}" for step in range(2, 8))
    assert told.case.rank > 3
    (scores,) = door.target.scores([told.found.history])
    unseen = [one for one in door.catalogue.ids if one not in had | set(told.found.history)]
    own = scores[door.catalogue.row("comedy3")]
    rank = 1 + sum(scores[door.catalogue.row(one)] > own for one in unseen)
    assert rank <= told.found.rank <= 3
    assert told.found.candidates == len(unseen)
    again = door.what_if(history=[f"drama{step}" for step in range(8)], item="comedy3", aim="top 3")
    assert again.found == told.found


def test_the_command_says_what_the_door_says(door, out, recx) -> None:
    asked = ("what-if", out, "--user", "u0", "--item", "The Comedy3 Film", "--aim", "top 3")
    told = door.what_if(user="u0", item="comedy3", aim="top 3")
    assert told.notes
    assert recx(*asked).out == "".join(f"{line}\n" for line in (*told.notes, told.text))
    written = json.loads(recx(*asked, "--json").out)
    assert written["text"] == told.text
    assert written["found"]["history"] == list(told.found.history)
    assert written["found"]["rank"] == told.found.rank


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("--user", "u99", "--item", "comedy3"), "unknown user 'u99'"),
        (("--user", "u0", "--item", "comedy99"), "unknown item 'comedy99'. Did you mean"),
        (("--user", "u0", "--item", "drama0"), "the user already had 'The Drama0 Film'"),
        (("--user", "u0", "--item", "comedy3", "--budget", "0"), "a budget of 0 questions"),
        (("--user", "u0", "--item", "comedy3", "--edits", "swap"), "unknown edit 'swap'"),
        (("--user", "u0", "--item", "comedy3", "--by", "attribute"), "have no attributes"),
        (("--user", "u0", "--item", "comedy3", "--aim", "first"), "give 'top 10'"),
    ],
)
def test_mistakes_about_a_what_if_are_told_in_a_line(asked, words, out, recx) -> None:
    said = recx("what-if", out, *asked)
    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith("recx: ")
    assert words in said.err
    assert len(said.err.splitlines()) == 1
