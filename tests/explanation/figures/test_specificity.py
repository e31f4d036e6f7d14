"""Whom a text would hold for as well, where that is known."""

from __future__ import annotations

from recexplainer.explanation.checks.checker import check_explanations
from recexplainer.explanation.figures.specificity import put_to_others


def _graded(world, texts, cases=None):
    about = world.cases if cases is None else cases
    checked = check_explanations(texts, about, world.oracle, seed=0)
    return put_to_others(checked, about, world.oracle, world.reader, seed=0)


def test_a_text_about_a_title_of_ones_own_holds_for_nobody_else(one_cause):
    texts = _graded(
        one_cause, one_cause.told(lambda c: f"Yes, because of “Film {one_cause.cause[c.item]}”.")
    )
    assert {text.check("true_as_read") for text in texts} == {1.0}
    assert {text.check("holds_for_others") for text in texts} == {0.0}


def test_a_bare_decision_holds_wherever_the_target_decides_alike(one_cause):
    """Nobody but one user has a title for the item: the target says No to all others."""
    refused = one_cause.refused()
    texts = one_cause.told(lambda case: "No.", refused)
    graded = _graded(one_cause, texts, refused)
    assert {text.check("true_as_read") for text in graded} == {1.0}
    for text in graded:
        assert text.check("holds_for_others") == text.check("decided_alike")
        assert text.check("decided_alike") >= 0.8  # all but the one user who has the cause
    wanted = _graded(one_cause, one_cause.told(lambda case: "Yes."))
    assert {text.check("holds_for_others") for text in wanted} == {0.0}
    assert {text.check("decided_alike") for text in wanted} == {0.0}


def test_what_is_untrue_of_its_own_user_is_not_scored(one_cause):
    lie = _graded(
        one_cause, one_cause.told(lambda c: f"Yes, because of “Film {one_cause.other_title(c)}”.")
    )
    assert {text.check("holds_for_others") for text in lie} == {None}


def test_a_claim_without_titles_is_put_to_the_other_history_too(one_cause):
    """That no single title is the cause of a Yes is untrue of everybody here; of a No, true."""
    refused = one_cause.refused()
    said = "No. No one title in the history lowers its score by itself."
    texts = one_cause.told(lambda case: said, refused)
    graded = _graded(one_cause, texts, refused)
    for text in graded:
        assert text.check("holds_for_others") == text.check("decided_alike") > 0
