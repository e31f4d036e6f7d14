"""What the words alone give away: who wrote a text, and how f scored the item (paper, KDD version).

Both are read by simple models of words and pairs of words, trained on the texts about other users.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recexplainer.metrics import summarize
from recexplainer.records import Case, Explanation, Metric

__all__ = ["wording_metrics"]

_FOLDS = 5
_NOTHING = "(nothing)"
"""The word of an empty text: to say nothing tells something, too."""


def wording_metrics(
    explanations: Sequence[Explanation], cases: Sequence[Case], seed: int
) -> list[Metric]:
    """Return ``distinction`` and ``simulatability`` for each explainer and split.

    ``distinction`` is the share of an explainer's texts that a classifier ascribes to it among all
    explainers of the run. ``simulatability`` is the share of the variance of f's scores that a
    regression on its texts explains (R squared): 0 for texts that say nothing of the score, below 0
    for those that mislead. Both need texts about at least five users.

    Args:
        explanations: by any explainers.
        cases: the cases they are about.
        seed: makes the intervals repeatable.
    """
    by_id = {case.id: case for case in cases}
    authors = np.array([one.explainer for one in explanations])
    splits = np.array([by_id[one.case].split for one in explanations])
    users = np.array([by_id[one.case].user for one in explanations])
    columns = {"simulatability": _simulated(explanations, by_id, authors, splits, users)}
    if len(set(authors.tolist())) > 1:  # nobody is mistaken for another where there is no other
        columns["distinction"] = _recognized([one.text for one in explanations], authors, users)
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


def _recognized(
    texts: Sequence[str], authors: NDArray[np.str_], users: NDArray[np.str_]
) -> NDArray[np.float64]:
    """Return 1 where a text was ascribed to its author, else 0; not a number where nobody can."""
    if len(set(users.tolist())) < _FOLDS:
        return np.full(len(texts), np.nan)
    from sklearn.linear_model import LogisticRegression

    guessed = _cross_predicted(LogisticRegression(max_iter=1000), texts, authors, users)
    return np.asarray(guessed == authors, dtype=np.float64)


def _simulated(
    explanations: Sequence[Explanation],
    by_id: dict[str, Case],
    authors: NDArray[np.str_],
    splits: NDArray[np.str_],
    users: NDArray[np.str_],
) -> NDArray[np.float64]:
    """Return 1 less each text's squared error over the variance: their mean is R squared."""
    from sklearn.linear_model import Ridge

    values = np.full(len(explanations), np.nan)
    scores = np.array([by_id[one.case].score for one in explanations])
    for author in dict.fromkeys(authors.tolist()):
        own = np.flatnonzero(authors == author)
        if len(set(users[own].tolist())) < _FOLDS:
            continue
        texts = [explanations[row].text for row in own.tolist()]
        errors = (_cross_predicted(Ridge(), texts, scores[own], users[own]) - scores[own]) ** 2
        for split in set(splits[own].tolist()):
            within = splits[own] == split
            variance = float(np.var(scores[own][within]))
            if variance > 0:
                values[own[within]] = 1.0 - errors[within] / variance
    return values


def _cross_predicted(
    model: Any, texts: Sequence[str], wanted: NDArray[Any], users: NDArray[np.str_]
) -> NDArray[Any]:
    """Return what ``model`` predicts of each text after learning from those of other users."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    # A word may be one letter: nothing is dropped, so that the shortest text has words too.
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+")  # noqa: S106
    reader = make_pipeline(words, model)
    folds = GroupKFold(n_splits=_FOLDS)
    said = [text if text.split() else _NOTHING for text in texts]
    predicted: NDArray[Any] = cross_val_predict(reader, said, wanted, cv=folds, groups=users)
    return predicted
