"""Notes of a run on what was sized to the time: its corpus, its order, and who is measured."""

from __future__ import annotations

from collections.abc import Iterator

from recexplainer.alignment.example_forms import CorpusReport
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.pipeline.execution.corpus_size import drawn_for

__all__ = ["size_notes"]


def size_notes(bench: Bench, corpus: CorpusReport) -> Iterator[str]:
    """Yield a sentence for each thing that is less than all, or in an order of its own.

    Args:
        bench: of the run.
        corpus: what the alignment stage counted.
    """
    config = bench.config
    drawn = drawn_for(config, bench.plan.recipe)
    if drawn is not None:
        written = sum(sum(forms.values()) for forms in corpus.rows.values())
        ((measure, size),) = drawn.items()
        why = f"{'training' if measure == 'minutes' else 'about'} {size:g} {measure}"
        yield (
            f"The corpus is drawn, not whole ({why}): {written:,} conversations, in which tasks "
            "have shares by their weights and users take turns."
        )
    if config.training.order == "short-first":
        yield (
            "Short prompts came mostly first in training, long ones mostly last, since a second "
            "spent on short ones teaches more examples."
        )
    measured, whole = len(bench.evaluated), len(bench.split.evaluated)
    if measured < whole:
        yield (
            f"Fidelity is measured on {measured:,} of {whole:,} users (fidelity.users), of whom "
            f"up to {config.explanations.users:,} are explained to; intervals are wide where that "
            "is few."
        )
