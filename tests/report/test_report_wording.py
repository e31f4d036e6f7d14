from __future__ import annotations

import pytest

from recexplainer.records import Check, Claim
from recexplainer.report.wording import Span, case_words, check_words, spans


def words_of(one, name, value, **case):
    explanation = one.explanation.model_copy(update={"checks": (Check(name=name, value=value),)})
    (words,) = check_words(explanation, one.case.model_copy(update=case))
    return words.text, words.tone


@pytest.mark.parametrize(
    ("name", "value", "text", "tone"),
    [
        ("decision_agreement", 1.0, "f agrees", "good"),
        ("decision_agreement", 0.0, "f decides otherwise", "bad"),
        ("grounding", 1.0, "all that it cites is real", "good"),
        ("grounding", 0.996, "over 99 % of what it cites is real", "bad"),
        ("hallucinated", 0.0, "no title given as a cause is made up", "good"),
        ("rank_without", 340.0, "without the cited items the rank falls from 12 to 340", "plain"),
        ("rank_without", 3.0, "without the cited items the rank rises from 12 to 3", "plain"),
        ("rank_without", 12.0, "without the cited items the rank stays at 12", "plain"),
        ("score_without", 0.25, "without the cited items the score goes from 1.5 to 0.25", "plain"),
        ("house_rule", 0.25, "house rule: 0.25", "plain"),
        ("grounding", None, "not scored: grounding", "plain"),
    ],
)
def test_checks_in_words(make_explained, name, value, text, tone):
    assert words_of(make_explained(1), name, value) == (text, tone)


@pytest.mark.parametrize(
    ("decision", "rank", "moves"),
    [("Yes", 12, "falls"), ("No", 1_400, "rises"), (None, 700, "falls"), (None, 780, "rises")],
)
def test_the_drop_is_told_in_the_direction_of_fs_decision(make_explained, decision, rank, moves):
    one, start = make_explained(1), f"without the cited items f's score {moves} "
    end = " than without as many others"
    for value, how, tone in (
        (0.31, "0.31 sd further", "good"),
        (-0.31, "0.31 sd less far", "bad"),
        (0.001, "no further", "plain"),
    ):
        told = words_of(one, "faithfulness_drop", value, decision=decision, rank=rank)
        assert told == (start + how + end, tone)


def test_unscored_checks_with_one_reason_share_a_line(make_explained):
    names = ("faithfulness_drop", "rank_without")
    checks = tuple(Check(name=name, value=None, detail="cites nothing") for name in names)
    (words,) = check_words(
        make_explained(1).explanation.model_copy(update={"checks": checks}), make_explained(1).case
    )
    assert words.text == "not scored: faithfulness drop, rank without"
    assert words.detail == "cites nothing"


def test_undecided_is_said(make_explained):
    case = make_explained(1).case.model_copy(update={"decision": None})
    assert "it is undecided" in case_words(case)


def claim(start, end, *, real, kind="cause"):
    return Claim(kind=kind, text="", start=start, end=end, real=real)


def test_spans_cover_the_text_exactly():
    text = "Yes: Heat and Alien."
    claims = [
        claim(14, 19, real=False),
        claim(5, 9, real=True),
        claim(0, 3, real=True, kind="decision"),
    ]
    found = spans(text, claims)
    assert "".join(span.text for span in found) == text
    assert [(span.text, span.real) for span in found] == [
        ("Yes: ", None),
        ("Heat", True),
        (" and ", None),
        ("Alien", False),
        (".", None),
    ]


def test_a_false_claim_about_a_part_makes_that_part_false():
    found = spans("abcdef", [claim(0, 6, real=True), claim(2, 4, real=False, kind="attribute")])
    assert found == [
        Span("ab", real=True, kinds="cause"),
        Span("cd", real=False, kinds="cause, attribute"),
        Span("ef", real=True, kinds="cause"),
    ]


def test_claims_beyond_the_text_are_cut_off():
    assert spans("abc", [claim(1, 9, real=True)]) == [
        Span("a"),
        Span("bc", real=True, kinds="cause"),
    ]
    assert spans("", [claim(0, 2, real=True)]) == []


def test_a_text_that_the_target_chose_says_so(make_explained):
    one = make_explained(1)
    first, chosen = (one.explanation.model_copy(update={"checks": (), "drafts": n}) for n in (1, 5))
    assert check_words(first, one.case) == []
    assert [words.text for words in check_words(chosen, one.case)] == ["chosen by f from 5 drafts"]


def test_what_only_tables_can_tell_is_not_told_of_one_text(make_explained):
    one = make_explained(1)
    checks = [Check(name=name, value=0.5) for name in ("pos@1", "sufficiency", "house_rule")]
    checks.append(Check(name="counterfactual_validity", value=None, detail="states none"))
    explanation = one.explanation.model_copy(update={"checks": tuple(checks)})
    assert [words.text for words in check_words(explanation, one.case)] == ["house rule: 0.5"]
