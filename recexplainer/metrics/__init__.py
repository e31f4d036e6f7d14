"""Measures as small pure functions of titles, labels and numbers; none knows who answered."""

from recexplainer.metrics.histories import coverage
from recexplainer.metrics.intervals import Bounds, bootstrap_interval
from recexplainer.metrics.label_accuracy import accuracy
from recexplainer.metrics.ranking import PAPER_GAINS, kendall_tau, ndcg_ranking
from recexplainer.metrics.ratios import ratio_interval
from recexplainer.metrics.retrieval import hit, ndcg_single
from recexplainer.metrics.selective_risk import area_interval, area_under_risk, risk_steps
from recexplainer.metrics.sign_flips import sign_flip_p
from recexplainer.metrics.summarized import summarize
from recexplainer.metrics.title_lists import fold, join_titles, same_title, split_titles

__all__ = [
    "PAPER_GAINS",
    "Bounds",
    "accuracy",
    "area_interval",
    "area_under_risk",
    "bootstrap_interval",
    "coverage",
    "fold",
    "hit",
    "join_titles",
    "kendall_tau",
    "ndcg_ranking",
    "ndcg_single",
    "ratio_interval",
    "risk_steps",
    "same_title",
    "sign_flip_p",
    "split_titles",
    "summarize",
]
