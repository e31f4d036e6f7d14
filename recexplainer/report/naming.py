"""What a reader sees in place of the names used in code, and figures as text."""

from __future__ import annotations

from recexplainer.records import Metric
from recexplainer.report.model import (
    DIFFERENCE_TASK,
    EXPLANATION_TASK,
    INSTRUCTION_TASK,
    KEPT_TASK,
    RISK_TASK,
    TARGET_TASK,
)

__all__ = [
    "BASELINES",
    "FIDELITY_TASKS",
    "FORM_NAMES",
    "METRIC_ORDER",
    "NOT_MEASURED",
    "NOT_SCORED",
    "SPLIT_NAMES",
    "SUBJECTS",
    "TIED",
    "by_masking",
    "figure_text",
    "for_tables_only",
    "interval_text",
    "metric_note",
    "seconds_text",
    "share_text",
    "split_text",
    "task_text",
    "value_text",
]

BASELINES = ("random", "popularity", "unaligned")
SUBJECTS = (*BASELINES, "behavior", "intention", "hybrid")

TIED = "tied@10"
"""The metric of ``TARGET_TASK`` that tells how far f tells items apart."""
NOT_SCORED = "not scored"
NOT_MEASURED = "–"

SPLIT_NAMES = {
    "train": "training",
    "leave_one_out": "leave-one-out",
    "held_out_users": "held-out users",
}
FORM_NAMES = {"behavior": "behavior", "intention": "intention", "combined": "hybrid (combined)"}
FIDELITY_TASKS = {
    "next_item_retrieval": "Next-item retrieval",
    "item_ranking": "Item ranking",
    "interest_classification": "Interest classification",
    "item_discrimination": "Item discrimination",
    "instruction_following": "Instruction following",
    "history_reconstruction": "History reconstruction",
    "rationale": "Rationale",
}
"""The built-in tasks in which the surrogate answers as f does, and what they are called."""
_TASKS = {
    **FIDELITY_TASKS,
    TARGET_TASK: "Target quality",
    EXPLANATION_TASK: "Explanation",
    KEPT_TASK: "Given explanation",
    RISK_TASK: "Risk-coverage",
    INSTRUCTION_TASK: "Instruction",
    DIFFERENCE_TASK: "Difference",
}
_RETRIEVAL = ("hit@5", "ndcg@5", "hit@5_constrained", "ndcg@5_constrained")
_KINDS = {
    "direction": "which way a title pulls",
    "reason": "what the decision owes to",
    "together": "titles taken together",
    "strongest": "what counts most",
    "order": "an order of causes",
    "relevance": "an attribute as a reason",
    "no_cause": "that no single title is the cause",
    "attribute": "whose an attribute is",
}
"""Kind of claim to what it says."""
_CLAIMS = tuple(f"claims_true_{kind}" for kind in _KINDS)
_EXPLANATION = (
    "true_as_read",
    "decision_agreement",
    "grounding",
    "hallucination_rate",
    "faithfulness_drop",
    "refuted",
    "confidence",
    "risk",
    "coverage",
    "mended",
    "left_out",
    *_CLAIMS,
    "faithfulness_drop_shuffled",
    "faithfulness_drop_reinitialized",
    "comprehensiveness",
    "sufficiency",
    *(f"{name}@{masked}" for name in ("pos", "cndcg", "del", "ins") for masked in (1, 3)),
    "counterfactual_validity",
    "counterfactual_coverage",
    "decision_coverage",
    "distinction",
    "distinction_encoded",
    "simulatability",
    "simulatability_encoded",
    "judge_rating",
    "judge_agreement",
    "study_rating",
    "study_agreement",
)
_AREAS = ("area", "area_at_random", "area_not_refuted", "area_at_random_not_refuted")
_INSTRUCTION = tuple(
    f"instruction_{name}"
    for name in ("changed", "decision_kept", "followed", "followed_unasked", "kept_to")
)
_MASKING = {"comprehensiveness", "sufficiency", "pos", "cndcg", "del", "ins"}
_FOR_TABLES = _MASKING | {"refuted", "risk", *_CLAIMS}
METRIC_ORDER: tuple[tuple[str, str], ...] = (
    *(("next_item_retrieval", name) for name in _RETRIEVAL),
    ("item_ranking", "ndcg@5"),
    ("item_ranking", "kendall_tau"),
    ("interest_classification", "accuracy"),
    ("history_reconstruction", "history_coverage"),
    *((EXPLANATION_TASK, name) for name in _EXPLANATION),
    *((KEPT_TASK, name) for name in _EXPLANATION),
    *((RISK_TASK, name) for name in _AREAS),
    *((INSTRUCTION_TASK, name) for name in _INSTRUCTION),
    *((DIFFERENCE_TASK, name) for name in _EXPLANATION),
)
_NOTES: dict[tuple[str, str], str] = {
    ("next_item_retrieval", "hit@5"): "f's first choice is among 5 freely decoded titles",
    ("next_item_retrieval", "ndcg@5"): "as hit@5, worth more the earlier it is named",
    ("next_item_retrieval", "hit@5_constrained"): (
        "f's first choice is among 5 titles decoded over the catalogue"
    ),
    ("next_item_retrieval", "ndcg@5_constrained"): (
        "as hit@5_constrained, worth more the earlier it is named"
    ),
    ("item_ranking", "ndcg@5"): "five items in f's order, gains 1000, 100, 10, 1, 0",
    ("item_ranking", "kendall_tau"): "pairs in f's order minus pairs against it, as a share",
    ("interest_classification", "accuracy"): "yes or no as f says; guessing gives 0.5",
    ("history_reconstruction", "history_coverage"): "share of the history's titles that are named",
    (TARGET_TASK, "hit@10"): "the held-out item is among f's first 10",
    (TARGET_TASK, "ndcg@10"): "as hit@10, worth more the higher it ranks",
    (EXPLANATION_TASK, "true_as_read"): (
        "share of texts of which every claim holds on f, as a person reads it"
    ),
    **{
        (EXPLANATION_TASK, f"claims_true_{kind}"): (
            f"share of claims that hold, of those that say {words}"
        )
        for kind, words in _KINDS.items()
    },
    (EXPLANATION_TASK, "mended"): (
        "share of texts whose reasons did not hold and were put right by f's answers"
    ),
    (EXPLANATION_TASK, "left_out"): "share of texts that lost a sentence that does not hold",
    (TARGET_TASK, TIED): (
        "share of f's first 10 places that items of equal score share: no preference, any order"
    ),
    (EXPLANATION_TASK, "decision_agreement"): "the text decides as f does",
    (EXPLANATION_TASK, "grounding"): "share of cited titles and attributes that are real",
    (EXPLANATION_TASK, "hallucination_rate"): (
        "share of titles given as causes that are not in the history; lower is better"
    ),
    (EXPLANATION_TASK, "faithfulness_drop"): (
        "how much further f's score moves off its decision without the cited items than without "
        "as many others, in standard deviations of f's scores; 0 is chance"
    ),
    (EXPLANATION_TASK, "faithfulness_drop_shuffled"): (
        "control: the same where each item has the scores of another; must be about 0"
    ),
    (EXPLANATION_TASK, "faithfulness_drop_reinitialized"): (
        "control: the same where f's weights are in random order; must be about 0"
    ),
    (EXPLANATION_TASK, "comprehensiveness"): (
        "how far f's score moves off its decision without the cited items, in standard deviations "
        "of f's scores; higher is better"
    ),
    (EXPLANATION_TASK, "sufficiency"): (
        "how far it moves off its decision with only the cited items; lower is better"
    ),
    **{
        (EXPLANATION_TASK, f"{name}@{masked}"): f"{words} the {count}; {better} is better"
        for masked, count in ((1, "first cited item"), (3, "first three cited items"))
        for name, words, better in (
            ("pos", "share of items f recommends that it still does without", "lower"),
            ("cndcg", "1 / log2(1 + f's rank) of a recommended item without", "lower"),
            ("del", "change of f's score, in standard deviations, without", "lower"),
            ("ins", "change of f's score, in standard deviations, with only", "higher"),
        )
    },
    (EXPLANATION_TASK, "counterfactual_validity"): "share of stated what-ifs that hold on f",
    (EXPLANATION_TASK, "counterfactual_coverage"): "share of texts that state a what-if",
    (EXPLANATION_TASK, "decision_coverage"): "share of texts that state a decision",
    (EXPLANATION_TASK, "refuted"): (
        "share of texts that decide otherwise, claim what does not hold, or give no reason; "
        "lower is better"
    ),
    (EXPLANATION_TASK, "confidence"): (
        "mean share of shortened histories on which f bears the text out"
    ),
    (EXPLANATION_TASK, "risk"): (
        "how often f does not bear the text out when it is asked further; lower is better"
    ),
    (EXPLANATION_TASK, "coverage"): "share of texts that are given, not withheld",
    (RISK_TASK, "area"): "area under the risk-coverage curve; lower is better",
    (RISK_TASK, "area_at_random"): "the same where texts are withheld at random",
    (RISK_TASK, "area_not_refuted"): "area among texts that fail no check",
    (RISK_TASK, "area_at_random_not_refuted"): "the same where these are withheld at random",
    (INSTRUCTION_TASK, "instruction_changed"): "share of texts that differ from the plain ones",
    (INSTRUCTION_TASK, "instruction_decision_kept"): (
        "share of texts that decide as the plain ones do"
    ),
    (INSTRUCTION_TASK, "instruction_followed"): "share of texts that talk of the attribute",
    (INSTRUCTION_TASK, "instruction_followed_unasked"): ("the same of the plain texts, to compare"),
    (INSTRUCTION_TASK, "instruction_kept_to"): (
        "share of texts that talk of the attribute and of no other"
    ),
    (EXPLANATION_TASK, "distinction"): (
        "share of texts that a classifier of words ascribes to their writer, among all explainers"
    ),
    (EXPLANATION_TASK, "simulatability"): (
        "how much of f's score the words alone tell (R squared); 0 is nothing"
    ),
    (EXPLANATION_TASK, "distinction_encoded"): "distinction, by a classifier of encoded texts",
    (EXPLANATION_TASK, "simulatability_encoded"): (
        "simulatability, by a regression on encoded texts"
    ),
    (EXPLANATION_TASK, "judge_rating"): "mean grade of the judges, 1 to 4",
    (EXPLANATION_TASK, "judge_agreement"): (
        "how far the judges agree: Krippendorff's alpha, ordinal; 0 is chance, 1 is always"
    ),
    (EXPLANATION_TASK, "study_rating"): "mean grade by people, 1 to 4",
    (EXPLANATION_TASK, "study_agreement"): "how far the people agree, as judge_agreement",
}


def by_masking(name: str) -> bool:
    """Whether a figure of explanations tells what f says with some of the history masked."""
    return name.partition("@")[0] in _MASKING


def for_tables_only(name: str) -> bool:
    """Whether a figure is one of many on the same question, of use only beside the others."""
    return name.partition("@")[0] in _FOR_TABLES


def task_text(task: str) -> str:
    """Return what a task is called in the report."""
    return _TASKS.get(task, task)


def split_text(split: str) -> str:
    """Return what a split is called in the report."""
    return SPLIT_NAMES.get(split, "all held-out moments" if split == "all" else split)


def metric_note(task: str, metric: str) -> str:
    """Return in a few words what a metric measures; empty for metrics that we do not know."""
    return _NOTES.get((task, metric), "")


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
