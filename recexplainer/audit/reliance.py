"""Reliance: what the ranking leans on, in sentences with figure, interval and control."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.estimate import Estimate, estimated, percent
from recexplainer.audit.finding import Finding
from recexplainer.audit.lists import overlap
from recexplainer.audit.subject import PLACES, Subject
from recexplainer.audit.variants import VARIANTS, Measured, Variant, measured

__all__ = [
    "coverage",
    "near_duplicates",
    "popular_items",
    "popular_list",
    "repeats",
    "same_for_everybody",
    "variant_findings",
]

_WORDS = {1: "more than", -1: "less than", 0: "not measurably more or less than"}
_ALIKE = 0.99
"""Correlation from which on two items are near-duplicates to the recommender."""


def same_for_everybody(subject: Subject) -> Finding:
    """Return how far the lists of two users agree, among the items that neither of them had."""
    count = len(subject.contexts)
    if count < 2:
        return Finding(
            probe="same for everybody", chapter="reliance", sentence="There is one user only."
        )
    other = np.roll(np.arange(count), 1)
    seen = [np.union1d(subject.seen[k], subject.seen[other[k]]) for k in range(count)]
    first = subject.lists(subject.histories, seen)
    second = subject.lists([subject.histories[k] for k in other], seen)
    agreed = overlap(first, second)
    found = estimated(agreed, seed=subject.seed)
    chance = PLACES / len(subject.catalogue)
    if (agreed == 1).all():
        sentence = (
            f"It gives everybody the same list: of {count} pairs of users each gets the same first "
            f"{PLACES} among the items that neither has had."
        )
    else:
        amount = "hardly anything" if found.high < 0.05 else f"{found.words} of the first {PLACES}"
        sentence = (
            f"Two users share {amount}, among the items that neither has had"
            f"{' (' + found.words + ')' if found.high < 0.05 else ''}; lists drawn at random "
            f"would share {percent(chance)}."
        )
    places = {"places": float(PLACES)}
    return _finding("same for everybody", sentence, found, chance, "lists drawn at random", places)


def variant_findings(subject: Subject) -> list[Finding]:
    """Return a sentence for each change of histories, and its line of the main parameters."""
    found = []
    for variant in VARIANTS:
        one = measured(subject, variant)
        if one is not None:
            found += [_reliance(variant, one), _parameter(variant, one)]
    return found


def popular_items(subject: Subject) -> Finding:
    """Return which share of places goes to the most frequent tenth of items, beside what is taken.

    The sentence adds the rank correlation of scores and popularity, averaged over histories.
    """
    from scipy.stats import spearmanr

    counts = subject.split.popularity
    most = np.zeros(len(counts), dtype=bool)
    most[np.argsort(-counts, kind="stable")[: max(1, len(counts) // 10)]] = True
    lists = subject.answers.lists
    shares = [float(most[row[row >= 0]].mean()) for row in lists if (row >= 0).any()]
    found = estimated(shares, seed=subject.seed)
    taken = float(most[subject.nexts].mean())
    rows = [spearmanr(row, counts).statistic for row in subject.panel if np.ptp(row) > 0]
    known = [float(one) for one in rows if np.isfinite(one)]
    ending, others = "", {"places": float(PLACES)}
    if known:
        tied = estimated(known, seed=subject.seed, bounds=(-1.0, 1.0))
        ending = (
            f" Scores and popularity have a rank correlation of {tied.mean:.2f} "
            f"({tied.low:.2f} to {tied.high:.2f})."
        )
        others |= {"tied": tied.mean, "tied_low": tied.low, "tied_high": tied.high}
    sentence = (
        f"The most popular tenth of the items holds {found.words} of the first {PLACES} places: "
        f"{_WORDS[found.beside(taken)]} its share of what users took next, "
        f"{percent(taken)}.{ending}"
    )
    control = "share of what users took next"
    return _finding("popular items", sentence, found, taken, control, others)


def popular_list(subject: Subject) -> list[Finding]:
    """Return how much of users' lists popularity alone would give, and its line of the table."""
    found = estimated(overlap(subject.answers.lists, subject.favorites), seed=subject.seed)
    chance = PLACES / len(subject.catalogue)
    variant = "popularity alone"
    sentence = (
        f"The most popular items that a user has not had are {found.words} of the first ten: "
        f"{_WORDS[found.beside(chance)]} lists drawn at random would share, {percent(chance)}."
    )
    same = _finding(variant, sentence, found, chance, "lists drawn at random")
    changed = {
        "chapter": "parameter",
        "figure": 1 - found.mean,
        "low": 1 - found.high,
        "high": 1 - found.low,
        "control": 1 - chance,
        "sentence": f"Popularity alone gives {percent(found.mean)} of the first ten.",
        "others": {"stays": found.mean},
    }
    return [same, same.model_copy(update=changed)]


def coverage(subject: Subject) -> Finding:
    """Return how much of the catalogue is in some list, and how unequal the exposure is."""
    listed = subject.answers.lists[subject.answers.lists >= 0]
    counts = np.bincount(listed, minlength=len(subject.catalogue))
    rng = subject.rng("coverage")
    drawn = rng.integers(len(counts), size=len(listed))
    chance = float(np.unique(drawn).size) / len(counts)
    share = float((counts > 0).mean())
    taken = np.bincount(subject.nexts, minlength=len(counts))
    gini, gini_taken = _gini(counts), _gini(taken)
    sentence = (
        f"The lists of {len(subject.contexts):,} users hold {percent(share)} of the "
        f"{len(counts):,} items (items drawn at random: {percent(chance)}); the Gini coefficient "
        f"of their exposure is {gini:.2f}, that of what users took next {gini_taken:.2f}."
    )
    return Finding(
        probe="coverage",
        chapter="reliance",
        sentence=sentence,
        figure=share,
        control=chance,
        control_words="items drawn at random",
        n=len(subject.contexts),
        others={"items": float(len(counts)), "gini": gini, "gini_taken": gini_taken},
    )


def repeats(subject: Subject) -> Finding:
    """Return which share of the first ten the user had already, if nothing is masked."""
    lists = subject.answers.unmasked
    shares = [float(np.isin(row, had).mean()) for row, had in zip(lists, subject.seen, strict=True)]
    found = estimated(shares, seed=subject.seed)
    chance = float(np.mean([len(had) for had in subject.seen])) / len(subject.catalogue)
    sentence = (
        f"With nothing masked, {found.words} of the first {PLACES} are items that the user had: "
        f"{_WORDS[found.beside(chance)]} in lists drawn at random, {percent(chance)}."
    )
    places = {"places": float(PLACES)}
    return _finding("repeats", sentence, found, chance, "lists drawn at random", places)


def near_duplicates(subject: Subject) -> Finding:
    """Return the share of lists with two items whose scores go together over all histories."""
    panel = subject.panel - subject.panel.mean(axis=1, keepdims=True)
    panel = panel / np.maximum(panel.std(axis=1, keepdims=True), 1e-12)
    columns = panel - panel.mean(axis=0)
    columns /= np.maximum(np.linalg.norm(columns, axis=0), 1e-12)
    drawn = subject.rng("pairs").integers(len(subject.catalogue), size=subject.answers.lists.shape)
    found = estimated(_with_pairs(subject.answers.lists, columns), seed=subject.seed)
    control = float(np.mean(_with_pairs(drawn, columns)))
    sentence = (
        f"{found.words} of lists hold two items whose scores rise and fall together (correlation "
        f"{_ALIKE} or more over {len(panel)} histories); lists drawn at random: {percent(control)}."
    )
    others = {"alike": _ALIKE, "histories": float(len(panel))}
    return _finding("near-duplicates", sentence, found, control, "lists drawn at random", others)


def _with_pairs(lists: NDArray[np.int64], columns: NDArray[np.float32]) -> list[float]:
    found = []
    for row in lists:
        rows = np.unique(row[row >= 0])
        alike = np.triu(columns[:, rows].T @ columns[:, rows], 1)
        found.append(float((alike >= _ALIKE).any()))
    return found


def _gini(counts: NDArray[np.int64]) -> float:
    """Return the Gini coefficient: 0 where all have the same, near 1 where one has all."""
    ordered = np.sort(counts).astype(np.float64)
    total = ordered.sum()
    if not total:
        return 0.0
    places = np.arange(1, len(ordered) + 1)
    return float((2 * places - len(ordered) - 1) @ ordered / (len(ordered) * total))


def _reliance(variant: Variant, one: Measured) -> Finding:
    """Return the sentence on what stays; the comparison is with the control, user by user."""
    if one.stays.mean == 1:
        told = f"{variant.words.format('all')}: it makes no difference to any list"
    else:
        told = variant.words.format(one.stays.words)
    apart = _WORDS[one.gain.beside(0.0)]
    control = percent(one.control.mean)
    sentence = f"{told}; {apart} with the control, {variant.control_words}: {control}."
    gain = {"gain_low": one.gain.low, "gain_high": one.gain.high}
    return _finding(
        variant.name, sentence, one.stays, one.control.mean, variant.control_words, gain
    )


def _parameter(variant: Variant, one: Measured) -> Finding:
    """Return the line of the table: how much of the first ten changes."""
    changed = Estimate(1 - one.stays.mean, 1 - one.stays.high, 1 - one.stays.low, one.stays.n)
    control = 1 - one.control.mean
    sentence = f"{variant.words.format(percent(one.stays.mean))}."
    return Finding(
        probe=variant.name,
        chapter="parameter",
        sentence=sentence,
        control=control,
        control_words=variant.control_words,
        others={"stays": one.stays.mean},
    ).with_estimate(changed)


def _finding(  # each is a field
    probe: str,
    sentence: str,
    found: Estimate,
    control: float,
    words: str,
    others: Mapping[str, float] | None = None,
) -> Finding:
    return Finding(
        probe=probe,
        chapter="reliance",
        sentence=sentence,
        control=control,
        control_words=words,
        others=others or {},
    ).with_estimate(found)
