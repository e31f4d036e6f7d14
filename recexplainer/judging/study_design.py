"""A study with people: which texts each rater is shown, under which code, in which order.

Every rater is shown the same texts, so that agreement can be measured, in an order and under codes
of their own, so that forms laid side by side give nothing away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from recexplainer.errors import UserError
from recexplainer.records import Case, Explanation
from recexplainer.records.outcomes import Record

__all__ = ["StudyKey", "StudyText", "draw_study", "study_is_of"]

_CODE_LENGTH = 6
_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without letters that are taken for digits when a code is read aloud."""


class StudyText(Record):
    """What hides behind a code."""

    case: str
    explainer: str


class StudyKey(Record):
    """The answer key: what each rater's codes stand for. Raters must not see it.

    Attributes:
        study: a name that is the study's own; every form and every answer carries it.
        texts: a digest of the explanations that were sampled from.
        raters: rater to code to text, in the order of the rater's form.
    """

    study: str
    texts: str
    raters: dict[str, dict[str, StudyText]]


def draw_study(
    cases: Sequence[Case],
    explanations: Sequence[Explanation],
    *,
    raters: int,
    count: int,
    seed: int,
) -> StudyKey:
    """Return the key of a study of ``count`` cases, half of them recommended by the target.

    Every explainer's text of a case is shown. A case is used only if the target is decided
    about it and each explainer has a text of it.

    Args:
        cases: what was explained.
        explanations: of all explainers.
        raters: how many people grade.
        count: how many cases.
        seed: makes the drawing repeatable.

    Raises:
        UserError: there are not as many cases.
    """
    explainers = tuple(dict.fromkeys(explanation.explainer for explanation in explanations))
    written = {(one.case, one.explainer) for one in explanations if one.text.strip()}
    usable = [
        case
        for case in cases
        if case.decision and all((case.id, explainer) in written for explainer in explainers)
    ]
    if count > len(usable):
        raise UserError(
            f"--cases {count}: this run has {len(usable)} cases that the recommender is decided "
            "about and everyone explains; ask for fewer, or raise explanations.users"
        )
    rng = np.random.default_rng(seed)
    drawn = _balanced(usable, count, rng)
    shown = [StudyText(case=case, explainer=name) for case in drawn for name in explainers]
    texts = _digest(explanations)
    study = hashlib.sha256(f"{texts} {raters} {drawn} {seed}".encode()).hexdigest()[:10]
    names = [f"rater {number}" for number in range(1, raters + 1)]
    return StudyKey(study=study, texts=texts, raters={name: _coded(shown, rng) for name in names})


def study_is_of(key: StudyKey, explanations: Sequence[Explanation]) -> bool:
    """Return whether the texts are still those that the study was made from."""
    return key.texts == _digest(explanations)


def _balanced(cases: Sequence[Case], count: int, rng: np.random.Generator) -> list[str]:
    """Return ids of ``count`` cases, as many of each decision as there can be."""
    ids: Mapping[str, list[str]] = {
        decision: [case.id for case in cases if case.decision == decision]
        for decision in ("Yes", "No")
    }
    mixed = {name: [str(one) for one in rng.permutation(group)] for name, group in ids.items()}
    positive = min(len(mixed["Yes"]), max(count - len(mixed["No"]), -(-count // 2)))
    return [*mixed["Yes"][:positive], *mixed["No"][: count - positive]]


def _coded(shown: Sequence[StudyText], rng: np.random.Generator) -> dict[str, StudyText]:
    """Return the texts in a random order under random codes."""
    codes: dict[str, None] = {}
    while len(codes) < len(shown):
        letters = rng.integers(len(_CODE_LETTERS), size=_CODE_LENGTH)
        codes["".join(_CODE_LETTERS[letter] for letter in letters)] = None
    order = rng.permutation(len(shown))
    return {code: shown[place] for code, place in zip(codes, order, strict=True)}


def _digest(explanations: Sequence[Explanation]) -> str:
    texts = [f"{one.case}\0{one.explainer}\0{one.text}" for one in explanations]
    return hashlib.sha256("\1".join(texts).encode()).hexdigest()
