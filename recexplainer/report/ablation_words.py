"""Sentences of an ablation: what it found, and what must be known to read it."""

from __future__ import annotations

from collections.abc import Iterator

from recexplainer.report.ablation_record import Ablation, Difference, VariantFigure
from recexplainer.report.charts.scaled_metrics import MAIN_SPLIT
from recexplainer.report.labels import task_text

__all__ = ["ablation_findings", "difference_text", "failure_lines", "opening", "signed"]

_TOLD = 3
"""So many figures of a variant are told in its sentence; the table has all."""


def opening(ablation: Ablation) -> str:
    """Return what was run, in one sentence."""
    variants, seeds = len(ablation.variants) - 1, len(ablation.seeds)
    return (
        f"{_count(variants, 'variant')} of one configuration ({ablation.mode} alignment of "
        f"{ablation.backbone} to {ablation.target} on {ablation.dataset}), with "
        f"{_count(seeds, 'seed')} ({', '.join(map(str, ablation.seeds))}); each asked the same "
        "questions as the base with the same seed."
    )


def ablation_findings(ablation: Ablation) -> Iterator[str]:
    """Yield a sentence on each variant: what is clearly other than in the base, widest first."""
    base = ablation.variants[0].name
    for variant in ablation.variants[1:]:
        compared = [
            (figure, figure.difference)
            for figure in ablation.figures
            if figure.variant == variant.name
            and figure.split == MAIN_SPLIT
            and figure.difference is not None
        ]
        if not compared:
            yield f"{variant.name}: not compared with {base}; it has no figures, or the base none"
            continue
        clear = sorted((p for p in compared if p[1].clear), key=lambda pair: -abs(pair[1].value))
        told = "; ".join(_told(*pair) for pair in clear[:_TOLD])
        count = f"{len(clear) or 'none'} of {_count(len(compared), 'difference')} to {base}"
        yield f"{variant.name}: {count} {'is' if len(clear) < 2 else 'are'} clear" + (
            f"{', first' if len(clear) > _TOLD else ''}: {told}" if clear else ""
        )


def failure_lines(ablation: Ablation) -> Iterator[str]:
    """Yield which runs failed, and why."""
    for variant in ablation.variants:
        for run in variant.failures:
            yield f"{variant.name}, seed {run.seed} failed: {run.failure}"


def difference_text(difference: Difference | None) -> str:
    """Return a difference with its interval, such as ``-0.12 [-0.15, -0.09]``; * where clear."""
    if difference is None:
        return ""
    interval = ""
    if difference.low is not None and difference.high is not None:
        interval = f" [{signed(difference.low)}, {signed(difference.high)}]"
    return f"{signed(difference.value)}{interval}{' *' if difference.clear else ''}"


def signed(value: float) -> str:
    """Return a difference with its sign, such as ``+0.120``."""
    return f"{value:+.3f}".replace("-", "−")


def _told(figure: VariantFigure, difference: Difference) -> str:
    change = difference_text(difference).removesuffix(" *")
    return f"{figure.metric} of {task_text(figure.task)} {change}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
