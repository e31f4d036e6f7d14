"""Interfaces that a plugin author implements; for judges see ``judge_interface``.

Depends on numpy, pydantic and ``recexplainer.records`` only.

Shapes are written once: B batch, N contexts, I items, K cut-off, d_rec width of the target's
vectors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from recexplainer.plugins.judge_interface import Judge, JudgeKit, RuleJudge
from recexplainer.plugins.providers import Kind, NoOptions, Options, Provider
from recexplainer.plugins.speaker_interface import Speaker
from recexplainer.plugins.vector_interface import FloatArray, VectorSource
from recexplainer.plugins.wording_interface import Wording
from recexplainer.records import (
    Case,
    Catalogue,
    Context,
    Example,
    InteractionLog,
    Progress,
    Recipe,
    SilentProgress,
    TrainingHistories,
    Written,
)

if TYPE_CHECKING:
    from recexplainer.oracle import Oracle

__all__ = [
    "AlignmentTask",
    "AnswerKind",
    "Asked",
    "Dataset",
    "Explainer",
    "ExplainerKit",
    "FitReport",
    "FloatArray",
    "Judge",
    "JudgeKit",
    "Kind",
    "LatentTarget",
    "NoOptions",
    "Options",
    "Provider",
    "Recipe",
    "RuleJudge",
    "Speaker",
    "Target",
    "TargetKit",
    "TaskKit",
    "VectorSource",
]

# ── data sets ──────────────────────────────────────────────────────────────────────────────────


class Dataset(ABC):
    """Reads a log. Filtering, distinct titles and splitting are done for every data set alike."""

    @abstractmethod
    def load(self, progress: Progress) -> InteractionLog:
        """Return all interactions, oldest first per user, and all items.

        Raises:
            DataError: the files cannot be used; names the file and line.
        """


# ── targets ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class TargetKit:
    """What a target is built with: the items (column order of ``scores``) and what it may read."""

    catalogue: Catalogue
    max_history: int
    seed: int = 0


@dataclass(frozen=True)
class FitReport:
    """Training of the target: epochs run, the best one, and its validation figure."""

    epochs: int = 0
    best_epoch: int = 0
    validation: Mapping[str, float] = field(default_factory=dict)


class Target(ABC):
    """The target that is to be explained: a scoring function over histories.

    Obligations: any history is answered, also one that no user ever had (an item removed, two
    users mixed); the same history gets the same scores whatever else is in the batch; nothing
    random is on while it is asked (dropout is off); asking has no side effects.
    """

    @abstractmethod
    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        """Learn from ``training``. A target that comes trained returns ``FitReport()``."""

    @abstractmethod
    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the target's scores of every item, higher is better, seen items included.

        Args:
            histories: B histories of item ids, oldest first; an empty one is allowed. Only the last
                ``max_history`` items of each are read.

        Returns:
            ``(B, I)``, finite, columns in catalogue order.
        """

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write what ``load`` needs into ``folder``; weights as safetensors, never pickles."""

    @abstractmethod
    def load(self, folder: Path) -> None:
        """Restore what ``save`` wrote, into a target built with the same options and kit."""


class LatentTarget(Target):
    """A target with vectors: intention and hybrid alignment feed them to the language model."""

    @abstractmethod
    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the target's vector of each history, ``(B, d_rec)``."""

    @abstractmethod
    def item_vectors(self) -> FloatArray:
        """Return the target's vector of each item, ``(I, d_rec)``, rows in catalogue order."""


# ── alignment tasks ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Asked:
    """Contexts with the target's answers on them: all that a task may learn labels from.

    Attributes:
        contexts: B contexts.
        rows: their rows in the corpus, for ``HistorySlot``.
        scores: ``(B, I)``, the target's scores with the user's earlier items set to ``-inf``.
        target: the target itself, to ask more (an item removed, say).
        catalogue: the items.
        tie_order: item rows, in the order in which equal scores are put; None is the catalogue's.
        heard: told of each context, with its scores ``(I,)``, what the target says without each
            item of its history, item id to scores ``(I,)``, where a task has asked for that.
    """

    contexts: Sequence[Context]
    rows: Sequence[int]
    scores: FloatArray
    target: Target
    catalogue: Catalogue
    tie_order: NDArray[np.int64] | None = None
    heard: Callable[[Context, FloatArray, Mapping[str, FloatArray]], None] | None = None

    def ranking(self, position: int, count: int | None = None) -> NDArray[np.int64]:
        """Return unseen item rows of context ``position``, the target's favourite first.

        Equal scores are no preference. They are put in ``tie_order``, which is random in a run, and
        begins at another item for each context: no item gains by its place in the data. A label
        should rest on no order of equals all the same; ``scores`` tells which they are.
        """
        row = self.scores[position]
        ties = np.arange(len(row)) if self.tie_order is None else self.tie_order
        begin = crc32(self.contexts[position].id.encode()) % len(row)
        ties = np.concatenate((ties[begin:], ties[:begin]))
        unseen = int(np.isfinite(row).sum())
        order = ties[np.argsort(-row[ties], kind="stable")[:unseen]]
        return order if count is None else order[:count]


@dataclass(frozen=True)
class TaskKit:
    """What a task is built with."""

    catalogue: Catalogue
    item_vectors: FloatArray | None = None
    """``(I, d_rec)``, the target's or those found in its scores; None where there are neither, as
    outside of a run."""


AnswerKind = Literal["item", "order", "label", "list"]
"""How an answer is given and taken: one item's title (measured with beams), the offered titles in
order, one of the offered labels (measured by likelihood), or a list of titles."""


class AlignmentTask(ABC):
    """Makes examples answered by the target (paper, section 3.2), and grades answers to them.

    A task overrides ``on_contexts``, ``on_items`` or both. ``answer_kind`` is None for tasks that
    are trained on but not measured.
    """

    name: ClassVar[str]
    answer_kind: ClassVar[AnswerKind | None] = None
    per_user: ClassVar[bool] = False
    """Count one training context per user (the last) at weight 1, instead of every prefix."""

    def on_contexts(self, asked: Asked, rng: np.random.Generator) -> Iterator[Example]:
        """Yield examples about the contexts; also used on evaluated contexts when measured."""
        return iter(())

    def on_items(self, rng: np.random.Generator) -> Iterator[Example]:
        """Yield examples that need no context: about the catalogue, or about the world at large."""
        return iter(())

    def wording(self) -> Wording | None:
        """Return the sentences of this task's answers that explain, or None if they are free.

        A language model that was taught them is kept to them.
        """
        return None

    def skipped(self) -> str | None:
        """Return why this task has nothing to offer here (such as no file given), or None."""
        return None

    def grade(
        self, example: Example, answers: Sequence[str], catalogue: Catalogue
    ) -> dict[str, float | None]:
        """Return metric name to value for one example; None where an answer cannot be scored.

        Args:
            example: what was asked, with the target's ``reference``.
            answers: K texts, best first, for ``item``; one text for the other kinds.
            catalogue: the items.
        """
        return {}


# ── explainers ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ExplainerKit:
    """What an explainer is built with; language models are None for those that ask for none.

    Attributes:
        catalogue, target: the items and the target.
        popularity: ``(I,)``, interactions per item in the training histories.
        surrogate: the aligned language model, for the capability ``surrogate``.
        seed: of everything drawn at random.
        unaligned: the same language model before training, for the capability ``unaligned``.
        histories: user id to what the target may learn from, for those that count in the log.
        folder: where the explainer may keep what it should not have to ask for twice; what lies
            there outlives a change of explainers. None keeps nothing.
        progress: where it may say what it is about to ask for, and what that took.
        oracle: what the run has asked the target already; ``recexplainer.oracle.oracle_of`` gives
            it.
    """

    catalogue: Catalogue
    target: Target
    popularity: NDArray[np.int64]
    surrogate: Speaker | None = None
    seed: int = 0
    unaligned: Speaker | None = None
    histories: Mapping[str, Sequence[str]] | None = None
    folder: Path | None = None
    progress: Progress = field(default_factory=SilentProgress)
    oracle: Oracle | None = None


class Explainer(ABC):
    """Explains (history, item) cases in words; the pipeline reads and checks what they claim."""

    @abstractmethod
    def explain(self, cases: Sequence[Case], instruction: str | None = None) -> Iterable[Written]:
        """Yield one text per case, in order.

        Args:
            cases: what to explain.
            instruction: an extra wish of the user, such as ``"only genres"`` (paper, 3.5.2).

        Raises:
            UserError: the instruction cannot be followed.
        """
