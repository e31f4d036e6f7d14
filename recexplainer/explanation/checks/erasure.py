"""Fidelity metrics of the field: the target's answers with and without the cited items.

Comprehensiveness and sufficiency are those of DeYoung et al. (ERASER, ACL 2020), in standard
deviations of the target's scores. POS, CNDCG, DEL and INS mask a fixed number k of items, as in
Baklanov et al. (Refining Fidelity Metrics for Explainable Recommendations, SIGIR 2025), not a share
of the history; a text that cites fewer than k is not scored at k.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log2

from recexplainer.oracle import Answer, Question, direction_of, question_only, question_without
from recexplainer.records import EXPLANATION_TASK, Case, Check, Figure

__all__ = ["ERASED", "FIRST_CITED", "MASKED", "Masking", "masking_checks"]

MASKED = (1, 3)
"""How many of the cited items, in the order in which they are cited, are masked."""
_COMPREHENSIVENESS = Figure(
    task=EXPLANATION_TASK,
    metric="comprehensiveness",
    check="comprehensiveness",
    note=(
        "how far the score moves off its decision without the cited items, in standard deviations "
        "of the recommender's scores"
    ),
    better="higher",
    order=150,
    bounds=None,
    shown="masking",
)
_SUFFICIENCY = Figure(
    task=EXPLANATION_TASK,
    metric="sufficiency",
    check="sufficiency",
    note="how far it moves off its decision with only the cited items",
    better="lower",
    order=151,
    bounds=None,
    shown="masking",
)
ERASED = (_COMPREHENSIVENESS, _SUFFICIENCY)
FIRST_CITED = tuple(
    Figure(
        task=EXPLANATION_TASK,
        metric=f"{name}@{masked}",
        check=f"{name}@{masked}",
        note=f"{words} the first {'cited item' if masked == 1 else 'three cited items'}",
        better="higher" if name == "ins" else "lower",
        order=order + masked,
        bounds=bounds,
        shown="masking",
        chart=chart if masked == 1 else 0,
    )
    for name, words, order, bounds, chart in (
        (
            "pos",
            "share of items the recommender recommends that it still does without",
            160,
            (0.0, 1.0),
            6,
        ),
        (
            "cndcg",
            "1 / log2(1 + the recommender's rank) of a recommended item without",
            164,
            (0.0, 1.0),
            0,
        ),
        ("del", "change of the score, in standard deviations, without", 168, None, 7),
        ("ins", "change of the score, in standard deviations, with only", 172, None, 8),
    )
    for masked in MASKED
)
"""Each of POS, CNDCG, DEL and INS at each k."""


@dataclass(frozen=True)
class Masking:
    """Questions behind one explanation's fidelity, in the order of their answers.

    Attributes:
        case: what is explained.
        cited: distinct items of the history that the explanation names, the first one first.
    """

    case: Case
    cited: tuple[str, ...]

    @property
    def lengths(self) -> tuple[int, ...]:
        """The numbers of items that can be masked: all that are cited, then each k."""
        return (len(self.cited), *(k for k in MASKED if k <= len(self.cited)))

    @cached_property
    def questions(self) -> list[Question]:
        """The whole history; then without and with only the cited items, for each length."""
        if not self.cited:
            return []
        questions = [question_without(self.case)]
        for length in self.lengths:
            questions.append(question_without(self.case, self.cited[:length]))
            questions.append(question_only(self.case, self.cited[:length]))
        return questions


def masking_checks(masking: Masking, answers: Sequence[Answer]) -> tuple[Check, ...]:
    """Return the fidelity checks of one explanation.

    Args:
        masking: the plan.
        answers: the target's answers to ``masking.questions``.
    """
    pairs = zip(answers[3::2], answers[4::2], strict=True)
    asked = dict(zip(masking.lengths[1:], pairs, strict=True))
    checks = list(_erasure(masking, answers))
    for k in MASKED:
        values = _fidelity(masking.case, answers[0], *asked[k]) if k in asked else None
        if masking.case.decision != "Yes":
            reason = "the recommender does not recommend the item"
        elif values is None:
            reason = f"cites fewer than {k}"
        else:
            reason = "" if answers[0].spread else "the recommender scores all items alike"
        for place, name in enumerate(("pos", "cndcg", "del", "ins")):
            value = None if reason or values is None else values[place]
            checks.append(Check(name=f"{name}@{k}", value=value, detail=reason))
    return tuple(checks)


def _erasure(masking: Masking, answers: Sequence[Answer]) -> tuple[Check, Check]:
    reason = "" if masking.cited else "cites nothing of the history"
    if masking.cited and answers[0].spread == 0.0:
        reason = "the recommender scores all items alike"
    if reason:
        return (
            Check(name=_COMPREHENSIVENESS.check, value=None, detail=reason),
            Check(name=_SUFFICIENCY.check, value=None, detail=reason),
        )
    whole, without, only = answers[:3]
    direction = direction_of(masking.case)
    unit = direction / whole.spread
    return (
        Check(name=_COMPREHENSIVENESS.check, value=unit * (whole.score - without.score)),
        Check(name=_SUFFICIENCY.check, value=unit * (whole.score - only.score)),
    )


def _fidelity(
    case: Case, whole: Answer, without: Answer, only: Answer
) -> tuple[float, float, float, float]:
    """Return POS, CNDCG, DEL and INS; scores count from that of the whole history."""
    unit = whole.spread or 1.0
    return (
        float(without.decision == case.decision),
        1.0 / log2(1 + without.rank),
        (without.score - whole.score) / unit,
        (only.score - whole.score) / unit,
    )
