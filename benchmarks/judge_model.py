"""A real chat model as the judge of a finished run: every answer accounted for, and what it costs.

A stratified sample of the run's cases is graded, the texts of the named explainers about each; by
the paper's rubric, and of the first ``--reworded`` cases by the same rubric in other words too. The
answers are kept in ``--answers``: stopped and started again, it goes on.

Usage: python benchmarks/judge_model.py RUN --model NAME --base-url URL [--cases 60]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from measuring import RESULTS, describe_machine, write_result

import recexplainer
from recexplainer.chat import ANSWERS, Answer, ChatOptions
from recexplainer.judging.agreement import JUDGES, agreement_metrics
from recexplainer.judging.case_sample import sample_cases
from recexplainer.judging.chat import NAME, REWORDED_NAME, ChatJudge
from recexplainer.judging.offline import OfflineJudge, OfflineOptions
from recexplainer.judging.ratings import rating_metrics
from recexplainer.judging.rubric import REWORDED
from recexplainer.plugins.interfaces import JudgeKit
from recexplainer.records import Case, Explanation, Metric, Verdict
from recexplainer.runs.progress_lines import console_progress


def main() -> None:
    """Ask, and keep and print the figures."""
    asked = _arguments()
    run = recexplainer.load(asked.run)
    known = {one.explainer for one in run.explanations}
    if not known.issuperset(asked.explainers):
        sys.exit(f"--explainers: the run has {', '.join(sorted(known))}")
    given = {(one.case, one.explainer) for one in run.given}
    first = run.explanations[0].explainer
    drawn = sample_cases(
        run.cases,
        asked.cases,
        0,
        lambda case: (case.decision, case.split, (case.id, first) in given),
    )
    texts = {(one.case, one.explainer): one for one in run.explanations}
    pairs = [(case, texts[case.id, name]) for case in drawn for name in asked.explainers]
    options = ChatOptions(
        model=asked.model,
        base_url=asked.base_url,
        timeout=3600,
        concurrency=asked.concurrency,
        max_tokens=asked.max_tokens,
    )
    kit = JudgeKit(run.catalogue, folder=asked.answers, progress=console_progress())
    verdicts = list(ChatJudge(options, kit).grade(pairs))
    again = [pair for pair in pairs if pair[0] in drawn[: asked.reworded]]
    reworded = list(ChatJudge(options, kit, REWORDED_NAME, REWORDED).grade(again))
    result = {
        "machine": describe_machine(),
        "model": asked.model,
        "cases": len(drawn),
        "explainers": asked.explainers,
        "seconds_and_tokens": _cost(asked.answers),
        **_figures(pairs, verdicts, reworded),
    }
    write_result(asked.result, result)
    for name, value in result.items():
        print(f"{name}: {value}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--reworded", type=int, default=60)
    parser.add_argument("--explainers", nargs="+", required=True)
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--max-tokens", type=int, default=600)
    parser.add_argument("--answers", type=Path, default=Path("judge-answers"))
    parser.add_argument("--result", type=Path, default=RESULTS / "judge_model.json")
    return parser.parse_args()


def _figures(
    pairs: Sequence[tuple[Case, Explanation]],
    verdicts: Sequence[Verdict],
    reworded: Sequence[Verdict],
) -> dict[str, Any]:
    cases = list(dict.fromkeys(case for case, _ in pairs))
    by_rules = list(OfflineJudge(OfflineOptions()).grade(pairs))
    shared = {(one.case, one.explainer) for one in reworded}
    first = [one for one in verdicts if (one.case, one.explainer) in shared]
    return {
        "answers": {
            name: _accounted(found) for name, found in ((NAME, verdicts), (REWORDED_NAME, reworded))
        },
        "ratings": {
            name: {metric.subject: _shown(metric) for metric in rating_metrics(found, whole, 0)}
            for name, found in ((NAME, verdicts), (REWORDED_NAME, reworded), ("offline", by_rules))
            for whole in [[case.model_copy(update={"split": "all"}) for case in cases]]
        },
        "agreement_of_wordings": _agreement([*first, *reworded], cases),
        "agreement_with_offline": _agreement([*verdicts, *by_rules], cases),
    }


def _accounted(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Return how many texts got each grade, and why the others got none."""
    found = Counter(
        f"grade {one.grade}" if one.grade is not None else one.reason.split(";")[0]
        for one in verdicts
    )
    return dict(sorted(found.items()))


def _agreement(verdicts: Sequence[Verdict], cases: Sequence[Case]) -> dict[str, Any]:
    whole = [case.model_copy(update={"split": "all"}) for case in cases]
    return {
        metric.metric: _shown(metric) for metric in agreement_metrics(verdicts, whole, 0, JUDGES)
    } | {"the_same_grade": _same(verdicts)}


def _same(verdicts: Sequence[Verdict]) -> float | None:
    """Return how often two judges give a text the same grade."""
    grades: dict[tuple[str, str], list[int]] = {}
    for one in verdicts:
        if one.grade is not None:
            grades.setdefault((one.case, one.explainer), []).append(one.grade)
    both = [two for two in grades.values() if len(two) == 2]
    return round(float(np.mean([a == b for a, b in both])), 3) if both else None


def _shown(metric: Metric) -> dict[str, float | int | None]:
    rounded = {
        name: None if value is None else round(value, 3)
        for name, value in (("value", metric.value), ("low", metric.low), ("high", metric.high))
    }
    return {**rounded, "n": metric.n, "unscored": metric.unscored}


def _cost(folder: Path) -> dict[str, float]:
    """Return what the kept answers took: medians of seconds, and tokens in all."""
    lines = (folder / ANSWERS).read_text(encoding="utf-8").splitlines()
    answers = [Answer.model_validate(json.loads(line)["payload"]) for line in lines]
    seconds = np.array([answer.seconds for answer in answers])
    out = np.array([answer.tokens_out for answer in answers])
    return {
        "answers": len(answers),
        "seconds_median": round(float(np.median(seconds)), 1),
        "seconds_90_percent": round(float(np.quantile(seconds, 0.9)), 1),
        "tokens_in_median": float(np.median([answer.tokens_in for answer in answers])),
        "tokens_cached_median": float(np.median([answer.tokens_cached for answer in answers])),
        "tokens_out_median": float(np.median(out)),
        "tokens_out_per_second": round(float(out.sum() / seconds.sum()), 2),
    }


if __name__ == "__main__":
    main()
