"""Figures of variants beside the base: means over all seeds, and differences by question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from recexplainer.metrics import sign_flip_p, summarize
from recexplainer.records import Figure
from recexplainer.report.ablation_record import Difference, VariantFigure

__all__ = ["Answers", "Question", "variant_figures"]

Question: TypeAlias = tuple[str, str]
"""A user and the question about them; the same in every variant of one seed."""
Answers: TypeAlias = Mapping[tuple[str, str, str], Mapping[Question, float | None]]
"""Task, metric and split to the value of each answer; None was not scored."""


@dataclass(frozen=True)
class _Pooled:
    """Values of one figure, of all seeds."""

    seeds: Sequence[int]
    users: Sequence[str]
    values: Sequence[float | None]

    @classmethod
    def of(cls, by_seed: Mapping[int, Mapping[Question, float | None]]) -> _Pooled:
        rows = [
            (seed, user, value)
            for seed, answers in by_seed.items()
            for (user, _), value in answers.items()
        ]
        return cls([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])

    def means(self) -> dict[int, float]:
        """Return seed to the mean of what was scored."""
        scored: dict[int, list[float]] = {}
        for seed, value in zip(self.seeds, self.values, strict=True):
            if value is not None:
                scored.setdefault(seed, []).append(value)
        return {seed: float(np.mean(values)) for seed, values in scored.items()}


def variant_figures(
    answers: Mapping[str, Mapping[int, Answers]],
    declared: Mapping[tuple[str, str], Figure],
    base: str | None,
    seed: int,
) -> list[VariantFigure]:
    """Return every figure of every variant, with its difference to the base.

    A user's answers to all seeds count as one group: their interval says what other users would
    change, and not what other seeds would.

    Args:
        answers: variant to seed to graded answers.
        declared: what is known of the figures, by task and metric.
        base: the variant that the others are compared with, by question and seed; None for none.
        seed: makes intervals and p values repeatable.
    """
    names = _in_order(
        {name for one in answers.values() for seeds in one.values() for name in seeds}, declared
    )
    found = []
    for name in names:
        figure = declared.get(name[:2], Figure(task=name[0], metric=name[1]))
        for variant, by_seed in answers.items():
            own = {number: told[name] for number, told in by_seed.items() if name in told}
            if not own:
                continue
            difference = None
            if base is not None and variant != base and figure.better is not None:
                others = {k: told[name] for k, told in answers[base].items() if name in told}
                difference = _difference(own, others, figure, seed)
            found.append(_figure(variant, name, own, figure, difference, seed))
    return _adjusted(found)


def _in_order(
    names: set[tuple[str, str, str]], declared: Mapping[tuple[str, str], Figure]
) -> Iterator[tuple[str, str, str]]:
    """Yield the figures as they are declared, split by split; others come last."""
    place = {name: number for number, name in enumerate(declared)}
    yield from sorted(names, key=lambda name: (place.get(name[:2], len(place)), name))


def _figure(
    variant: str,
    name: tuple[str, str, str],
    by_seed: Mapping[int, Mapping[Question, float | None]],
    figure: Figure,
    difference: Difference | None,
    seed: int,
) -> VariantFigure:
    pooled = _Pooled.of(by_seed)
    mean = summarize(
        figure, pooled.values, subject=variant, split=name[2], seed=seed, groups=pooled.users
    )
    task, metric, split = name
    return VariantFigure(
        variant=variant,
        task=task,
        metric=metric,
        split=split,
        value=mean.value,
        low=mean.low,
        high=mean.high,
        n=mean.n,
        unscored=mean.unscored,
        by_seed=pooled.means(),
        difference=difference,
    )


def _difference(
    own: Mapping[int, Mapping[Question, float | None]],
    base: Mapping[int, Mapping[Question, float | None]],
    figure: Figure,
    seed: int,
) -> Difference | None:
    """Return the mean difference over the questions that both were scored on, if there are any."""
    paired = {
        number: {
            question: value - other
            for question, value in answers.items()
            if value is not None and (other := base.get(number, {}).get(question)) is not None
        }
        for number, answers in own.items()
    }
    pooled = _Pooled.of(paired)
    values = [value for value in pooled.values if value is not None]
    if not values:
        return None
    width = None if figure.bounds is None else figure.bounds[1] - figure.bounds[0]
    between = figure.again(figure.task, None if width is None else (-width, width))
    mean = summarize(between, values, subject="", split="", seed=seed, groups=pooled.users)
    p = sign_flip_p(values, pooled.users, seed=seed)
    return Difference(
        value=sum(values) / len(values),
        low=mean.low,
        high=mean.high,
        n=mean.n,
        by_seed=pooled.means(),
        p=p,
        adjusted_p=p,
    )


def _adjusted(figures: Sequence[VariantFigure]) -> list[VariantFigure]:
    """Return the figures with p values corrected for all comparisons of their split."""
    from scipy.stats import false_discovery_control

    found = list(figures)
    compared: dict[str, list[tuple[int, Difference]]] = {}
    for place, one in enumerate(found):
        if one.difference is not None:
            compared.setdefault(one.split, []).append((place, one.difference))
    for pairs in compared.values():
        adjusted = false_discovery_control([difference.p for _, difference in pairs])
        for (place, difference), p in zip(pairs, adjusted.tolist(), strict=True):
            corrected = difference.model_copy(update={"adjusted_p": p})
            found[place] = found[place].model_copy(update={"difference": corrected})
    return found
