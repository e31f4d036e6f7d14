"""Explanations whose worth is known by construction, for judges to be tried on."""

from __future__ import annotations

import numpy as np

from recexplainer.records import Case, Check, Explanation, InteractionLog
from recexplainer.testing.toy import LinearTarget, toy_cases, toy_target

__all__ = ["Pairs", "hollow_pairs", "sound_pairs"]

Pairs = list[tuple[Case, Explanation]]

_AUTHOR = "a colleague"


def sound_pairs(log: InteractionLog) -> Pairs:
    """Return cases with explanations that are true of them: f's decision, and what made it.

    Their checks say what the pipeline would find: right, grounded, and leaned on by f.
    """
    target = toy_target(log)
    return [(case, _sound(case, log, target)) for case in toy_cases(log, target)]


def hollow_pairs(sound: Pairs) -> Pairs:
    """Return the same cases with the opposite decision and nothing said, checked as well."""
    return [(case, _hollow(case)) for case, _ in sound]


def _sound(case: Case, log: InteractionLog, target: LinearTarget) -> Explanation:
    """Say f's decision, the item that weighs most in it, and what both have in common."""
    item = log.catalogue.item(case.item)
    weights = target.contributions(case.history)[:, log.catalogue.row(item.id)]
    heaviest = int(weights.argmax())
    others = np.append(np.delete(weights, heaviest), 0.0)
    cause = log.catalogue.item(case.history[heaviest])
    shared = set(cause.attributes["color"]) & set(item.attributes["color"])
    link = "shares" if shared else "does not share"
    history = ", ".join(map(log.catalogue.title, case.history))
    return Explanation(
        case=case.id,
        explainer=_AUTHOR,
        text=(
            f"{case.decision}. The user has chosen {history}. {item.title} {link} the color of "
            f"{cause.title}, so it is {'consistent' if shared else 'inconsistent'} with the "
            "history."
        ),
        decision=case.decision,
        cited=(cause.id,),
        checks=(
            Check(name="decision_agreement", value=1.0),
            Check(name="grounding", value=1.0),
            Check(name="hallucinated", value=0.0),
            Check(name="faithfulness_drop", value=float(weights[heaviest] - others.mean())),
        ),
    )


def _hollow(case: Case) -> Explanation:
    return Explanation(
        case=case.id,
        explainer=_AUTHOR,
        text="Maybe so, maybe not.",
        decision="No" if case.decision == "Yes" else "Yes",
        checks=(
            Check(name="decision_agreement", value=0.0),
            Check(name="grounding", value=None),
            Check(name="hallucinated", value=None),
            Check(name="faithfulness_drop", value=None),
        ),
    )
