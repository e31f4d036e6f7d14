"""A study with people: what is drawn, what a form gives away, and what answers come to."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from judging_study_world import CASES, EXPLANATIONS, HOSTILE, form, study, texts

from recexplainer.errors import DataError, UserError
from recexplainer.judging.rubric import LEVELS
from recexplainer.judging.study_answers import read_answers
from recexplainer.judging.study_design import study_is_of


def _answers(key, rater, grade_of):
    rows = [[key.study, rater, code, grade_of(one)] for code, one in key.raters[rater].items()]
    written = io.StringIO()
    csv.writer(written).writerows([["study", "rater", "code", "grade"], *rows])
    return written.getvalue()


def test_each_rater_is_shown_the_same_texts_in_another_order():
    key = study()
    shown = [[(t.case, t.explainer) for t in coded.values()] for coded in key.raters.values()]
    assert [sorted(pairs) for pairs in shown] == [sorted(shown[0])] * 3
    assert shown[0] != shown[1] != shown[2] != shown[0]
    codes = [code for coded in key.raters.values() for code in coded]
    assert len(set(codes)) == len(codes) == 3 * 8 * 2


def test_half_of_the_cases_are_recommended_and_none_is_undecided():
    decisions = {case.id: case.decision for case in CASES}
    drawn = {text.case for text in study().raters["rater 1"].values()}
    assert sorted(decisions[case] for case in drawn) == ["No"] * 4 + ["Yes"] * 4


def test_the_drawing_is_repeatable_and_follows_the_seed():
    assert study() == study()
    assert study(seed=1) != study()


def test_more_cases_than_there_are_is_refused():
    with pytest.raises(UserError, match="--cases 21: this run has 20 cases"):
        study(count=21)
    assert len(study(count=20).raters["rater 1"]) == 40


def test_the_form_gives_no_explainer_away():
    key = study()
    page = form(key)
    assert "zebra" not in page
    assert "giraffe" not in page
    found = texts(page)
    assert [text["code"] for text in found] == list(key.raters["rater 1"])
    written = {(one.case, one.explainer): one.text for one in EXPLANATIONS}
    for text in found:
        hidden = key.raters["rater 1"][text["code"]]
        assert text["explanation"] == written[hidden.case, hidden.explainer]
        assert hidden.case not in {text["item"], text["code"]}
    assert not re.search(r"case-\d", json.dumps([{**t, "explanation": ""} for t in found]))


def test_the_form_says_that_a_machine_wrote_the_texts_and_in_which_run():
    page = form(study())
    (data,) = re.findall(r'<script type="application/json" id="written-by">(.*?)</script>', page)
    assert json.loads(data) == {"machine": True, "run": "trial <1>"}
    assert "written by a machine (run trial &lt;1&gt;)" in page


def test_the_form_shows_the_rubric_and_needs_no_network():
    page = form(study())
    for meaning in LEVELS.values():
        assert meaning.replace("'", "&#39;") in page
    assert "default-src 'none'" in page
    assert not re.search(r"(src|href)=|url\(|@import", page)


def test_titles_cannot_break_out_of_the_form():
    page = form(study())
    assert "<script>alert" not in page
    assert texts(page)[0]["item"] == HOSTILE


def test_answers_become_verdicts_about_what_the_codes_hide(tmp_path):
    key = study()
    for rater, low in (("rater 1", 1), ("rater 2", 2)):
        path = tmp_path / f"{rater}.csv"
        path.write_text(
            _answers(key, rater, lambda t, low=low: 4 if t.explainer == "zebra" else low)
        )
    verdicts = read_answers(sorted(tmp_path.iterdir()), key)
    assert len(verdicts) == 2 * 8 * 2
    assert {v.grade for v in verdicts if v.explainer == "zebra"} == {4}
    assert {v.grade for v in verdicts if v.explainer == "giraffe" and v.judge == "rater 2"} == {2}


def test_what_a_rater_left_open_has_no_grade(tmp_path):
    key = study()
    path = tmp_path / "answers.csv"
    lines = _answers(key, "rater 1", lambda _: 3).splitlines()
    path.write_text("\ufeff" + "\n".join([*lines[:3], lines[3].rsplit(",", 1)[0] + ","]))
    grades = [verdict.grade for verdict in read_answers([path], key)]
    assert grades[:2] == [3, 3]
    assert grades[2:] == [None] * 14


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.replace("study,", "Study,", 1), ":1: must begin with the line"),
        (lambda t: t.replace("rater 1", "rater 9"), ":2: there is no 'rater 9'"),
        (lambda t: re.sub(r"rater 1,\w+", "rater 1,NOCODE", t), ":2: the form of rater 1 has no"),
        (lambda t: t.replace(",3\r\n", ",5\r\n"), ":2: the grade must be 1 to 4 or empty, got '5'"),
        (lambda t: re.sub(r"(?m)^\w{10},", "0123456789,", t), ":2: answers study '0123456789'"),
        (lambda t: t + t.splitlines()[1][:-1] + "4\r\n", ":18: rater 1 graded"),
        (lambda t: t + "a,b\r\n", ":18: must have 4 cells"),
    ],
)
def test_a_wrong_answer_file_is_named_with_its_line(tmp_path, change, said):
    key = study()
    path = tmp_path / "answers.csv"
    path.write_bytes(change(_answers(key, "rater 1", lambda _: 3)).encode())
    with pytest.raises(DataError) as caught:
        read_answers([path], key)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_answers_to_other_texts_are_known_as_such():
    key = study()
    assert study_is_of(key, EXPLANATIONS)
    changed = [*EXPLANATIONS[:-1], EXPLANATIONS[-1].model_copy(update={"text": "other"})]
    assert not study_is_of(key, changed)
