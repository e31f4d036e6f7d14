"""Verdicts stage: every judge grades the explanations, or those of a sample of the cases.

Only the stage table calls it. What chat judges answered is kept beside the stages.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from recexplainer.errors import StageError
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.plan import Part
from recexplainer.pipeline.execution.stage_files import METRICS, VERDICTS
from recexplainer.plugins.interfaces import JudgeKit
from recexplainer.records import Case, Explanation, Progress, Verdict
from recexplainer.runs.artifacts import write_records

__all__ = ["judge_explanations"]

_KINDS = 5
_QUOTED = 120
"""Characters of a reason that are shown."""


def judge_explanations(bench: Bench, folder: Path) -> None:
    """Have every judge grade the explanations of all explainers about the same cases.

    Raises:
        StageError: a judge was asked and could grade nothing.
    """
    from recexplainer.judging.agreement import JUDGES, agreement_metrics
    from recexplainer.judging.ratings import rating_metrics

    cases = _graded_cases(bench)
    place = {case.id: number for number, case in enumerate(cases)}
    explanations = [one for one in bench.explanations() if one.case in place]
    if bench.config.judging.cases is not None:  # a judge that is stopped has met all kinds
        explanations.sort(key=lambda one: place[one.case])
    pairs = [(cases[place[one.case]], one) for one in explanations]
    verdicts = [verdict for part in bench.plan.judges for verdict in _grades(bench, part, pairs)]
    write_records(folder / VERDICTS, verdicts)
    ratings = rating_metrics(verdicts, cases, bench.config.seed)
    agreement = agreement_metrics(verdicts, cases, bench.config.seed, JUDGES)
    write_records(folder / METRICS, [*ratings, *agreement])


def _graded_cases(bench: Bench) -> list[Case]:
    """Return all cases, or a sample of them by decision, split and whether the text is given."""
    from recexplainer.explanation.figures.abstention import abstains
    from recexplainer.judging.case_sample import expected_intervals, sample_cases

    cases, count = bench.cases(), bench.config.judging.cases
    if count is None:
        return cases
    explanations = bench.explanations()
    first = explanations[0].explainer if explanations else ""
    withheld = {one.case for one in explanations if one.explainer == first and abstains(one, 0.0)}
    drawn = sample_cases(
        cases,
        count,
        bench.config.seed,
        lambda case: (case.decision, case.split, case.id in withheld),
    )
    bench.progress.note(
        f"{len(drawn)} of {len(cases)} cases are graded, drawn by decision, split and whether the "
        f"text of {first} is given; a mean's 95 % interval is to be expected within "
        f"{expected_intervals(drawn)}"
    )
    return drawn


def _grades(bench: Bench, part: Part, pairs: Sequence[tuple[Case, Explanation]]) -> list[Verdict]:
    kit = JudgeKit(bench.catalogue, bench.config.seed, bench.folder.path / "judges", bench.progress)
    judge, verdicts = part.provider.build(part.options, kit), list[Verdict]()
    with bench.progress.bar(f"grades by {part.name}", len(pairs)) as bar:
        for verdict in judge.grade(pairs):
            verdicts.append(verdict)
            bar.advance()
    _account_for(part.name, verdicts, pairs, bench.progress)
    return verdicts


def _account_for(
    judge: str,
    verdicts: Sequence[Verdict],
    pairs: Sequence[tuple[Case, Explanation]],
    progress: Progress,
) -> None:
    """Say how many texts a judge could not grade, and why. Raises StageError if it is all."""
    from recexplainer.judging.prompt import known_grade

    asked = [
        verdict for verdict, pair in zip(verdicts, pairs, strict=True) if known_grade(*pair) is None
    ]
    reasons = [verdict.reason for verdict in asked if verdict.grade is None]
    if not reasons:
        return
    if len(reasons) == len(asked):
        raise StageError(
            f"{judge} graded none of {len(asked):,} explanations: {_kinds(reasons)}. What it "
            "answered is kept; the same command asks for the rest"
        )
    progress.note(f"{judge}: {len(reasons):,} of {len(asked):,} not scored: {_kinds(reasons)}")


def _kinds(reasons: Sequence[str]) -> str:
    """Return how often each kind of reason is given, with the details of the first."""
    split = [re.split(r"[;:] ", reason, maxsplit=1) for reason in reasons]
    details = {kind: "".join(rest) for kind, *rest in reversed(split)}
    return ", ".join(
        f"{count:,} x {kind}" + (f" ({details[kind][:_QUOTED]})" if details[kind] else "")
        for kind, count in Counter(kind for kind, *_ in split).most_common(_KINDS)
    )
