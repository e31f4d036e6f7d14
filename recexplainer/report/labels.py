"""Labels for readers in place of the names used in code, and figures as text."""

from __future__ import annotations

from recexplainer.explanation.explainers.instructed import INSTRUCTION_TASK
from recexplainer.explanation.figures.abstention import KEPT_TASK, RISK_TASK
from recexplainer.explanation.figures.differences import DIFFERENCE_TASK, DIFFERENCE_TEST_TASK
from recexplainer.explanation.figures.shortlists import SHORTLIST_TASK
from recexplainer.explanation.figures.vector_swap import SWAP_TASK
from recexplainer.records import EXPLANATION_TASK, Metric
from recexplainer.targets.target_quality import TARGET_TASK

__all__ = [
    "BASELINES",
    "FIDELITY_TASKS",
    "FORM_NAMES",
    "NOT_MEASURED",
    "NOT_SCORED",
    "SPLIT_NAMES",
    "SUBJECTS",
    "figure_text",
    "interval_text",
    "seconds_text",
    "share_text",
    "split_text",
    "task_text",
    "value_text",
]

BASELINES = ("random", "popularity", "unaligned", "in_context")
SUBJECTS = (*BASELINES, "distilled", "behavior", "intention", "hybrid")
"""The distilled recommender is an upper mark, so a surrogate is not held against it."""

NOT_SCORED = "not scored"
NOT_MEASURED = "–"

SPLIT_NAMES = {
    "train": "training",
    "leave_one_out": "leave-one-out",
    "held_out_users": "held-out users",
}
FORM_NAMES = {
    "behavior": "behavior",
    "intention": "intention",
    "named": "vectors and offered titles",
    "combined": "hybrid (combined)",
}
FIDELITY_TASKS = {
    "next_item_retrieval": "Next-item retrieval",
    "item_ranking": "Item ranking",
    "interest_classification": "Interest classification",
    "item_discrimination": "Item discrimination",
    "instruction_following": "Instruction following",
    "history_reconstruction": "History reconstruction",
    "rationale": "Rationale",
}
"""The built-in tasks in which the surrogate answers as the target does, and their names."""
_TASKS = {
    **FIDELITY_TASKS,
    TARGET_TASK: "Target quality",
    EXPLANATION_TASK: "Explanation",
    KEPT_TASK: "Given explanation",
    RISK_TASK: "Risk-coverage",
    INSTRUCTION_TASK: "Instruction",
    DIFFERENCE_TASK: "Difference",
    SHORTLIST_TASK: "Shortlist",
    SWAP_TASK: "Vector swap",
    DIFFERENCE_TEST_TASK: "Adjusted p of the differences",
}


def task_text(task: str) -> str:
    """Return what a task is called in the report."""
    return _TASKS.get(task, task)


def split_text(split: str) -> str:
    """Return what a split is called in the report."""
    return SPLIT_NAMES.get(split, "all held-out moments" if split == "all" else split)


def value_text(metric: Metric | None) -> str:
    """Return the figure alone, such as ``0.68``."""
    if metric is None:
        return NOT_MEASURED
    return NOT_SCORED if metric.value is None else f"{metric.value:.{_decimals(metric)}f}"


def interval_text(metric: Metric | None) -> str:
    """Return the interval alone, such as ``[0.65, 0.71]``; empty where there is none."""
    if metric is None or metric.value is None or metric.low is None or metric.high is None:
        return ""
    places = _decimals(metric)
    return f"[{metric.low:.{places}f}, {metric.high:.{places}f}]"


def figure_text(metric: Metric | None) -> str:
    """Return the figure and its interval, such as ``0.68 [0.65, 0.71]``."""
    return f"{value_text(metric)} {interval_text(metric)}".rstrip()


def share_text(share: float) -> str:
    """Return a share of 1 as a percentage, never rounding a part away to nothing or to all."""
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{share:.0%}".replace("%", " %")


def seconds_text(seconds: float) -> str:
    """Return a duration as a person would say it, such as ``4 min 12 s``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def _decimals(metric: Metric) -> int:
    """Two places; three for a figure that two would blur, or whose interval two would hide."""
    value = metric.value or 0.0
    ends = [end for end in (metric.low, metric.high) if end is not None and end != value]
    hidden = any(f"{end:.2f}" == f"{value:.2f}" for end in ends)
    return 3 if hidden or 0 < abs(value) < 0.1 else 2
