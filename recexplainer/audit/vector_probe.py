"""Linear probe: whether what is known of users can be read off the target's user vectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.estimate import estimated, percent
from recexplainer.audit.finding import Finding
from recexplainer.audit.subject import Subject
from recexplainer.audit.user_groups import numbers_of
from recexplainer.plugins.interfaces import FloatArray, LatentTarget
from recexplainer.records import Context

__all__ = ["NOT_READ", "NO_VECTORS", "vector_probes"]

NO_VECTORS = (
    "The recommender has no user vectors, so that it was not asked what could be read off them."
)
NOT_READ = (
    "There are too few users, or too many numbers in a vector, to ask what can be read off them."
)
_USERS, _FEWEST = 2000, 100
_NUMBERS = 8_000_000
"""Numbers in all vectors together, 64 MB; wider vectors are read of fewer users."""
_EACH = 20
"""Users with a value, for it to be one that is told apart."""
_FOLDS, _SHUFFLES, _AT_ONCE = 5, 5, 64
_WORDS = {1: "more than", -1: "less than", 0: "not measurably more or less than"}
_Labels = NDArray[np.int64]


class _Question(NamedTuple):
    """What is read off: its words, and a label of each user, -1 where there is none, ``(U,)``."""

    words: str
    labels: _Labels


def vector_probes(subject: Subject) -> list[Finding]:
    """Return what a linear model reads off user vectors, by column; none without vectors.

    Logistic regression on standardized vectors, cross-validated in five folds, values weighted
    alike (balanced accuracy). Beside it: the same with shuffled labels, and the same on the items
    that the target reads, which says how much the vectors add to what users did. Where nothing is
    known of users, their number of items and how popular these are are read off.
    """
    target = subject.oracle.target
    if not isinstance(target, LatentTarget):
        return []
    width = target.user_vectors([subject.histories[0]]).shape[1]
    most = min(_USERS, _NUMBERS // width)
    drawn = subject.rng("probe users").permutation(len(subject.split.evaluated))[:most]
    if len(drawn) < _FEWEST:
        return []
    contexts = [subject.split.evaluated[place] for place in drawn]
    vectors = _vectors(target, contexts)
    items = _items_of(subject, contexts)
    found = []
    for question in _questions(subject, contexts):
        known = question.labels >= 0
        labels = question.labels[known]
        if len(labels) >= _FEWEST and len(np.unique(labels)) > 1:
            found.append(_probe(subject, question.words, vectors[known], items[known], labels))
    return found


def _vectors(target: LatentTarget, contexts: list[Context]) -> FloatArray:
    parts = [
        target.user_vectors([one.history for one in contexts[start : start + _AT_ONCE]])
        for start in range(0, len(contexts), _AT_ONCE)
    ]
    return np.concatenate(parts).astype(np.float64)


def _items_of(subject: Subject, contexts: list[Context]) -> Any:
    """Return which items each history holds, ``(U, I)``, sparse."""
    from scipy.sparse import csr_matrix

    rows = [np.unique(subject.catalogue.rows(one.history)) for one in contexts]
    ends = np.cumsum([0, *map(len, rows)])
    shape = (len(contexts), len(subject.catalogue))
    return csr_matrix((np.ones(ends[-1]), np.concatenate(rows), ends), shape=shape)


def _questions(subject: Subject, contexts: list[Context]) -> Iterator[_Question]:
    """Yield what is asked of each column; of histories where there is none."""
    users = subject.log.users
    names = list(dict.fromkeys(name for known in users.values() for name in known))
    for name in names:
        cells = [users.get(one.user, {}).get(name) for one in contexts]
        numbers = numbers_of(cells)
        if numbers is not None:
            yield _halves(f"whether their {name} is above", numbers)
            continue
        counts = Counter(cell for cell in cells if cell is not None)
        values = sorted(value for value, n in counts.items() if n >= _EACH)
        places = {value: place for place, value in enumerate(values)}
        labels = np.array([places.get(cell or "", -1) for cell in cells], dtype=np.int64)
        yield _Question(f"which of {len(values)} values their {name} has", labels)
    if not names:
        histories = subject.log.histories
        lengths = np.array([float(len(histories[one.user]) - 1) for one in contexts])
        yield _halves("whether their number of items is above", lengths)
        counts_of = subject.split.popularity
        means = [counts_of[subject.catalogue.rows(one.history)].mean() for one in contexts]
        yield _halves("whether the mean interactions of their items are above", np.array(means))


def _halves(words: str, numbers: NDArray[np.float64]) -> _Question:
    known = np.isfinite(numbers)
    middle = float(f"{np.median(numbers[known]):.4g}") if known.any() else 0.0
    labels = np.where(known, (numbers > middle).astype(np.int64), -1)
    return _Question(f"{words} {middle:g}", labels)


def _probe(
    subject: Subject, words: str, vectors: FloatArray, items: Any, labels: _Labels
) -> Finding:
    rng, seed = subject.rng(f"probe {words}"), subject.seed
    own, bag = _right(vectors, labels, seed), _right(items, labels, seed)
    shuffled = np.mean(
        [_right(vectors, rng.permutation(labels), seed).mean() for _ in range(_SHUFFLES)]
    )
    found = estimated(own, seed=seed, bounds=None)
    chance = float(shuffled)
    extra = estimated(own - bag, seed=seed, bounds=None)
    sentence = (
        f"A linear model reads {words} off the recommender's vectors of users: right for "
        f"{found.words} of them, each answer counted alike, which is "
        f"{_WORDS[found.beside(chance)]} with shuffled labels, {percent(chance)}; and "
        f"{_WORDS[extra.beside(0.0)]} from the items that the recommender reads, "
        f"{percent(float(bag.mean()))}."
    )
    return Finding(
        probe=f"vectors: {words}",
        chapter="reliance",
        sentence=sentence,
        control=chance,
        control_words="with shuffled labels",
        others={"items": float(bag.mean()), "extra_low": extra.low, "extra_high": extra.high},
        named=(words,),
    ).with_estimate(found)


def _right(features: Any, labels: _Labels, seed: int) -> NDArray[np.float64]:
    """Return for each user whether the label was foretold, so weighted that values count alike.

    The mean is the balanced accuracy; each fold is foretold by a model of the others.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MaxAbsScaler, StandardScaler

    scaler = StandardScaler() if isinstance(features, np.ndarray) else MaxAbsScaler()
    model = LogisticRegression(class_weight="balanced", max_iter=500, C=0.1)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    told = cross_val_predict(make_pipeline(scaler, model), features, labels, cv=folds)
    values, counts = np.unique(labels, return_counts=True)
    weight = len(labels) / (len(values) * counts)
    return np.asarray((told == labels) * weight[np.searchsorted(values, labels)])
