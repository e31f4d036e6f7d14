"""What can be set, section by section. The text beneath a field is what users read about it.

Names of data sets, targets, tasks, explainers and judges, and their options, are checked by
``pipeline.plan``, which knows what is registered.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from recexplainer.config.chat_models import ChatModelConfig
from recexplainer.config.weights import default_weights
from recexplainer.records import Mode

__all__ = [
    "AlignmentConfig",
    "ChatModelConfig",
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


class LoraConfig(Section):
    """The low-rank updates that a pretrained backbone is trained by; `tiny` is trained whole."""

    rank: Count = 8
    """Rank of the updates."""
    alpha: Count = 32
    """The updates are scaled by alpha / rank."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the inputs of the updates that is dropped in training."""
    targets: Names | None = None
    """Names of the linear layers that are updated, such as [q_proj, v_proj]; null takes all but the
    head."""


class SurrogateConfig(Section):
    """The language model that learns to answer as the target does."""

    backbone: str = "tiny"
    """`tiny` is built in; any other value is a hub id or a folder of a causal language model."""
    tiny: TinyBackboneConfig = TinyBackboneConfig()
    max_tokens: Annotated[int, Field(ge=16)] | None = None
    """Most tokens of a prompt and its answer together; where there are more, the oldest items of
    the history are left out. null is 1024 (for `tiny` 2048), or the model's own limit if lower."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where it runs; auto takes a GPU if there is one."""
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """Number format of training; auto takes bfloat16 where the machine gains from it; float16 is
    for GPUs that lack bfloat16."""
    lora: LoraConfig = LoraConfig()
    quantization: Literal["8bit", "4bit"] | None = None
    """Holds the frozen weights of a pretrained backbone in so many bits while it is trained, so
    that 7B fit on a card; needs the extra `quantized`. null keeps them as they were published."""


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
    processes: Count = 1
    """Processes that share the training, one per GPU; batch_size and the result stay the same."""
    parallel: Literal["auto", "ddp", "zero2", "zero2-offload", "zero3", "zero3-offload"] = "auto"
    """What processes share: the batch (ddp), also the optimizer's state (DeepSpeed's zero2), also
    the weights (zero3); offload keeps that in the host's memory. auto takes zero2 for a pretrained
    backbone on several GPUs where the extra `deepspeed` is installed, else ddp."""
    micro_batch_size: Count | None = None
    """Most examples that a process computes at once; fewer save memory, and a batch takes as many
    rounds as that needs (gradient accumulation). null takes a process's whole share."""
    gradient_checkpointing: bool = False
    """Computes activations twice instead of keeping them: less memory, about a third slower."""
    tracker: Literal["tensorboard", "wandb", "mlflow"] | None = None
    """Where the training curve is also sent; `log.jsonl` in the run folder holds it always."""


class GenerationConfig(Section):
    """Where and how the surrogate writes; what an explanation may be is an explainer's option."""

    engine: Literal["transformers", "vllm-url"] = "transformers"
    """transformers writes in this process; vllm-url sends embedded prompts to a vLLM server that
    you run on the exported language model, and computes beams and likelihoods here."""
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    """Where the server's OpenAI-style paths begin, such as http://localhost:8000/v1."""
    model: str | None = None
    """The name the server has the model under; null takes the first that it lists."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None
    """Seed of texts drawn at random; null takes the run's."""

    @model_validator(mode="after")
    def _reachable(self) -> GenerationConfig:
        if (self.engine == "vllm-url") != (self.url is not None):
            raise ValueError("url and engine vllm-url go together; give both or neither")
        return self


class FidelityConfig(Section):
    """How closely the surrogate's answers are compared with the target's."""

    users: Count | None = None
    """How many users are measured, drawn with the seed; null measures all."""
    beams: Count = 5
    """Beams of the retrieval task; hit@5 and ndcg@5 look at the first five answers."""
    batch_size: Count = 128
    """Questions answered at once; only speed and memory depend on it."""
    chat_models: tuple[ChatModelConfig, ...] = ()
    """Chat models measured beside the surrogate, such as [{model: gpt-4.1-mini}]."""

    @model_validator(mode="after")
    def _distinct_rows(self) -> FidelityConfig:
        taken = ("random", "popularity", "unaligned", *get_args(Mode))
        rows = [chat.row for chat in self.chat_models]
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
    generation: GenerationConfig = GenerationConfig()
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
