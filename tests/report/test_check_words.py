from __future__ import annotations

import pytest

from recexplainer.records import Check, Claim
from recexplainer.report.check_words import Span, case_words, check_words, spans


def words_of(one, name, value, **case):
    explanation = one.explanation.model_copy(update={"checks": (Check(name=name, value=value),)})
    (words,) = check_words(explanation, one.case.model_copy(update=case))
    return words.text, words.tone


@pytest.mark.parametrize(
    ("name", "value", "text", "tone"),
    [
        ("decision_agreement", 1.0, "the recommender decides so", "good"),
        ("decision_agreement", 0.0, "the recommender decides otherwise", "bad"),
        ("grounding", 1.0, "all that it cites is real", "good"),
        ("grounding", 0.996, "over 99 % of what it cites is real", "bad"),
        ("house_rule", 0.25, "house rule: 0.25", "plain"),
        ("grounding", None, "not scored: grounding", "plain"),
    ],
)
def test_checks_in_words(make_explained, name, value, text, tone):
    assert words_of(make_explained(1), name, value) == (text, tone)


@pytest.mark.parametrize(
    ("kind", "real", "text", "tone"),
    [
        ("direction", True, "“Heat”: true", "good"),
        ("reason", False, "“Heat”: not true", "bad"),
        ("together", True, "all of these together: true", "good"),
        ("strongest", False, "what is said to count most: not true", "bad"),
        ("no_cause", True, "no single title of the history: true", "good"),
        ("attribute", False, "“Heat”: not true", "bad"),
    ],
)
def test_each_claim_that_says_why_has_a_line_with_what_was_found(
    make_explained, kind, real, text, tone
):
    one = make_explained(1)
    said = Claim(
        kind=kind, text="Heat", start=0, end=4, real=real, toward="Yes", detail="the score falls"
    )
    explanation = one.explanation.model_copy(update={"checks": (), "claims": (said, said)})
    (words,) = check_words(explanation, one.case)
    assert (words.text, words.tone, words.detail) == (text, tone, "the score falls")


def test_what_holds_and_says_no_why_needs_no_line(make_explained):
    one = make_explained(1)
    said = [claim(0, 4, real=True), claim(0, 4, real=True, kind="attribute")]
    explanation = one.explanation.model_copy(update={"checks": (), "claims": tuple(said)})
    assert check_words(explanation, one.case) == []


def test_unscored_checks_with_one_reason_share_a_line(make_explained):
    names = ("grounding", "house_rule")
    checks = tuple(Check(name=name, value=None, detail="cites nothing") for name in names)
    (words,) = check_words(
        make_explained(1).explanation.model_copy(update={"checks": checks}), make_explained(1).case
    )
    assert words.text == "not scored: grounding, house rule"
    assert words.detail == "cites nothing"


def test_undecided_is_said(make_explained):
    case = make_explained(1).case.model_copy(update={"decision": None})
    assert "and is undecided" in case_words(case)


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


def test_a_text_that_was_mended_says_so(make_explained):
    one = make_explained(1)
    plain = one.explanation.model_copy(update={"checks": (), "claims": ()})
    assert check_words(plain, one.case) == []
    mended = plain.model_copy(update={"mended": 1, "left_out": 2, "added": 1})
    assert [words.text for words in check_words(mended, one.case)] == [
        "its first reasons were rewritten from the recommender's answers",
        "2 sentences left out, as not true",
        "what it says of the attribute asked for was added from the data",
    ]


def test_sentences_that_hold_are_not_marked_as_a_whole():
    claims = [
        claim(0, 20, real=True, kind="strongest"),
        claim(5, 9, real=True),
        claim(0, 0, real=False, kind="meant"),
    ]
    found = spans("Most: Heat and Alien.", claims)
    assert [span.text for span in found if span.real] == [" Hea"]
    false = spans("Most: Heat and Alien.", [claim(0, 20, real=False, kind="strongest")])
    assert [(span.text, span.real) for span in false] == [
        ("Most: Heat and Alien", False),
        (".", None),
    ]


def test_what_only_tables_can_tell_is_not_told_of_one_text(make_explained):
    one = make_explained(1)
    checks = [Check(name=name, value=0.5) for name in ("pos@1", "faithfulness_drop", "house_rule")]
    checks.append(Check(name="counterfactual_validity", value=None, detail="states none"))
    explanation = one.explanation.model_copy(update={"checks": tuple(checks)})
    assert [words.text for words in check_words(explanation, one.case)] == ["house rule: 0.5"]
