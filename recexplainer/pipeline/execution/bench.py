"""Bench of a run: what its stages share, read from their folders or built when first needed.

A run that resumes with everything done touches none of it, and so loads no torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recexplainer.errors import WishError
from recexplainer.pipeline.execution.instructable_parts import (
    instruction_refusal,
    takes_instruction,
)
from recexplainer.pipeline.execution.plan import Part, Plan
from recexplainer.pipeline.execution.speakers import build_speaker
from recexplainer.pipeline.execution.stage_files import (
    CASES,
    EXAMPLES,
    EXPLANATIONS,
    SCORE_VECTORS,
    WEIGHTS,
)
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.interfaces import (
    AlignmentTask,
    Explainer,
    ExplainerKit,
    LatentTarget,
    Speaker,
    Target,
    TargetKit,
    TaskKit,
    VectorSource,
)
from recexplainer.records import (
    Case,
    Catalogue,
    Context,
    Example,
    Explanation,
    Form,
    InteractionLog,
    Progress,
    Rendered,
    Split,
    Written,
)
from recexplainer.runs.artifacts import read_records
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.memory import reuse_memory
from recexplainer.runs.steps import StageName
from recexplainer.surrogate.corpus.training_files import INITIAL, TRAINED

if TYPE_CHECKING:
    from recexplainer.data.split import LogSplit
    from recexplainer.explanation.claims.reader import ClaimReader
    from recexplainer.oracle import Oracle
    from recexplainer.surrogate.corpus.truncation import Cut
    from recexplainer.surrogate.generation.surrogate_speaker import SurrogateSpeaker

__all__ = ["Bench"]


class Bench:
    """The shared parts of one run.

    Args:
        plan: the checked configuration.
        folder: the run folder.
        progress: where long work reports.
    """

    def __init__(self, plan: Plan, folder: RunFolder, progress: Progress) -> None:
        self.plan, self.config = plan, plan.config
        self.folder, self.progress = folder, progress
        self.note_cut: Callable[[str, Rendered, Cut], None] | None = None
        """Told which speaker was given a prompt that was too long, while a stage counts them."""

    @cached_property
    def log(self) -> InteractionLog:
        """The prepared data set of stage 1."""
        from recexplainer.data.stored_log import load_log

        return load_log(self.folder_of("dataset"))

    @property
    def catalogue(self) -> Catalogue:
        """The items."""
        return self.log.catalogue

    @cached_property
    def split(self) -> LogSplit:
        """Who learns from what."""
        from recexplainer.data.split import split

        return split(
            self.log,
            max_history=self.config.dataset.max_history,
            held_out_users=self.config.dataset.held_out_users,
            seed=self.config.seed,
        )

    @cached_property
    def split_of_user(self) -> Mapping[str, Split]:
        """The split that each user is evaluated in."""
        return {context.user: context.split for context in self.split.evaluated}

    def forget_answers(self) -> None:
        """Forget what the target and the surrogate answered, so that all is asked anew."""
        for memory in ("oracle", "remembering"):
            self.__dict__.pop(memory, None)

    def seen(self, context: Context) -> Sequence[str]:
        """Return all items that the context's user had before it."""
        return self.log.histories[context.user][: context.end]

    @property
    def target_kit(self) -> TargetKit:
        """What targets are built with."""
        return TargetKit(self.catalogue, self.config.dataset.max_history, self.config.seed)

    def build_target(self) -> Target:
        """Return the target, not trained yet."""
        built: Target = self.plan.target.provider.build(self.plan.target.options, self.target_kit)
        return built

    @cached_property
    def target(self) -> Target:
        """The target, as stage 2 saved it."""
        target = self.build_target()
        target.load(self.folder_of("target") / WEIGHTS)
        return target

    @cached_property
    def oracle(self) -> Oracle:
        """Asks the target, and remembers what it answered in this process."""
        from recexplainer.oracle import Oracle

        return Oracle(self.target, self.catalogue)

    @cached_property
    def vectors(self) -> VectorSource:
        """The vectors that the surrogate learns from: the target's own, or found in its scores."""
        from recexplainer.oracle import ScoreVectors

        found = self.folder_of("alignment") / SCORE_VECTORS
        if self.plan.finds_vectors and found.exists():
            return ScoreVectors.load(found, self.oracle)
        return self.vectors_of(self.target)

    def vectors_of(self, target: Target) -> VectorSource:
        """Return the vectors of a target like the run's: its own, or found in its scores."""
        from recexplainer.oracle import Oracle, ScoreVectors

        if not self.plan.finds_vectors and isinstance(target, LatentTarget):
            return target
        histories = [context.history for context in self.split.train]
        return ScoreVectors.of(Oracle(target, self.catalogue), histories, self.config.seed)

    @cached_property
    def reader(self) -> ClaimReader:
        """Reads what texts claim."""
        from recexplainer.explanation.claims.reader import ClaimReader

        return ClaimReader(self.catalogue)

    @cached_property
    def tasks(self) -> dict[str, tuple[AlignmentTask, float]]:
        """The alignment tasks with their weights."""
        taught = self.plan.tasks.items()
        return {name: (self._task(part), weight) for name, (part, weight) in taught}

    @cached_property
    def measured_tasks(self) -> dict[str, AlignmentTask]:
        """The tasks that fidelity asks about; those that are taught are the same objects."""
        known = {name: task for name, (task, _) in self.tasks.items()}
        return {n: known.get(n) or self._task(part) for n, part in self.plan.measured.items()}

    def _task(self, part: Part) -> Any:
        kit = TaskKit(self.catalogue, self.vectors.item_vectors())
        return part.provider.build(part.options, kit)

    @cached_property
    def evaluated(self) -> tuple[Context, ...]:
        """The contexts that are measured: all, or as many users as the configuration asks for."""
        import numpy as np

        contexts = self.split.evaluated
        wanted = self.config.fidelity.users
        if wanted is None or wanted >= len(contexts):
            return contexts
        rng = np.random.default_rng(self.config.seed)
        return tuple(contexts[k] for k in sorted(rng.permutation(len(contexts))[:wanted]))

    @cached_property
    def examples(self) -> list[Example]:
        """The measured examples, with the target's answers."""
        from recexplainer.alignment.examples import load_examples

        return load_examples(self.folder_of("fidelity") / EXAMPLES)

    def cases(self) -> list[Case]:
        """Return what is explained, as stage 6 wrote it."""
        return read_records(self.folder_of("explanations") / CASES, Case)

    def explanations(self) -> list[Explanation]:
        """Return all texts about ``cases``, read and checked, as stage 6 wrote them."""
        return read_records(self.folder_of("explanations") / EXPLANATIONS, Explanation)

    @cached_property
    def speaker(self) -> SurrogateSpeaker:
        """The trained surrogate, named after its alignment."""
        return build_speaker(self, self.config.alignment.mode, TRAINED)

    @cached_property
    def remembering(self) -> Speaker:
        """The trained surrogate; explainers that ask it the same are answered at once."""
        from recexplainer.surrogate.generation.answer_memory import RememberingSpeaker

        return RememberingSpeaker(self.speaker)

    @cached_property
    def unaligned(self) -> SurrogateSpeaker:
        """The surrogate before any training; a published model is asked in words, as it can read.

        To its untrained projectors vectors would be noise (and the paper's Vicuna row has none).
        """
        form: Form | None = "behavior" if self.plan.recipe.published else None
        return build_speaker(self, "unaligned", INITIAL, form)

    @property
    def instructable(self) -> list[Part]:
        """The explainers of this run that take an instruction."""
        return [part for part in self.plan.explainers if takes_instruction(part)]

    def check_instruction(self, instruction: str) -> None:
        """Refuse what no explanation could follow, before anybody has waited for one.

        Raises:
            WishError: no explainer of this run takes one, or it names no attribute.
        """
        from recexplainer.explanation.instruction import resolve_focus

        refusal = instruction_refusal(instruction, self.plan.explainers)
        if refusal is not None:
            raise WishError(refusal)
        resolve_focus(instruction, self.catalogue)

    def explain(
        self, part: Part, cases: Sequence[Case], instruction: str | None
    ) -> Iterator[Explanation]:
        """Yield ``part``'s text about each case, read; only a language model is instructed."""
        reuse_memory()  # the target may be asked about hundreds of thousands of shortened histories
        instructed = takes_instruction(part)
        kit = self.explainer_kit({way for way in Capability if part.can(way)})
        explainer: Explainer = part.provider.build(part.options, kit)
        return self.read(explainer.explain(cases, instruction if instructed else None), cases)

    def explainer_kit(self, asks: set[Capability]) -> ExplainerKit:
        """Return what an explainer is built with; a language model only where it asks for one."""
        return ExplainerKit(
            self.catalogue,
            self.target,
            self.split.popularity,
            surrogate=self.remembering if Capability.SURROGATE in asks else None,
            seed=self.config.seed,
            unaligned=self.unaligned if Capability.UNALIGNED in asks else None,
            histories=self.split.training.histories,
            folder=self.folder.path / "explainers",
            progress=self.progress,
            oracle=self.oracle,
        )

    def read(self, written: Iterable[Written], cases: Sequence[Case]) -> Iterator[Explanation]:
        """Yield what texts, one per case in their order, claim; nobody reads his own."""
        from recexplainer.explanation.checks.account import account_of

        for case, one in zip(cases, written, strict=True):
            yield account_of(one, case, self.reader)

    def folder_of(self, stage: StageName) -> Path:
        """Return the folder of a stage."""
        return self.folder.stage_folder(stage)
