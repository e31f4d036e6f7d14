"""Published figures, shown beside a run's own for context; other data, so never a comparison."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CITATION", "PAPER_FIGURES", "PaperFigure", "paper_figures"]

CITATION = (
    "Lei et al., “RecExplainer: Aligning Large Language Models for Explaining Recommendation "
    "Models”, KDD 2024 (arXiv:2311.10947), Table 2"
)


@dataclass(frozen=True, slots=True)
class PaperFigure:
    """One cell of the paper's Table 2: who, on which task and data set, and the value."""

    subject: str
    task: str
    metric: str
    dataset: str
    value: float


PAPER_FIGURES = (
    PaperFigure("random", "item_ranking", "ndcg@5", "Games", 0.6153),
    PaperFigure("random", "item_ranking", "ndcg@5", "Movies", 0.6100),
    PaperFigure("random", "item_ranking", "ndcg@5", "Steam", 0.6139),
)


def paper_figures(task: str, metric: str) -> tuple[PaperFigure, ...]:
    """Return the paper's figures on ``metric`` of ``task``; empty where we quote none."""
    return tuple(f for f in PAPER_FIGURES if (f.task, f.metric) == (task, metric))
