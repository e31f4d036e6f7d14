"""How long a training was, in the words of the report."""

import pytest

from recexplainer.report.headline import steps_words
from recexplainer.report.render.html import render_html


def trained(report, **changed):
    return report.run.surrogate.model_copy(update=changed)


def test_minutes_are_named_with_what_they_came_to(report):
    facts = trained(report, steps=1234, passes=0.5, minutes=10.0, foretold_seconds=600.0)
    words = steps_words(facts)
    assert words.startswith(
        "1,234 steps, as many as fit 10 minutes here: 0.5 passes over the corpus; foretold to take "
    )


@pytest.mark.parametrize(("passes", "words"), [(1.0, "1 pass"), (2.54, "2.5 passes")])
def test_a_budget_is_told_in_passes(report, passes, words):
    assert steps_words(trained(report, steps=7, passes=passes)) == (
        f"7 steps: {words} over the corpus"
    )


def test_reports_that_do_not_know_say_nothing(report):
    assert steps_words(report.run.surrogate) == ""


def test_the_page_names_the_minutes(report):
    facts = trained(report, steps=1234, passes=0.5, minutes=10.0)
    page = render_html(
        report.model_copy(update={"run": report.run.model_copy(update={"surrogate": facts})})
    )
    assert "1,234 steps, as many as fit 10 minutes here" in page
    assert "<dt>Steps</dt>" not in render_html(report)
