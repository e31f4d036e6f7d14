"""What words alone give away: their author, and the target's score (paper, KDD version).

Both are read by simple models of words and pairs of words, trained on the texts about other users,
and by as simple ones of the vectors that a pretrained encoder gives for a text, if there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recexplainer.explanation.figures.text_groups import text_groups
from recexplainer.records import EXPLANATION_TASK, Case, Explanation, Figure, Metric

__all__ = ["FIGURES", "Encode", "wording_metrics"]

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Returns a vector per text, ``(N, d)``."""

_DISTINCTION = Figure(
    task=EXPLANATION_TASK,
    metric="distinction",
    note="share of texts that a classifier of words ascribes to their writer, among all explainers",
    order=220,
)
_DISTINCTION_ENCODED = Figure(
    task=EXPLANATION_TASK,
    metric="distinction_encoded",
    note="distinction, by a classifier of encoded texts",
    order=221,
)
_SIMULATABILITY = Figure(
    task=EXPLANATION_TASK,
    metric="simulatability",
    note="how much of the score the words alone predict (R squared); 0 is nothing",
    better="higher",
    order=230,
)
_SIMULATABILITY_ENCODED = Figure(
    task=EXPLANATION_TASK,
    metric="simulatability_encoded",
    note="simulatability, by a regression on encoded texts",
    better="higher",
    order=231,
)
FIGURES = (_DISTINCTION, _DISTINCTION_ENCODED, _SIMULATABILITY, _SIMULATABILITY_ENCODED)
_FOLDS = 5
_NOTHING = "(nothing)"
"""The word of an empty text: to say nothing tells something, too."""


@dataclass(frozen=True)
class _Reading:
    """All texts as models are given them.

    Attributes:
        simulated, recognized: the figures that are read off them.
        texts: ``(N,)`` words or ``(N, d)`` vectors.
        shaped: an unfitted transformer that makes features of them.
        regression: an unfitted model of numbers.
    """

    simulated: Figure
    recognized: Figure
    texts: NDArray[Any]
    shaped: Any
    regression: Any

    def predicted(
        self, model: Any, rows: NDArray[np.int64], wanted: NDArray[Any], users: NDArray[np.str_]
    ) -> NDArray[Any]:
        """Return what ``model`` predicts of the texts at ``rows``, learned from other users'."""
        from sklearn.base import clone
        from sklearn.model_selection import GroupKFold, cross_val_predict
        from sklearn.pipeline import make_pipeline

        reader = make_pipeline(clone(self.shaped), clone(model))
        predicted: NDArray[Any] = cross_val_predict(
            reader,
            self.texts[rows],
            wanted[rows],
            cv=GroupKFold(n_splits=_FOLDS),
            groups=users[rows],
        )
        return predicted


def wording_metrics(
    explanations: Sequence[Explanation],
    cases: Sequence[Case],
    seed: int,
    encode: Encode | None = None,
) -> list[Metric]:
    """Return ``distinction`` and ``simulatability`` for each explainer and split.

    ``distinction`` is the share of an explainer's texts that a classifier ascribes to it among all
    explainers of the run. ``simulatability`` is the share of the variance of the target's scores
    that a regression on its texts explains (R squared): 0 for texts that say nothing of the score,
    below 0 for those that mislead. Both need texts about at least five users.

    Args:
        explanations: by any explainers.
        cases: the cases they are about.
        seed: makes the intervals repeatable.
        encode: a pretrained encoder, as which both are measured too, ``_encoded`` after their
            names; None measures by words alone.
    """
    if not explanations:
        return []
    by_id = {case.id: case for case in cases}
    authors = np.array([one.explainer for one in explanations])
    splits = np.array([by_id[one.case].split for one in explanations])
    users = np.array([by_id[one.case].user for one in explanations])
    scores = np.array([by_id[one.case].score for one in explanations])
    columns: list[tuple[Figure, NDArray[np.float64]]] = []
    for reading in _readings([one.text for one in explanations], encode):
        told = _simulated(reading, scores, authors, splits, users)
        columns.append((reading.simulated, told))
        if len(set(authors.tolist())) > 1:  # nobody is mistaken for another where there is no other
            columns.append((reading.recognized, _recognized(reading, authors, users)))
    return [
        group.summary(
            figure,
            [None if np.isnan(column[row]) else float(column[row]) for row in group.rows],
            seed,
        )
        for group in text_groups(explanations, cases)
        for figure, column in columns
    ]


def _readings(texts: Sequence[str], encode: Encode | None) -> list[_Reading]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import Ridge, RidgeCV
    from sklearn.preprocessing import StandardScaler

    said = [text if text.split() else _NOTHING for text in texts]
    # A word may be one letter: nothing is dropped, so that the shortest text has words too.
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+")  # noqa: S106
    plain = np.array(said, dtype=object)
    readings = [_Reading(_SIMULATABILITY, _DISTINCTION, plain, words, Ridge())]
    if encode is not None:  # its vectors are as wide as texts are many: how much to shrink is found
        shrunk = RidgeCV(alphas=np.logspace(0, 5, 11))
        figures = (_SIMULATABILITY_ENCODED, _DISTINCTION_ENCODED)
        readings.append(_Reading(*figures, encode(said), StandardScaler(), shrunk))
    return readings


def _recognized(
    reading: _Reading, authors: NDArray[np.str_], users: NDArray[np.str_]
) -> NDArray[np.float64]:
    """Return 1 where a text was ascribed to its author, else 0; not a number where nobody can."""
    if len(set(users.tolist())) < _FOLDS:
        return np.full(len(users), np.nan)
    from sklearn.linear_model import LogisticRegression

    everyone = np.arange(len(users))
    guessed = reading.predicted(LogisticRegression(max_iter=1000), everyone, authors, users)
    return np.asarray(guessed == authors, dtype=np.float64)


def _simulated(
    reading: _Reading,
    scores: NDArray[np.float64],
    authors: NDArray[np.str_],
    splits: NDArray[np.str_],
    users: NDArray[np.str_],
) -> NDArray[np.float64]:
    """Return 1 less each text's squared error over the variance: their mean is R squared."""
    values = np.full(len(scores), np.nan)
    for author in dict.fromkeys(authors.tolist()):
        own = np.flatnonzero(authors == author)
        if len(set(users[own].tolist())) < _FOLDS:
            continue
        errors = (reading.predicted(reading.regression, own, scores, users) - scores[own]) ** 2
        for split in set(splits[own].tolist()):
            within = splits[own] == split
            variance = float(np.var(scores[own][within]))
            if variance > 0:
                values[own[within]] = 1.0 - errors[within] / variance
    return values
