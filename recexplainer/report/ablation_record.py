"""Record of an ablation: ``ablation.json`` exactly; page, Markdown and images are made from it."""

from __future__ import annotations

from typing import Final, Literal

from recexplainer.records import Figure
from recexplainer.records.outcomes import Record

__all__ = [
    "ABLATION_SCHEMA",
    "Ablation",
    "Difference",
    "RunOutcome",
    "VariantFacts",
    "VariantFigure",
]

ABLATION_SCHEMA: Final = 1


class RunOutcome(Record):
    """One run of a variant.

    Attributes:
        seed: of the run.
        folder: of the run, in that of the ablation.
        failure: what went wrong; None where the run was measured.
        examples: conversations that were taught.
        steps: updates of the surrogate.
        seconds: that its stages took, those that were taken over from another run included.
    """

    seed: int
    folder: str
    failure: str | None = None
    examples: int | None = None
    steps: int | None = None
    seconds: float | None = None


class VariantFacts(Record):
    """One variant: what it changes of the base, in words, and its runs."""

    name: str
    changes: tuple[str, ...]
    runs: tuple[RunOutcome, ...]

    @property
    def failures(self) -> tuple[RunOutcome, ...]:
        """The runs of which there is no figure."""
        return tuple(run for run in self.runs if run.failure is not None)


class Difference(Record):
    """A variant's mean difference to the base, question by question.

    Attributes:
        value, low, high: the mean, and its 95 % interval over users.
        n: questions that both were scored on, all seeds together.
        by_seed: seed to the mean of that seed.
        p: of the mean being 0 (``metrics.sign_flip_p``).
        adjusted_p: the same, corrected for all comparisons of the split (Benjamini-Hochberg).
    """

    value: float
    low: float | None
    high: float | None
    n: int
    by_seed: dict[int, float]
    p: float
    adjusted_p: float

    @property
    def clear(self) -> bool:
        """Whether it is hardly chance: also after the correction, and of one sign in all seeds."""
        signs = {value > 0 for value in self.by_seed.values()}
        return self.adjusted_p < 0.05 and len(signs) == 1


class VariantFigure(Record):
    """One figure of one variant, over all seeds.

    Attributes:
        variant: its name, or that of a baseline.
        task, metric, split: what was asked.
        value, low, high: mean over all answers of all seeds, and its 95 % interval over users.
        n: answers that were scored.
        unscored: answers that were not.
        by_seed: seed to the mean of that seed.
        difference: to the base; None for the base itself, and where there is nothing to pair.
    """

    variant: str
    task: str
    metric: str
    split: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    unscored: int
    by_seed: dict[int, float]
    difference: Difference | None = None


class Ablation(Record):
    """An ablation, whole.

    Attributes:
        name: of its folder.
        command: how it was asked for.
        dataset, target, backbone, mode: of the base.
        seeds: that were asked for.
        variants: the base first.
        declared: what each figure means.
        figures: of the variants, in the order of the tables.
        baselines: the same of those who learn nothing, such as ``random``, as the base met them.
        notes: what must be known to read the figures.
    """

    schema_version: Literal[1] = ABLATION_SCHEMA
    name: str
    command: str
    dataset: str
    target: str
    backbone: str
    mode: str
    seeds: tuple[int, ...]
    variants: tuple[VariantFacts, ...]
    declared: tuple[Figure, ...]
    figures: tuple[VariantFigure, ...]
    baselines: tuple[VariantFigure, ...]
    notes: tuple[str, ...] = ()
