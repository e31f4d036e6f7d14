"""Explanations whose worth is known by construction, for judges to be tried on."""

from __future__ import annotations

from recexplainer.explanation.checks.account import read_texts
from recexplainer.explanation.checks.checker import check_explanations
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.oracle import Oracle
from recexplainer.records import Case, Check, Decision, Explanation, InteractionLog, Written
from recexplainer.testing.toy import LinearTarget, toy_cases, toy_target

__all__ = ["Pairs", "hollow_pairs", "sound_pairs"]

Pairs = list[tuple[Case, Explanation]]

_AUTHOR = "a colleague"


def sound_pairs(log: InteractionLog) -> Pairs:
    """Return cases with true explanations: the target's decision, and what made it.

    They are read and checked as in a run, and every claim holds.
    """
    target = toy_target(log)
    cases = toy_cases(log, target)
    written = [
        Written(case=case.id, explainer=_AUTHOR, text=_sound(case, log, target)) for case in cases
    ]
    read = read_texts(written, cases, ClaimReader(log.catalogue))
    checked = check_explanations(read, cases, Oracle(target, log.catalogue), seed=0)
    return list(zip(cases, checked, strict=True))


def hollow_pairs(sound: Pairs) -> Pairs:
    """Return the same cases with the opposite decision and nothing else said, checked as well."""
    return [(case, _hollow(case)) for case, _ in sound]


def _sound(case: Case, log: InteractionLog, target: LinearTarget) -> str:
    """Return a text with the decision and the item that adds most, or that none takes any off."""
    title = log.catalogue.title
    history = ", ".join(f"“{title(item)}”" for item in case.history)
    opening = f"{case.decision}. The user has chosen {history}."
    if case.decision == "No":  # contributions are shares, none below 0
        return f"{opening} No one title in the history lowers the score of “{title(case.item)}”."
    weights = target.contributions(case.history)[:, log.catalogue.row(case.item)]
    heaviest = case.history[int(weights.argmax())]
    return f"{opening} The score of “{title(case.item)}” owes most to “{title(heaviest)}”."


def _hollow(case: Case) -> Explanation:
    opposite: Decision = "No" if case.decision == "Yes" else "Yes"
    return Explanation(
        case=case.id,
        explainer=_AUTHOR,
        text=f"{opposite}.",
        decision=opposite,
        checks=(
            Check(name="decision_agreement", value=0.0),
            Check(name="grounding", value=None),
            Check(name="hallucinated", value=None),
            Check(name="true_as_read", value=0.0),
            Check(name="faithfulness_drop", value=None),
        ),
    )
