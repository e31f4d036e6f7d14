"""Segments: for whom the recommender works differently, corrected for how many were looked at."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.estimate import welch
from recexplainer.audit.finding import Finding
from recexplainer.audit.lists import overlap
from recexplainer.audit.segment_differences import Compared, Difference, differences
from recexplainer.audit.subject import Subject
from recexplainer.audit.user_groups import given_segments, taste

__all__ = ["measures_of", "segment_findings"]

_GAIN = "how high the next item is listed (ndcg@10)"
_FEWEST = 20
_RATE = 0.05
_Values = NDArray[np.float64]


def measures_of(subject: Subject, added: Mapping[str, Mapping[str, float]]) -> dict[str, _Values]:
    """Return what is compared, ``(N,)`` each, nan where there is no value.

    Args:
        subject: who was asked about.
        added: further measures by user, such as the share of explanations that were withheld.
    """
    found = {
        "the share whose next item is listed (hit@10)": subject.answers.hits,
        _GAIN: subject.answers.gains,
        "agreement with the popular list": overlap(subject.answers.lists, subject.favorites),
    }
    for name, values in added.items():
        found[name] = np.array([values.get(one.user, np.nan) for one in subject.contexts])
    return found


def segment_findings(
    subject: Subject, added: Mapping[str, Mapping[str, float]] | None = None
) -> list[Finding]:
    """Return each segment's differences from all others, confirmed ones first."""
    measures = measures_of(subject, added or {})
    compared = []
    for segment in given_segments(subject):
        for name, values in measures.items():
            known = np.isfinite(values)
            inside, outside = values[known & segment.within], values[known & ~segment.within]
            if min(len(inside), len(outside)) >= _FEWEST and np.ptp(values[known]) > 0:
                compared.append(Compared(segment, name, inside, outside))
    if not compared:
        return []
    found = [_finding(one) for one in differences(compared)]
    return [*sorted(found, key=lambda one: not one.alarm), *_worst(subject, measures[_GAIN])]


def _finding(found: Difference) -> Finding:
    words, name = found.segment.words, found.measure
    return Finding(
        probe=name,
        chapter="segment",
        sentence=(
            f"{words}: {name} is {found.mean:.3f}, and {found.rest:.3f} for all others "
            f"{found.words}"
        ),
        alarm=found.sure,
        figure=found.mean - found.rest,
        low=found.low,
        high=found.high,
        unit="value",
        control=0.0,
        control_words="no difference",
        n=found.n,
        others={"inside": found.mean, "outside": found.rest, "comparisons": float(found.looked)},
        named=(words,),
    )


def _worst(subject: Subject, gains: _Values) -> list[Finding]:
    """Return the segment of the worst ndcg@10 that a tree finds on one half, told on the other."""
    from sklearn.tree import DecisionTreeRegressor

    names, features = _features(subject)
    known = np.flatnonzero(np.isfinite(gains))
    halves = np.array_split(subject.rng("halves").permutation(known), 2)
    if len(halves[1]) < 4 * _FEWEST:
        return []
    tree = DecisionTreeRegressor(
        max_leaf_nodes=6, min_samples_leaf=_FEWEST, random_state=subject.seed
    ).fit(features[halves[0]], gains[halves[0]])
    leaves, other = tree.apply(features[halves[0]]), tree.apply(features[halves[1]])
    worst = min(np.unique(leaves), key=lambda leaf: float(gains[halves[0]][leaves == leaf].mean()))
    inside, outside = gains[halves[1]][other == worst], gains[halves[1]][other != worst]
    if min(len(inside), len(outside)) < 2 or tree.tree_.node_count == 1:
        return []
    p, low, high = welch(inside, outside)
    sure = p <= _RATE and high < 0
    told = "confirmed" if sure else "not confirmed"
    path = _path(tree, worst, names)
    sentence = (
        f"The users for whom one half of the sample foretells worst ({path}) "
        f"have an ndcg@10 of {inside.mean():.3f} in the other half, and all others "
        f"{outside.mean():.3f} (difference {inside.mean() - outside.mean():+.3f}, {low:+.3f} to "
        f"{high:+.3f}): {told}."
    )
    return [
        Finding(
            probe="worst segment",
            chapter="segment",
            sentence=sentence,
            alarm=sure,
            figure=float(inside.mean() - outside.mean()),
            low=low,
            high=high,
            unit="value",
            control=0.0,
            control_words="no difference",
            n=len(inside) + len(outside),
            others={"inside": float(inside.mean()), "outside": float(outside.mean())},
            named=(path,),
        )
    ]


def _features(subject: Subject) -> tuple[list[str], _Values]:
    """Return what a segment may be made of: names, and values ``(N, F)``."""
    lengths = [float(len(subject.log.histories[one.user]) - 1) for one in subject.contexts]
    names = ["items in the history", "popularity of its items"]
    columns: list[_Values] = [np.array(lengths), taste(subject)]
    for attribute, values in subject.catalogue.attribute_values.items():
        for value in values[:10]:
            has = np.array(
                [value in one.attributes.get(attribute, ()) for one in subject.catalogue]
            )
            names.append(f"share of {attribute} {value!r}")
            columns.append(np.array([float(has[had].mean()) for had in subject.seen]))
    return names, np.column_stack(columns)


def _path(tree: object, leaf: int, names: list[str]) -> str:
    """Return the conditions that lead to a leaf, in words."""
    inner = tree.tree_  # type: ignore[attr-defined]  # scikit-learn's has no types
    words: list[str] = []
    node = int(leaf)
    while node:
        parent = int(
            np.flatnonzero((inner.children_left == node) | (inner.children_right == node))[0]
        )
        side = "at most" if inner.children_left[parent] == node else "above"
        words.append(f"{names[inner.feature[parent]]} {side} {inner.threshold[parent]:.2f}")
        node = parent
    return ", ".join(reversed(words))
