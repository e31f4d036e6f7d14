"""Sections of a configuration. The text beneath a field is what users read about it.

Names of data sets, targets, tasks, explainers and judges, and their options, are checked by
``pipeline.plan``, which knows what is registered.
"""

from __future__ import annotations

from typing import Annotated, Any, get_args

from pydantic import Field, model_validator

from recexplainer.config.chat_models import ChatRowConfig
from recexplainer.config.language_model import (
    GenerationConfig,
    LoraConfig,
    SurrogateConfig,
    TinyBackboneConfig,
    TrainingConfig,
)
from recexplainer.config.section import Baseline, Baselines, Count, Names, Section
from recexplainer.records import HybridForms, Mode, Recipe

__all__ = [
    "AlignmentConfig",
    "ChatRowConfig",
    "DatasetConfig",
    "ExplanationsConfig",
    "FidelityConfig",
    "GenerationConfig",
    "JudgingConfig",
    "LoraConfig",
    "ReportConfig",
    "RunConfig",
    "SurrogateConfig",
    "TargetConfig",
    "TinyBackboneConfig",
    "TrainingConfig",
]


class DatasetConfig(Section):
    """The interactions that the recommender learns from."""

    name: str = "ml-100k"
    """The data set; `recx list datasets` names them."""
    options: dict[str, Any] = Field(default_factory=dict)
    """Options of the data set, such as the paths and columns of `csv`."""
    min_interactions: Annotated[int, Field(ge=3)] = 5
    """Users and items with fewer interactions are dropped, repeatedly (k-core)."""
    top_items: Count | None = None
    """Only this many items are kept, those with most interactions, before the k-core; null keeps
    all."""
    sample_users: Count | None = None
    """Only this many users with enough interactions are kept, sampled with the seed; null keeps
    all."""
    accept_losses: bool = False
    """Whether a run goes on where more than a tenth of a file's rows cannot be used, or times leave
    most users without an order."""
    max_history: Count = 20
    """How many of a user's latest items the recommender reads and prompts show."""
    held_out_users: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the users that the surrogate never learns from; measured as a split of their own."""


class TargetConfig(Section):
    """The recommender that is to be explained."""

    name: str = "sasrec"
    """The recommender; `recx list targets` names them."""
    options: dict[str, Any] = Field(default_factory=dict)
    """Options of the recommender."""


class AlignmentConfig(Section):
    """What the surrogate is taught about the recommender."""

    mode: Mode = "hybrid"
    """behavior: prompts name items; intention: prompts carry the recommender's vectors;
    hybrid: both."""
    hybrid_forms: HybridForms | None = None
    """Forms that hybrid trains on. all: behavior, intention and combined prompts, as in the paper;
    vectors: those of the three that carry vectors; named: the same, but where the answer names
    items of the prompt, short prompts name them too; combined: prompts with vectors and all names
    only. null takes the backbone's default: named for `tiny`, which has minutes to learn, else
    all."""
    combined_shares: dict[str, Annotated[float, Field(ge=0, le=1)]] | None = None
    """Task name to the share of its examples that hybrid writes in the combined form, where it
    writes them shorter too; combined prompts name the whole history and are longer. Tasks
    that are not named have 1. null is 1 for all, but where hybrid_forms too is left to the default
    of `tiny`: there it is 0.35 of item_ranking and 0.5 of interest_classification."""
    weights: dict[str, Annotated[float, Field(ge=0)]] | None = None
    """Task name to how often each of its examples is seen per pass; 0 leaves a task out. Tasks that
    are not named keep the default of the backbone; null keeps all of them."""
    questions: Annotated[float, Field(gt=0)] = 1.0
    """How many times as many questions the recommender is asked as the weights say, of every task.
    training.budget counts passes over all of them: 2 questions and 1 pass take as long as 1 and 2,
    and nothing is seen twice."""
    examples: Count | None = None
    """About how many conversations are written, drawn so that every task has as large a share of
    them as of the weights, and every user about as many. null writes all examples; but for a
    pretrained backbone that is trained for training.minutes or training.steps, as many as can be
    seen by then."""
    options: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Task name to the options of that task."""


class FidelityConfig(Section):
    """How closely the surrogate's answers are compared with the recommender's."""

    users: Count | None = None
    """How many users are measured, sampled with the seed; null measures all."""
    tasks: Names | None = None
    """Tasks whose questions are asked, those that are not taught among them; null asks what is
    taught."""
    beams: Count = 5
    """Beams of the retrieval task; hit@5 and ndcg@5 look at the first five answers."""
    batch_size: Count = 128
    """Questions answered at once; only speed and memory depend on it."""
    baselines: Baselines = ("random", "popularity", "unaligned")
    """Rows beside the surrogate. unaligned: the backbone before it is trained; in_context: a
    pretrained backbone, and each of chat_models once more, that reads two questions about other
    users with the recommender's answers first; distilled: an upper mark, a second SASRec that is
    taught the recommender's scores and answers by its own, which takes minutes to train."""
    chat_models: tuple[ChatRowConfig, ...] = ()
    """Chat models measured beside the surrogate, such as [{model: gpt-4.1-mini}]."""

    @model_validator(mode="after")
    def _distinct_rows(self) -> FidelityConfig:
        taken = (*get_args(Baseline), *get_args(Mode))
        rows = [row for chat in self.chat_models for row in (chat.row, chat.in_context_row)]
        for row in rows:
            if row in taken or rows.count(row) > 1:
                raise ValueError(
                    f"chat_models: two rows of the table would be called {row!r}; give a name"
                )
        return self


class ExplanationsConfig(Section):
    """Which decisions are explained, by whom and how."""

    explainers: Names = ("surrogate", "unchecked")
    """Who explains; `recx list explainers` names them."""
    users: Count = 250
    """How many users are explained to, two items each: one that the recommender
    likes and one that it does not."""
    instruction: str | None = None
    """A wish that every explanation follows, such as "only genres"."""
    min_confidence: Annotated[float, Field(ge=0, le=1)] | None = 0.0
    """Explanations that are not true as read are withheld, and those that hold on less than this
    share of shortened histories; the recommender's own answers are shown instead. null withholds
    none."""
    text_encoder: str | None = None
    """A hub id or folder of a text encoder such as a BERT, which reads the explanations beside the
    models of words that measure `distinction` and `simulatability`, and in place of words for
    `rebuilt_cosine`; null does without."""
    options: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Explainer name to the options of that explainer."""


class JudgingConfig(Section):
    """Who grades the explanations."""

    judges: Names = ("offline",)
    """The judges; `recx list judges` names them. Only those with a key need one."""
    cases: Count | None = None
    """Only the texts about this many cases are graded, those of all explainers; sampled with the
    seed by decision, split and whether the text is given. null grades all."""
    options: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Judge name to the options of that judge."""


class ReportConfig(Section):
    """What the report shows."""

    cases: Annotated[int, Field(ge=0)] = 10
    """How many explained cases are shown; those beyond ten are folded."""


class RunConfig(Section):
    """All settings of a run. Every one has a default that works offline on a laptop's CPU."""

    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of everything that is drawn at random."""
    # What a section is for is said once, by the docstring of its class.
    dataset: DatasetConfig = DatasetConfig()
    target: TargetConfig = TargetConfig()
    alignment: AlignmentConfig = AlignmentConfig()
    surrogate: SurrogateConfig = SurrogateConfig()
    training: TrainingConfig = TrainingConfig()
    generation: GenerationConfig = GenerationConfig()
    fidelity: FidelityConfig = FidelityConfig()
    explanations: ExplanationsConfig = ExplanationsConfig()
    judging: JudgingConfig = JudgingConfig()
    report: ReportConfig = ReportConfig()

    def training_forms(self, recipe: Recipe) -> HybridForms:
        """Return the forms that hybrid alignment trains on, by default those of the backbone."""
        return self.alignment.hybrid_forms or recipe.hybrid_forms

    def combined_shares(self, recipe: Recipe) -> dict[str, float]:
        """Return task name to the share of its examples that is also written in combined form."""
        if self.alignment.combined_shares is not None:
            return self.alignment.combined_shares
        return {} if self.alignment.hybrid_forms is not None else dict(recipe.combined_shares)

    def task_weights(self, recipe: Recipe) -> dict[str, float]:
        """Return task name to weight for the tasks that are taught, the backbone's filled in."""
        weights = {**recipe.weights, **(self.alignment.weights or {})}
        return {task: weight for task, weight in weights.items() if weight > 0}

    def asked_weights(self, recipe: Recipe) -> dict[str, float]:
        """Return task name to weight with as many times the questions as the run asks."""
        times = self.alignment.questions
        return {task: weight * times for task, weight in self.task_weights(recipe).items()}

    def task_options(self, recipe: Recipe) -> dict[str, dict[str, Any]]:
        """Return task name to its options, the backbone's filled in where none are given."""
        own, given = recipe.task_options, self.alignment.options
        return {name: {**own.get(name, {}), **given.get(name, {})} for name in {**own, **given}}

    def adapted_tasks(self, recipe: Recipe) -> frozenset[str]:
        """Return the tasks whose weight fits itself to the data set; never what the user gives."""
        given = frozenset(self.alignment.weights or {})
        return frozenset(self.task_weights(recipe)) - given if recipe.adapted else frozenset()
