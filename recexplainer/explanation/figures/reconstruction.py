"""Reconstruction: how much of the target's user vector can be told from a text.

The vector is regressed on the words of the texts about other users, by the same author (ridge, the
vector's dimensions side by side). The first items of the list that the rebuilt vector gives are
compared with those of the true one, both by inner product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from recexplainer.explanation.figures.strangers import strangers
from recexplainer.plugins.interfaces import LatentTarget, Target
from recexplainer.records import EXPLANATION_TASK, Case, Catalogue, Check, Explanation, Figure

__all__ = ["CHECKED", "rebuild_vectors"]

_Floats = NDArray[np.float64]
_TOP = 10
_FOLDS = 5
_NOTHING = "(nothing)"


def _figures(metric: str, note: str, order: int) -> tuple[Figure, Figure, Figure]:
    """Return the figure of texts, that of the mean vector, and that of shuffled texts."""
    rows: tuple[tuple[str, str, Literal["higher"] | None, bool], ...] = (
        ("", note, "higher", True),
        (
            "_mean",
            "control: the same of the mean vector of the other users",
            None,
            False,
        ),
        ("_shuffled", "control: the same from texts about other users", None, False),
    )
    first, mean, shuffled = (
        Figure(
            task=EXPLANATION_TASK,
            metric=f"{metric}{suffix}",
            check=f"{metric}{suffix}",
            note=said,
            better=better,
            order=order + place,
            bounds=(-1.0, 1.0) if metric == "rebuilt_cosine" else (0.0, 1.0),
            given=given,
            shown="tables",
        )
        for place, (suffix, said, better, given) in enumerate(rows)
    )
    return first, mean, shuffled


_COSINES = _figures(
    "rebuilt_cosine",
    "cosine of the recommender's vector of the user and the one told from the words",
    141,
)
_OVERLAPS = _figures(
    "rebuilt_overlap@10",
    "share of the first 10 items by that vector that are among those by the true one",
    144,
)
CHECKED = (*_COSINES, *_OVERLAPS)


def rebuild_vectors(
    explanations: Sequence[Explanation],
    cases: Sequence[Case],
    target: Target,
    catalogue: Catalogue,
    *,
    seed: int,
    encode: Callable[[Sequence[str]], NDArray[np.float32]] | None = None,
) -> list[Explanation]:
    """Return the explanations, each with how near a vector told from it comes, in order.

    Args:
        explanations: by any explainers.
        cases: the cases they are about, matched by id.
        target: the recommender; without vectors nothing is scored.
        catalogue: the items, rows of the target's item vectors.
        seed: of the shuffled texts.
        encode: a pretrained encoder that reads the texts; None reads them as bags of words.
    """
    by_id = {case.id: case for case in cases}
    if not isinstance(target, LatentTarget):
        return [_unscored(one, "the recommender has no vectors of users") for one in explanations]
    histories = list(dict.fromkeys(case.history for case in cases))
    vectors = np.asarray(target.user_vectors(histories), dtype=np.float64)
    truth = dict(zip(histories, vectors, strict=True))
    items = np.asarray(target.item_vectors(), dtype=np.float64)
    found = list(explanations)
    for name in dict.fromkeys(one.explainer for one in explanations):
        rows = [row for row, one in enumerate(explanations) if one.explainer == name]
        own = [explanations[row] for row in rows]
        about = [by_id[one.case] for one in own]
        if len({case.user for case in about}) < _FOLDS:
            scored = [_unscored(one, f"fewer than {_FOLDS} users") for one in own]
        else:
            wanted = np.array([truth[case.history] for case in about])
            told = _rebuilt(own, about, wanted, seed, encode)
            seen = [catalogue.rows([*case.history, *case.earlier]) for case in about]
            scored = _scored(own, told, wanted, items, seen)
        for row, one in zip(rows, scored, strict=True):
            found[row] = one
    return found


def _unscored(explanation: Explanation, reason: str) -> Explanation:
    checks = tuple(Check(name=figure.check, value=None, detail=reason) for figure in CHECKED)
    return explanation.model_copy(update={"checks": (*explanation.checks, *checks)})


def _rebuilt(
    texts: Sequence[Explanation],
    cases: Sequence[Case],
    wanted: _Floats,
    seed: int,
    encode: Callable[[Sequence[str]], NDArray[np.float32]] | None,
) -> tuple[_Floats, _Floats, _Floats]:
    """Return the vectors told from the texts, the mean ones and those told from shuffled texts."""
    from sklearn.base import clone
    from sklearn.dummy import DummyRegressor
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    said = [one.text if one.text.split() else _NOTHING for one in texts]
    read: NDArray[Any] = np.array(said, dtype=object) if encode is None else encode(said)
    users = np.array([case.user for case in cases])
    words = make_pipeline(
        TfidfVectorizer(sublinear_tf=True, token_pattern=r"\S+"),  # noqa: S106
        FunctionTransformer(_dense),  # many vectors are told at once: a closed form needs it
    )
    shaped = words if encode is None else StandardScaler()
    # As many columns as an encoder has need more than the few words of a text.
    ridge = make_pipeline(shaped, Ridge(alpha=1.0 if encode is None else 1e3, solver="cholesky"))

    def learned(model: Any, texts: NDArray[Any]) -> _Floats:
        folds = GroupKFold(n_splits=_FOLDS)
        return np.asarray(
            cross_val_predict(clone(model), texts, wanted, cv=folds, groups=users), dtype=np.float64
        )

    return (
        learned(ridge, read),
        learned(DummyRegressor(), np.zeros((len(texts), 1))),
        learned(ridge, read[strangers(cases, seed)]),
    )


def _dense(counts: Any) -> Any:
    return counts.toarray()


def _scored(
    texts: Sequence[Explanation],
    told: Sequence[_Floats],
    wanted: _Floats,
    items: _Floats,
    seen: Sequence[Sequence[int]],
) -> list[Explanation]:
    """Return the texts with the cosine and the overlap of each of the three vectors."""
    true_tops = _tops(wanted, items, seen)
    columns = [_cosines(vectors, wanted) for vectors in told]
    for vectors in told:
        tops = _tops(vectors, items, seen)
        shares = [
            len(set(one) & set(true)) / len(true) if len(true) else np.nan
            for one, true in zip(tops.tolist(), true_tops.tolist(), strict=True)
        ]
        columns.append(np.array(shares))
    scored = []
    for row, text in enumerate(texts):
        checks = tuple(
            Check(name=figure.check, value=float(column[row]))
            for figure, column in zip(CHECKED, columns, strict=True)
        )
        scored.append(text.model_copy(update={"checks": (*text.checks, *checks)}))
    return scored


def _cosines(told: _Floats, wanted: _Floats) -> _Floats:
    sizes = np.linalg.norm(told, axis=1) * np.linalg.norm(wanted, axis=1)
    cosines: _Floats = (told * wanted).sum(axis=1) / np.where(sizes > 0, sizes, 1.0)
    return np.clip(cosines, -1.0, 1.0)


def _tops(vectors: _Floats, items: _Floats, seen: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """Return the rows of the first items of each vector in any order, the user's own left out."""
    scores = vectors @ items.T
    for row, had in enumerate(seen):
        scores[row, list(had)] = -np.inf
    count = min(_TOP, scores.shape[1] - max(len(set(had)) for had in seen))
    return np.argpartition(-scores, count - 1, axis=1)[:, :count]
