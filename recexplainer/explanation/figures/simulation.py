"""Normalized simulatability gain: how far a text helps to predict the target elsewhere.

A reader predicts whether the target still decides so on edited histories of the case, once without
the text and once with what the text says. The gain is the share of the remaining error that the
text closes, ``(with - without) / (1 - without)`` in accuracies (H. Mayne et al., A Positive Case
for Faithfulness: LLM Self-Explanations Help Predict Model Behavior, arXiv 2602.02639, 2026), on
counterfactual inputs as Y. Chen et al. ask about (Do Models Explain Themselves? Counterfactual
Simulatability of Natural Language Explanations, ICML 2024). There the reader is a language model;
here it is a logistic regression on what the claim reader reads, fitted to other users' texts by
the same author. It learns how far to believe an author, but never to read the opposite: a feature
that would count against what the words say is dropped.

It is not ``simulatability``, which regresses the score itself on words.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from recexplainer.explanation.figures.edited_histories import Edit, draw_edits, edit_features
from recexplainer.explanation.figures.read_edits import WORDED, Told
from recexplainer.explanation.figures.strangers import strangers
from recexplainer.explanation.figures.text_groups import TextGroup
from recexplainer.metrics import ratio_interval
from recexplainer.oracle import Oracle
from recexplainer.records import (
    EXPLANATION_TASK,
    Case,
    Check,
    Explanation,
    Figure,
    Metric,
    Progress,
)

__all__ = ["CHECKED", "GAIN", "GAINS", "gain_metrics", "gain_of", "simulate"]

_Floats = NDArray[np.float64]

_WITH = Figure(
    task=EXPLANATION_TASK,
    metric="simulation_accuracy",
    check="simulated",
    note="share of shortened histories on which a reader of the text predicts the decision",
    better="higher",
    order=114,
    given=True,
    shown="tables",
)
_WITHOUT = Figure(
    task=EXPLANATION_TASK,
    metric="simulation_accuracy_without",
    check="simulated_without",
    note="the same of a reader who is not given the text",
    order=115,
    given=True,
    shown="tables",
)
_MISLEADING = Figure(
    task=EXPLANATION_TASK,
    metric="simulation_misleading",
    check="misled",
    note="share of these predictions that are right without the text and wrong with it",
    better="lower",
    order=113,
    given=True,
    shown="tables",
)
_SHUFFLED = "simulated_shuffled"
CHECKED = (_MISLEADING, _WITH, _WITHOUT)
"""Figures that are means of checks of single texts."""
GAIN = Figure(
    task=EXPLANATION_TASK,
    metric="simulation_gain",
    note=(
        "share of the remaining error, in predicting the decision on shortened histories, that "
        "the text closes; 0 is no help, 1 all"
    ),
    better="higher",
    order=111,
    bounds=None,
    shown="tables",
)
_GAIN_SHUFFLED = Figure(
    task=EXPLANATION_TASK,
    metric="simulation_gain_shuffled",
    note="control: the same with texts about other users; must be about 0",
    order=112,
    bounds=None,
    shown="tables",
)
GAINS = (GAIN, _GAIN_SHUFFLED)
_FOLDS = 5
_FIRM = 10.0
"""Weak regularization: what always holds may be believed."""


def simulate(
    explanations: Sequence[Explanation],
    cases: Sequence[Case],
    oracle: Oracle,
    *,
    seed: int,
    progress: Progress | None = None,
) -> list[Explanation]:
    """Return the explanations, each with how its reader predicts the target, in order.

    Args:
        explanations: by any explainers, their claims read.
        cases: the cases they are about, matched by id.
        oracle: asks the target about the edited histories.
        seed: of the edits and of the control.
        progress: where the bar is shown.
    """
    edits = dict(
        zip((one.id for one in cases), draw_edits(cases, oracle, seed, progress), strict=True)
    )
    found: dict[int, tuple[Check, ...]] = {}
    for name in dict.fromkeys(one.explainer for one in explanations):
        rows = [row for row, one in enumerate(explanations) if one.explainer == name]
        scored = [row for row in rows if edits[explanations[row].case]]
        own = [explanations[row] for row in scored]
        checks = _simulated(own, [edits[one.case] for one in own], seed)
        found.update(zip(scored, checks, strict=True))
    return [
        one.model_copy(update={"checks": (*one.checks, *found.get(row, _UNSCORED))})
        for row, one in enumerate(explanations)
    ]


_NAMES = (*(figure.check for figure in CHECKED), _SHUFFLED)
_UNSCORED = tuple(
    Check(name=name, value=None, detail="too few users, or no random removal changes the decision")
    for name in _NAMES
)


def _simulated(
    texts: Sequence[Explanation], edits: Sequence[Sequence[Edit]], seed: int
) -> list[tuple[Check, ...]]:
    """Return the checks of one author's texts about cases that have edits."""
    users = np.array([of[0].case.user for of in edits])
    if len(set(users.tolist())) < _FOLDS:
        return [_UNSCORED] * len(texts)
    plain = np.array([edit_features(edit) for edit in chain(*edits)])
    owner = np.repeat(np.arange(len(edits)), [len(of) for of in edits])
    kept = np.array([edit.kept for edit in chain(*edits)])
    others = [texts[row] for row in strangers([of[0].case for of in edits], seed)]
    without, told, control = (
        _predicted(plain, words, kept, users[owner]) == kept
        for words in (np.empty((len(kept), 0)), _worded(texts, edits), _worded(others, edits))
    )
    columns = (without & ~told, told, without, control)
    means = [np.bincount(owner, weights=column) / np.bincount(owner) for column in columns]
    count = np.bincount(owner)
    return [
        tuple(
            Check(name=name, value=float(mean[row]), detail=f"of {count[row]} shortened histories")
            for name, mean in zip(_NAMES, means, strict=True)
        )
        for row in range(len(texts))
    ]


def _worded(texts: Sequence[Explanation], edits: Sequence[Sequence[Edit]]) -> _Floats:
    """Return what each text says of each edit of its case, one row per edit."""
    told = [Told.of(text, of[0].case) for text, of in zip(texts, edits, strict=True)]
    return np.array(
        [one.features(edit) for one, of in zip(told, edits, strict=True) for edit in of]
    )


def _predicted(
    plain: _Floats, worded: _Floats, kept: NDArray[np.bool_], users: NDArray[np.str_]
) -> NDArray[np.bool_]:
    """Return whether the decision is expected to stay, learned from other users only."""
    from sklearn.model_selection import GroupKFold

    features = np.hstack([plain, worded])
    predicted = np.empty(len(kept), dtype=bool)
    for others, own in GroupKFold(n_splits=_FOLDS).split(features, kept, users):
        predicted[own] = _learned(features[others], kept[others], plain.shape[1], features[own])
    return predicted


def _learned(
    features: _Floats, kept: NDArray[np.bool_], plain: int, asked: _Floats
) -> NDArray[np.bool_]:
    """Return predictions of ``asked``; words count as they are meant, or not at all."""
    from sklearn.linear_model import LogisticRegression

    used = np.ptp(features, axis=0) > 0
    worded = np.zeros(features.shape[1], dtype=bool)
    worded[plain : plain + WORDED] = True
    while True:
        columns = np.flatnonzero(used)
        model = LogisticRegression(C=_FIRM, solver="newton-cholesky").fit(
            features[:, columns], kept
        )
        against = columns[worded[columns] & (model.coef_[0] > 0)]
        if not len(against):
            return np.asarray(model.predict(asked[:, columns]), dtype=bool)
        used[against] = False


def gain_metrics(group: TextGroup, seed: int) -> list[Metric]:
    """Return ``simulation_gain`` of a group's texts and its control, with intervals over users.

    Args:
        group: texts that ``simulate`` has filled in; others are not scored.
        seed: makes the intervals repeatable.
    """
    return [gain_of(group, GAIN, seed), gain_of(group, _GAIN_SHUFFLED, seed, _SHUFFLED)]


def gain_of(group: TextGroup, figure: Figure, seed: int, told: str = _WITH.check) -> Metric:
    """Return the gain of a group's texts as ``figure``.

    Args:
        group: as of ``gain_metrics``.
        figure: what it is called.
        seed: makes the interval repeatable.
        told: the check with the accuracy of the reader who is given a text.
    """
    rights = [(text.check(told), text.check(_WITHOUT.check)) for text in group.texts]
    rows = [row for row, both in enumerate(rights) if None not in both]
    values = np.array([rights[row] for row in rows], dtype=np.float64).reshape(-1, 2)
    closed, error = values[:, 0] - values[:, 1], 1.0 - values[:, 1]
    left = float(error.sum())
    users = [group.users[row] for row in rows]
    low, high = ratio_interval(closed, error, users, seed=seed) if left > 0 else (None, None)
    return Metric(
        subject=group.explainer,
        task=figure.task,
        metric=figure.metric,
        split=group.split,
        value=float(closed.sum()) / left if left > 0 else None,
        low=low,
        high=high,
        n=len(rows) if left > 0 else 0,
        unscored=len(rights) - (len(rows) if left > 0 else 0),
    )
