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

from recexplainer.metrics import summarize
from recexplainer.records import Case, Explanation, Metric

__all__ = ["Encode", "wording_metrics"]

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Returns a vector per text, ``(N, d)``."""

_FOLDS = 5
_NOTHING = "(nothing)"
"""The word of an empty text: to say nothing tells something, too."""


@dataclass(frozen=True)
class _Reading:
    """All texts as models are given them.

    Attributes:
        suffix: of the metrics' names.
        texts: ``(N,)`` words or ``(N, d)`` vectors.
        shaped: an unfitted transformer that makes features of them.
        regression: an unfitted model of numbers.
    """

    suffix: str
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
    columns = {}
    for reading in _readings([one.text for one in explanations], encode):
        told = _simulated(reading, scores, authors, splits, users)
        columns[f"simulatability{reading.suffix}"] = told
        if len(set(authors.tolist())) > 1:  # nobody is mistaken for another where there is no other
            columns[f"distinction{reading.suffix}"] = _recognized(reading, authors, users)
    return [
        summarize(
            [None if np.isnan(value) else float(value) for value in column[rows]],
            subject=author,
            task="explanation",
            metric=metric,
            split=split,
            seed=seed,
            groups=users[rows].tolist(),
        )
        for author, split in dict.fromkeys(zip(authors.tolist(), splits.tolist(), strict=True))
        for rows in [(authors == author) & (splits == split)]
        for metric, column in columns.items()
    ]


def _readings(texts: Sequence[str], encode: Encode | None) -> list[_Reading]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import Ridge, RidgeCV
    from sklearn.preprocessing import StandardScaler

    said = [text if text.split() else _NOTHING for text in texts]
    # A word may be one letter: nothing is dropped, so that the shortest text has words too.
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+")  # noqa: S106
    readings = [_Reading("", np.array(said, dtype=object), words, Ridge())]
    if encode is not None:  # its vectors are as wide as texts are many: how much to shrink is found
        shrunk = RidgeCV(alphas=np.logspace(0, 5, 11))
        readings.append(_Reading("_encoded", encode(said), StandardScaler(), shrunk))
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
