"""A service to ask, on this machine, and what it is asked about."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from chat_stand_in import serving
from judging_catalogue import CATALOGUE

from recexplainer.chat import ChatOptions
from recexplainer.judging.chat import ChatJudge
from recexplainer.plugins.interfaces import JudgeKit
from recexplainer.records import Case, Explanation


@pytest.fixture(autouse=True)
def environment(chat_key):
    """The key is there, unless a test takes it away."""


@pytest.fixture
def service():
    with serving() as stand_in:
        yield stand_in


@pytest.fixture
def judge(service, tmp_path, notes):
    """Make a judge that asks the stand-in and keeps answers in ``tmp_path``."""

    def make(**options):
        kit = JudgeKit(CATALOGUE, folder=tmp_path / "judges", progress=notes)
        return ChatJudge(ChatOptions(**{"base_url": service.address, **options}), kit)

    return make


@pytest.fixture
def a_pair():
    def make(number=0, text="Yes, because of “Heat”.", decision="Yes", explainer="someone"):
        case = Case(
            id=f"case-{number}", user=f"u{number}", history=("h", "f"), item="c",
            split="leave_one_out", decision=decision, score=1.0, rank=1, candidates=2,
        )  # fmt: skip
        return case, Explanation(case=case.id, explainer=explainer, text=f"{text} {number}")

    return make
