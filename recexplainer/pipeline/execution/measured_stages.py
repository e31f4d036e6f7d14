"""Stages that measure a trained surrogate: fidelity and explanations.

Only the stage table calls them. Each may find in its folder what an interrupted run left.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from recexplainer.pipeline.execution.baseline_rows import (
    baseline_subjects,
    shots_of,
    speaker_subject,
)
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.chat_rows import chat_subjects
from recexplainer.pipeline.execution.cut_prompts import cuts_kept
from recexplainer.pipeline.execution.plan import Part
from recexplainer.pipeline.execution.stage_files import (
    ANSWERS,
    CASES,
    EXAMPLES,
    EXPLANATIONS,
    METRICS,
)
from recexplainer.pipeline.execution.surrogate_controls import control_metrics
from recexplainer.pipeline.execution.withheld_texts import (
    ACCOUNTS,
    account_explainers,
    own_accounts,
)
from recexplainer.plugins.interfaces import AnswerKind
from recexplainer.records import Case, Explanation
from recexplainer.runs.artifacts import write_records
from recexplainer.runs.journal import Journal

if TYPE_CHECKING:
    from recexplainer.explanation.figures.distinction import Encode

__all__ = ["measure_fidelity", "write_explanations"]

_SPARE_TOKENS = 4


def measure_fidelity(bench: Bench, folder: Path) -> None:
    """Compare the surrogate's answers, and those of baselines, with the target's."""
    from recexplainer.evaluation import fidelity

    _write_examples(bench, folder)
    config, limits = bench.config, _answer_limits(bench)
    tasks = list(bench.measured_tasks.values())
    shots = shots_of(bench, tasks)
    aligned = speaker_subject(bench, bench.speaker, limits)
    with (
        cuts_kept(bench, folder),
        chat_subjects(bench, bench.examples, shots) as chats,
        Journal(folder / ANSWERS) as journal,
    ):
        metrics = fidelity.measure_fidelity(
            [*baseline_subjects(bench, folder, limits, shots), aligned, *chats],
            tasks,
            bench.examples,
            bench.evaluated,
            bench.catalogue,
            journal=journal,
            batch_size=4 * config.fidelity.batch_size,
            seed=config.seed,
            progress=bench.progress,
        )
    write_records(folder / METRICS, metrics)


def _write_examples(bench: Bench, folder: Path) -> None:
    """Keep the questions about the evaluated contexts, with the target's answers."""
    from recexplainer.alignment.corpus import evaluation_examples
    from recexplainer.alignment.examples import save_examples
    from recexplainer.alignment.modes import evaluation_form, render

    examples = evaluation_examples(
        list(bench.measured_tasks.values()),
        contexts=bench.evaluated,
        excluded=bench.seen,
        target=bench.target,
        catalogue=bench.catalogue,
        seed=bench.config.seed,
        progress=bench.progress,
    )
    # Behavior prompts cannot carry a vector, so what asks about one alone is not measured there.
    form = evaluation_form(bench.config.alignment.mode)
    askable = [
        example
        for example in examples
        if render(example.question, bench.evaluated, bench.catalogue, form)
    ]
    save_examples(askable, folder / EXAMPLES)


def _answer_limits(bench: Bench) -> dict[AnswerKind, int]:
    """Return how many tokens answers may take: the longest reference's, and a few to spare."""
    limits: dict[AnswerKind, int] = {}
    for task in bench.measured_tasks.values():
        answers = [example.answer for example in bench.examples if example.task == task.name]
        if task.answer_kind and answers:
            longest = bench.speaker.longest(answers) + _SPARE_TOKENS
            limits[task.answer_kind] = max(longest, limits.get(task.answer_kind, 0))
    return limits


def write_explanations(bench: Bench, folder: Path) -> None:
    """Explain positive and negative cases and check every explanation against the target."""
    from recexplainer.explanation.cases import draw_cases
    from recexplainer.explanation.checks.checker import check_explanations
    from recexplainer.explanation.figures.differences import difference_metrics, difference_tests
    from recexplainer.explanation.figures.distinction import wording_metrics
    from recexplainer.explanation.figures.measures import explanation_metrics

    config = bench.config
    cases = draw_cases(
        bench.oracle,
        bench.evaluated,
        bench.seen,
        users=config.explanations.users,
        seed=config.seed,
    )
    write_records(folder / CASES, cases)
    with cuts_kept(bench, folder), Journal(folder / "texts.jsonl") as journal:
        written = [
            explanation
            for part in bench.plan.explainers
            for explanation in _explain(bench, part, cases, journal)
        ]
    encode = _text_encoder(bench)
    checked = check_explanations(
        written, cases, bench.oracle, seed=config.seed, progress=bench.progress
    )
    checked = _checked_together(bench, checked, cases, encode)
    write_records(folder / EXPLANATIONS, checked)
    if not account_explainers(bench):
        write_records(folder / ACCOUNTS, own_accounts(bench, cases))
    controls = control_metrics(bench, cases)
    figures = explanation_metrics(checked, cases, config.seed)
    differences = difference_metrics(checked, cases, config.seed)
    tests = difference_tests(checked, cases, config.seed)
    wordings = wording_metrics(checked, cases, config.seed, encode)
    write_records(folder / METRICS, [*figures, *wordings, *differences, *tests, *controls])


def _checked_together(
    bench: Bench, checked: list[Explanation], cases: list[Case], encode: Encode | None
) -> list[Explanation]:
    """Return the texts with the checks that take all of them together.

    What a text foretells of other items, of whom else it holds, and which history it tells.
    """
    from recexplainer.explanation.figures.reconstruction import rebuild_vectors
    from recexplainer.explanation.figures.simulation import simulate
    from recexplainer.explanation.figures.specificity import put_to_others

    seed, shown = bench.config.seed, bench.progress
    told = simulate(checked, cases, bench.oracle, seed=seed, progress=shown)
    told = put_to_others(told, cases, bench.oracle, bench.reader, seed=seed, progress=shown)
    return rebuild_vectors(told, cases, bench.target, bench.catalogue, seed=seed, encode=encode)


def _text_encoder(bench: Bench) -> Encode | None:
    model = bench.config.explanations.text_encoder
    if model is None:
        return None
    from recexplainer.explanation.figures.text_encoder import TextEncoder

    return TextEncoder(model, bench.progress)


def _explain(
    bench: Bench, part: Part, cases: list[Case], journal: Journal
) -> Iterator[Explanation]:
    """Yield one explanation per case; those already in the journal are not asked for again."""
    missing = [case for case in cases if not journal.seen(f"{part.name}/{case.id}")]
    if missing:
        instruction = bench.config.explanations.instruction
        with bench.progress.bar(f"explanations by {part.name}", len(cases)) as bar:
            bar.advance(len(cases) - len(missing))
            written = bench.explain(part, missing, instruction)
            for case, explanation in zip(missing, written, strict=True):
                journal.append(f"{part.name}/{case.id}", explanation.model_dump(mode="json"))
                bar.advance()
    for case in cases:
        yield Explanation.model_validate(journal.get(f"{part.name}/{case.id}"))
