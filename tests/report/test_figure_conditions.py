"""Conditions are read as they are written, and what they name is looked up or refused."""

from __future__ import annotations

import pytest

from recexplainer.errors import UnknownNameError, UserError
from recexplainer.report.figure_conditions import conditions_of, met_by
from recexplainer.report.named_figures import FigureTable

TABLE = FigureTable(
    {
        "explanation.faithfulness_drop.aligned.leave_one_out": 0.2,
        "explanation.faithfulness_drop.aligned.leave_one_out.low": 0.1,
        "explanation.faithfulness_drop.aligned.leave_one_out.high": 0.3,
        "change.explanation.faithfulness_drop.aligned.leave_one_out": -0.06,
        "audit.alarms": 0.0,
        "explanation.pos@1.aligned.leave_one_out": None,
    },
    {
        "faithfulness": "explanation.faithfulness_drop.aligned.leave_one_out",
        "pos@1": "explanation.pos@1.aligned.leave_one_out",
    },
)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("faithfulness<0.2", False),
        ("faithfulness<=0.2", True),
        ("faithfulness>0.2", False),
        ("faithfulness>=0.2", True),
        ("faithfulness==0.2", True),
        ("faithfulness!=0.2", False),
        (" faithfulness < 2e-1 ", False),
        ("change.faithfulness<-0.05", True),
        ("change.faithfulness<-.07", False),
        ("faithfulness.low<0.15", True),
        ("faithfulness.high<0.15", False),
        ("explanation.faithfulness_drop.aligned.leave_one_out>+0.1", True),
        ("audit.alarms>0", False),
    ],
)
def test_a_condition_holds_as_it_reads(text, holds):
    (told,) = met_by(conditions_of([text]), TABLE)
    assert told.holds is holds


@pytest.mark.parametrize(
    "text",
    ["", "faithfulness", "faithfulness<", "<0.2", "faithfulness<low", "faithfulness=0.2",
     "faithfulness<nan", "faithfulness<inf", "a<b<3", "0.1<faithfulness<0.2", "f()<1 or 1",
     "f < 1 2"],
)  # fmt: skip
def test_what_is_no_condition_is_refused_with_the_form_and_never_run(text):
    with pytest.raises(UserError, match=r"'faithfulness<0\.2'"):
        met_by(conditions_of([text]), TABLE)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(UserError) as refused:
        conditions_of(["one", "faithfulness<0.1", "two<x"])
    assert "'one', 'two<x'" in str(refused.value)
    with pytest.raises(UserError) as refused:
        met_by(conditions_of(["faithfulnes<1", "audit.alarm>0", "pos@1<1"]), TABLE)
    said = str(refused.value)
    assert "unknown figure 'faithfulnes'. Did you mean 'faithfulness'?" in said
    assert "Did you mean 'audit.alarms'?" in said
    assert "--figures" in said
    assert "was not scored, so that 'pos@1<1' cannot be told" in said


def test_a_figure_without_an_interval_says_so():
    with pytest.raises(UnknownNameError, match=r"audit\.alarms has no interval here"):
        TABLE.full_name("audit.alarms.low")


def test_a_program_is_a_name_that_nobody_has(tmp_path):
    made = tmp_path / "made"
    program = f"open('{made}','w')"
    with pytest.raises(UserError, match="unknown figure"):
        met_by(conditions_of([f"{program}<1"]), TABLE)
    assert not made.exists()
