"""What the language model adds to asking the recommender, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from recexplainer.explanation.figures.shortlists import ALL_ASKED, SIZE
from recexplainer.records import Metric
from recexplainer.report.best_baselines import MAIN_SPLIT
from recexplainer.report.labels import figure_text, share_text, split_text
from recexplainer.report.model import Report
from recexplainer.report.tables import shortlist_metrics, swap_metrics

__all__ = ["shortlist_words", "swap_words"]

_SURROGATE, _SIMILAR, _RANDOM = "shortlist-surrogate", "shortlist-similar", "shortlist-random"
_SHORTLISTS = {
    _SURROGATE: "the titles that the language model finds likeliest to be named",
    _SIMILAR: "the titles most similar to the item",
    _RANDOM: "titles drawn at random",
}
"""Explainer to what is on its shortlist."""
_RECALL = f"recall@{SIZE}"
_COMPARED = {
    _RECALL: "holding that cause",
    "recall@1": "having it first",
    "drop": "the drop of what is picked",
}
"""What is compared with the controls, in words."""
_REACHES = "do as well, as the interval of the difference"
_MUCH = 0.2
_Found = Mapping[tuple[str, str], Metric]


def shortlist_words(report: Report) -> list[str]:
    """Return which shortlist serves best, and whether one at random does as well."""
    measured = shortlist_metrics(report)
    splits = list(dict.fromkeys(metric.split for metric in measured))
    if not splits:
        return []
    split = MAIN_SPLIT if MAIN_SPLIT in splits else splits[0]
    found = {(m.subject, m.metric): m for m in measured if m.split == split and m.value is not None}
    if any((name, _RECALL) not in found for name in _SHORTLISTS):
        return ["No title of a history is the cause of a decision here: no shortlist can hold it."]
    return [
        _recall_words(found, split),
        *_short_words(found),
        *_control_words(found),
        *_cost_words(found),
    ]


def _recall_words(found: _Found, split: str) -> str:
    shares = {name: found[name, _RECALL] for name in _SHORTLISTS}
    best = max(shares, key=lambda name: shares[name].value or 0.0)
    listed = "; ".join(f"{_SHORTLISTS[name]}, {figure_text(shares[name])}" for name in shares)
    first = found[_SURROGATE, "recall@1"]
    return (
        "The strongest cause of a decision is the history title without which the recommender's "
        f"score moves furthest off it. How often it is among {SIZE} titles of the history "
        f"({split_text(split)}): {listed}. Best are {_SHORTLISTS[best]}. The single title that the "
        f"language model finds likeliest is that cause in {share_text(first.value or 0.0)} of "
        f"cases ({figure_text(first)})."
    )


def _short_words(found: _Found) -> Iterator[str]:
    short = found.get((ALL_ASKED, "short_histories"))
    if short is not None and short.value is not None and short.value > _MUCH:
        yield (
            f"In {share_text(short.value)} of cases the history has no more than {SIZE} titles, so "
            "that any shortlist holds them all and only their order tells."
        )


def _control_words(found: _Found) -> Iterator[str]:
    """Say of each control where the language model's shortlist is clear of it."""
    for control, word in ((_RANDOM, "random"), (_SIMILAR, "similar")):
        told = [
            _compared(difference, _SHORTLISTS[control], words)
            for metric, words in _COMPARED.items()
            if (difference := found.get((_SURROGATE, f"{metric}_beyond_{word}"))) is not None
        ]
        if told:
            even = any(_REACHES in one for one in told)
            asked = " There, what is right comes from asking the recommender." if even else ""
            yield f"Beside {_SHORTLISTS[control]}, case by case: {'; '.join(told)}.{asked}"


def _compared(difference: Metric, control: str, words: str) -> str:
    gap = figure_text(difference)
    if difference.low is not None and difference.low > 0:
        return f"in {words}, the language model's do better, by {gap}"
    if difference.high is not None and difference.high < 0:
        return f"in {words}, the language model's do worse, by {gap}"
    return f"in {words}, {control} {_REACHES}, {gap}, reaches 0"


def _cost_words(found: _Found) -> Iterator[str]:
    told = [
        f"{words} takes {asked.value:.1f} questions per case and reaches a drop of "
        f"{figure_text(found.get((name, 'drop')))}"
        for name, words in ((_SURROGATE, f"these {SIZE}"), (ALL_ASKED, "every title"))
        if (asked := found.get((name, "questions"))) is not None
    ]
    if len(told) > 1:
        yield f"Asking the recommender about {told[0]}; about {told[1]}."


def swap_words(report: Report) -> list[str]:
    """Return whom texts from swapped vectors follow, or why that was not measured."""
    if report.run.mode == "behavior":
        why = "in behavior mode the language model is given titles alone"
        return [f"Swapped vectors were not measured: {why}."]
    found = {metric.metric: metric for metric in swap_metrics(report)}
    if not found:
        return []
    no_titles = (
        "The prompts of intention mode hold no titles of the history that could be followed."
    )
    lead = [no_titles] if report.run.mode == "intention" else []
    return [*lead, *_pair_words(found), *_other_words(found)]


def _pair_words(found: Mapping[str, Metric]) -> Iterator[str]:
    titles, vector = found.get("decides_as_titles"), found.get("decides_as_vector")
    if titles is None or vector is None or not titles.n:
        yield "No two users were found for whom the recommender decides differently on an item."
        return
    yield (
        "Written from the titles of one user and the recommender's vector of another, for whom it "
        f"decides otherwise, a text decides as for the titles' user in {figure_text(titles)} of "
        f"cases and as for the vector's user in {figure_text(vector)}."
    )
    own, other = found.get("names_of_titles"), found.get("names_of_vector")
    if own is not None and other is not None:
        yield (
            f"Of the titles that such a text names, the titles' user had {figure_text(own)} and "
            f"the vector's user {figure_text(other)}; a title may be of both."
        )


def _other_words(found: Mapping[str, Metric]) -> Iterator[str]:
    plain, other = found.get("agreement"), found.get("agreement_other")
    if other is None:
        yield (
            "Vectors of another recommender were not tried: this one keeps no weights of its own "
            "that could be put in random order."
        )
        return
    yield (
        "Written from the vectors of another recommender (its weights in random order), texts "
        f"decide as the recommender in {figure_text(other)} of cases, against {figure_text(plain)} "
        "from its own vectors."
    )
    first, strange = found.get("strongest_first"), found.get("strongest_first_other")
    if first is not None and strange is not None:
        yield (
            f"They name the strongest cause first in {figure_text(strange)} of cases, against "
            f"{figure_text(first)}; what remains does not come from the recommender's vectors."
        )
