"""What can be set, section by section. The text beneath a field is what users read about it.

Names of data sets, targets, tasks, explainers and judges, and their options, are checked by
``pipeline.plan``, which knows what is registered.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from recexplainer.config.weights import default_weights
from recexplainer.records import Mode

__all__ = [
    "AlignmentConfig",
    "DatasetConfig",
    "ExplanationsConfig",
    "FidelityConfig",
    "JudgingConfig",
    "ReportConfig",
    "RunConfig",
    "SurrogateConfig",
    "TargetConfig",
    "TinyBackboneConfig",
    "TrainingConfig",
]

Count = Annotated[int, Field(ge=1)]


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"each name may be given once, got {', '.join(repeated)} more than once")
    return names


Names = Annotated[tuple[str, ...], AfterValidator(_distinct)]


class Section(BaseModel):
    """Base of the sections: frozen, unknown keys are errors, an empty section is all defaults."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )

    @model_validator(mode="before")
    @classmethod
    def _empty(cls, given: Any) -> Any:
        return {} if given is None else given


class DatasetConfig(Section):
    """The interactions that the target learns from."""

    name: str = "ml-100k"
    """The data set; `recx list datasets` names them."""
    options: dict[str, Any] = {}
    """Options of the data set, such as the paths and columns of `csv`."""
    min_interactions: Annotated[int, Field(ge=3)] = 5
    """Users and items with fewer interactions are dropped, repeatedly (k-core)."""
    top_items: Count | None = None
    """Only this many items are kept, those with most interactions, before the k-core; null keeps
    all."""
    sample_users: Count | None = None
    """Only this many users with enough interactions are kept, drawn with the seed; null keeps
    all."""
    max_history: Count = 20
    """How many of a user's latest items the target reads and prompts show."""
    held_out_users: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the users that the surrogate never learns from; measured as a split of their own."""


class TargetConfig(Section):
    """The recommender that is to be explained."""

    name: str = "sasrec"
    """The target; `recx list targets` names them."""
    options: dict[str, Any] = {}
    """Options of the target."""


class AlignmentConfig(Section):
    """What the surrogate is taught about the target."""

    mode: Mode = "hybrid"
    """behavior: prompts name items; intention: prompts carry the target's vectors; hybrid: both."""
    hybrid_forms: Literal["all", "vectors", "combined"] | None = None
    """Forms that hybrid trains on. all: behavior, intention and combined prompts, as in the paper;
    vectors: those of the three that carry vectors; combined: prompts with vector and names only.
    null takes the backbone's default: vectors for `tiny`, which has minutes to learn, else all."""
    weights: dict[str, Annotated[float, Field(ge=0)]] | None = None
    """Task name to how often each of its examples is seen per pass; 0 leaves a task out. Tasks that
    are not named keep the default of the backbone; null keeps all of them."""
    options: dict[str, dict[str, Any]] = {}
    """Task name to the options of that task."""


class TinyBackboneConfig(Section):
    """The shape of the built-in `tiny` backbone, trained whole; other backbones ignore it."""

    layers: Count = 3
    """Transformer layers."""
    width: Count = 128
    """Width of the hidden states; a multiple of twice the number of heads."""
    heads: Count = 2
    """Attention heads."""
    vocabulary: Annotated[int, Field(ge=512)] = 9216
    """Most entries of the tokenizer, which is trained on the catalogue and the tasks' texts."""

    @model_validator(mode="after")
    def _divisible(self) -> TinyBackboneConfig:
        if self.width % (2 * self.heads):
            raise ValueError(
                f"width must be a multiple of twice the heads ({2 * self.heads}), got {self.width}"
            )
        return self


class SurrogateConfig(Section):
    """The language model that learns to answer as the target does."""

    backbone: str = "tiny"
    """`tiny` is built in; any other value is a hub id or a folder of a causal language model."""
    tiny: TinyBackboneConfig = TinyBackboneConfig()
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where it runs; auto takes a GPU if there is one."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Number format of training; auto takes bfloat16 where the machine gains from it."""


class TrainingConfig(Section):
    """How the surrogate is trained."""

    budget: Annotated[float, Field(gt=0)] = 1.0
    """Passes over the corpus; more is slower and more faithful."""
    batch_size: Count = 64
    """Examples per optimizer step, over all processes."""
    learning_rate: Annotated[float, Field(gt=0)] | None = None
    """Peak learning rate; null takes the default of the backbone."""
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the steps during which the learning rate rises from zero."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    """Weight decay of AdamW."""
    max_grad_norm: Annotated[float, Field(gt=0)] = 1.0
    """Gradients are scaled down to this norm."""
    save_every_seconds: Annotated[float, Field(gt=0)] = 60.0
    """Seconds between checkpoints, from which an interrupted training resumes."""
    threads: Count | None = None
    """CPU threads; null takes as many as there are free cores."""


class FidelityConfig(Section):
    """How closely the surrogate's answers are compared with the target's."""

    users: Count | None = None
    """How many users are measured, drawn with the seed; null measures all."""
    beams: Count = 5
    """Beams of the retrieval task; hit@5 and ndcg@5 look at the first five answers."""
    batch_size: Count = 128
    """Questions answered at once; only speed and memory depend on it."""


class ExplanationsConfig(Section):
    """Which decisions are explained, by whom and how."""

    explainers: Names = ("surrogate", "unchecked")
    """Who explains; `recx list explainers` names them."""
    users: Count = 250
    """How many users are explained to, two items each: one the target likes and one it does not."""
    instruction: str | None = None
    """A wish that every explanation follows, such as "only genres"."""
    options: dict[str, dict[str, Any]] = {}
    """Explainer name to the options of that explainer."""


class JudgingConfig(Section):
    """Who grades the explanations."""

    judges: Names = ("offline",)
    """The judges; `recx list judges` names them. Only those with a key need one."""
    options: dict[str, dict[str, Any]] = {}
    """Judge name to the options of that judge."""


class ReportConfig(Section):
    """What the report shows."""

    cases: Annotated[int, Field(ge=0)] = 10
    """How many explained cases are shown in full."""


class RunConfig(Section):
    """All settings of a run. Every one has a default that works offline on a laptop's CPU."""

    seed: int = 0
    """Seed of everything that is drawn at random."""
    # What a section is for is said once, by the docstring of its class.
    dataset: DatasetConfig = DatasetConfig()
    target: TargetConfig = TargetConfig()
    alignment: AlignmentConfig = AlignmentConfig()
    surrogate: SurrogateConfig = SurrogateConfig()
    training: TrainingConfig = TrainingConfig()
    fidelity: FidelityConfig = FidelityConfig()
    explanations: ExplanationsConfig = ExplanationsConfig()
    judging: JudgingConfig = JudgingConfig()
    report: ReportConfig = ReportConfig()

    def training_forms(self) -> Literal["all", "vectors", "combined"]:
        """Return the forms that hybrid alignment trains on, the default filled in."""
        default: Literal["all", "vectors"]
        default = "vectors" if self.surrogate.backbone == "tiny" else "all"
        return self.alignment.hybrid_forms or default

    def task_weights(self) -> dict[str, float]:
        """Return task name to weight for the tasks that are taught, defaults filled in."""
        defaults = default_weights(self.surrogate.backbone)
        weights = {**defaults, **(self.alignment.weights or {})}
        return {task: weight for task, weight in weights.items() if weight > 0}
