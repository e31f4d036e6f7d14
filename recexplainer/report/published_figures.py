"""Published figures, shown beside a run's own for context; other data, so never a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

__all__ = [
    "CITATION",
    "PAPER_DATASETS",
    "PAPER_FIGURES",
    "PAPER_RATINGS",
    "PAPER_TABLE_2",
    "PaperDataset",
    "PaperFigure",
    "paper_figures",
]

CITATION = (
    "Lei et al., “RecExplainer: Aligning Large Language Models for Explaining Recommendation "
    "Models”, KDD 2024 (arXiv:2311.10947), Table 2"
)
PaperDataset: TypeAlias = Literal["Games", "Movies", "Steam"]
PAPER_DATASETS: tuple[PaperDataset, ...] = get_args(PaperDataset)


@dataclass(frozen=True, slots=True)
class PaperFigure:
    """One cell of the paper's Table 2: who, on which task and data set, and the value."""

    subject: str
    task: str
    metric: str
    dataset: PaperDataset
    value: float


PAPER_FIGURES = (
    PaperFigure("random", "item_ranking", "ndcg@5", "Games", 0.6153),
    PaperFigure("random", "item_ranking", "ndcg@5", "Movies", 0.6100),
    PaperFigure("random", "item_ranking", "ndcg@5", "Steam", 0.6139),
)

_COLUMNS = (
    ("next_item_retrieval", "hit@5"),
    ("item_ranking", "ndcg@5"),
    ("interest_classification", "accuracy"),
    ("history_reconstruction", "history_coverage"),
)
_BEST: Mapping[PaperDataset, tuple[float, ...]] = MappingProxyType(
    {
        "Games": (0.844, 0.846, 0.939, 0.133),
        "Movies": (0.904, 0.829, 0.840, 0.146),
        "Steam": (0.962, 0.908, 0.990, 0.071),
    }
)
"""The best of the paper's own surrogates in each of these columns, to three digits."""
PAPER_TABLE_2 = (
    *PAPER_FIGURES,
    *(
        PaperFigure("best surrogate", task, metric, dataset, value)
        for dataset, values in _BEST.items()
        for (task, metric), value in zip(_COLUMNS, values, strict=True)
    ),
)

PAPER_RATINGS: Mapping[str, Mapping[PaperDataset, float]] = MappingProxyType(
    {
        "Vicuna-7B": {"Games": 2.0703, "Movies": 2.0261, "Steam": 2.0341},
        "ChatGPT": {"Games": 1.9320, "Movies": 1.8360, "Steam": 1.9560},
        "behavior": {"Games": 2.3240, "Movies": 2.1360, "Steam": 2.4660},
        "intention": {"Games": 1.6653, "Movies": 1.4689, "Steam": 1.3394},
        "hybrid": {"Games": 2.5240, "Movies": 2.2204, "Steam": 2.4920},
    }
)
"""Mean grades that GPT-4 gave to the paper's explanations, from 1 to 4 (its table of ratings)."""


def paper_figures(task: str, metric: str) -> tuple[PaperFigure, ...]:
    """Return the paper's figures on ``metric`` of ``task``; empty where we quote none."""
    return tuple(f for f in PAPER_FIGURES if (f.task, f.metric) == (task, metric))
