"""A small study, and its forms as a rater gets them."""

from __future__ import annotations

import json
import re

from recexplainer.judging.study_design import draw_study
from recexplainer.judging.study_form import render_form
from recexplainer.records import Case, Catalogue, Explanation, Item

HOSTILE = "</script><script>alert(1)</script> & “Co.”"
CATALOGUE = Catalogue([Item("h", "Heat"), Item("c", HOSTILE, {"genre": ("Crime", "Drama")})])


def _case(number, decision):
    return Case(
        id=f"case-{number}",
        user=f"u{number}",
        history=("h",),
        item="c",
        split="leave_one_out",
        decision=decision,
        score=1.0,
        rank=1,
        candidates=9,
    )


CASES = [_case(n, ("Yes", "No", None)[n % 3]) for n in range(30)]
EXPLANATIONS = [
    Explanation(case=case.id, explainer=name, text=f"{case.decision}, says text {case.id} {size}")
    for name, size in (("zebra", "short"), ("giraffe", "long"))
    for case in CASES
]


def study(**changes):
    given = {"raters": 3, "count": 8, "seed": 0, **changes}
    return draw_study(CASES, EXPLANATIONS, **given)


def form(key, rater="rater 1"):
    world = {"cases": CASES, "explanations": EXPLANATIONS, "catalogue": CATALOGUE}
    return render_form(key, rater, **world, run="trial <1>")


def texts(page):
    (data,) = re.findall(r'<script type="application/json" id="texts">(.*?)</script>', page)
    return json.loads(data)
