"""Sections on the language model: the backbone, its training and its text generation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from recexplainer.config.hub_ids import is_hub_id
from recexplainer.config.section import SPEED, Count, Names, Section

__all__ = [
    "GenerationConfig",
    "LoraConfig",
    "SurrogateConfig",
    "TinyBackboneConfig",
    "TrainingConfig",
]


class TinyBackboneConfig(Section):
    """The shape of the built-in `tiny` backbone, trained whole; other backbones ignore it."""

    layers: Count = 3
    """Transformer layers."""
    width: Count = 128
    """Width of the hidden states; a multiple of twice the number of heads."""
    heads: Count = 2
    """Attention heads."""
    vocabulary: Annotated[int, Field(ge=512)] = 9216
    """Most entries of the tokenizer, which is trained on the catalogue and the tasks' texts; a
    catalogue of 1,500 titles takes about 4,000."""

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
    """The language model that learns to answer as the recommender does."""

    backbone: str = "tiny"
    """`tiny` is built in; any other value is a causal language model: a folder, a GGUF file, a hub
    id, or the folder of a LoRA adapter, which is merged into its base."""
    base: str | None = None
    """The model below an adapter, as a folder, GGUF file or hub id; null takes the one that the
    adapter names."""
    chat_template: str | None = None
    """Which chat template to write in, by name, where the tokenizer has several; null takes the one
    named `default`. Without any, turns are lines, `User: ...` and `Assistant: ...`."""
    tiny: TinyBackboneConfig = TinyBackboneConfig()
    max_tokens: Annotated[int, Field(ge=16)] | None = None
    """Most tokens of a prompt and its answer together; where there are more, the oldest items of
    the history are left out. null is 1024 (for `tiny` 2048), or the model's own limit if lower."""
    device: Annotated[Literal["auto", "cpu", "cuda"], SPEED] = "auto"
    """Where it runs; auto takes a GPU if there is one."""
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """Number format of training, and of a pretrained backbone's weights; auto takes bfloat16 where
    products are clearly faster in it (measured in milliseconds), else float32; float16 is for GPUs
    that lack bfloat16."""
    lora: LoraConfig = LoraConfig()
    projectors: Literal["random", "titles"] = "random"
    """Where the projectors of a pretrained backbone start. titles: where an item's vector comes
    nearest to the mean embedding of its title's tokens, so that the model has a first idea of what
    it reads; `tiny` has a start of its own."""
    quantization: Literal["8bit", "4bit"] | None = None
    """Holds the frozen weights of a pretrained backbone in so many bits while it is trained, so
    that 7B fit on a card; needs the extra `quantized`. null keeps them as they were published."""

    @property
    def backbone_name(self) -> str:
        """The backbone as reports name it: of a folder or file the last part, of a hub id all.

        A report and a model card are handed on, and where a folder lies is nobody's business.
        """
        given = self.backbone
        return given if is_hub_id(given) else Path(given).expanduser().resolve().name


_MEASURES = ("budget", "minutes", "steps")
"""Settings that say how long to train, of which one is given."""

_BESIDE_ANOTHER = object()
"""Stands for a measure that was given beside another."""


def _not_beside_another(measure: Any) -> Any:
    if measure is _BESIDE_ANOTHER:
        raise ValueError(
            "stands in the place of training.budget, as minutes and steps do; give one of them, "
            "not both"
        )
    return measure


class TrainingConfig(Section):
    """How the surrogate is trained."""

    budget: Annotated[float, Field(gt=0)] = 1.0
    """Passes over the corpus; more is slower and more faithful. alignment.questions teaches more in
    the same time."""
    minutes: Annotated[
        Annotated[float, Field(gt=0)] | None, BeforeValidator(_not_beside_another)
    ] = None
    """Instead of budget: as many steps as fit so many minutes of training on this machine, chosen
    when the training begins and kept; null trains for budget."""
    steps: Annotated[Count | None, BeforeValidator(_not_beside_another)] = None
    """Instead of budget: so many steps, each of batch_size examples; null trains for budget."""
    order: Literal["mixed", "short-first"] = "mixed"
    """How a pass goes through its batches. mixed: in random order. short-first: those of short
    prompts come mostly early and those of long ones mostly late, since a second spent on short ones
    teaches more examples; every kind comes throughout."""
    batch_size: Count = 64
    """Examples per optimizer step, over all processes."""
    learning_rate: Annotated[float, Field(gt=0)] | None = None
    """Peak learning rate; null takes the default of the backbone."""
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the steps during which the learning rate rises from zero."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    """Weight decay of the optimizer."""
    optimizer: Literal["muon", "adamw"] | None = None
    """What updates the weights: Muon for the matrices of the layers and AdamW for the rest, or
    AdamW alone. null takes muon for `tiny`, unless DeepSpeed trains it, and else adamw."""
    max_grad_norm: Annotated[float, Field(gt=0)] = 1.0
    """Gradients are scaled down to this norm."""
    save_every_seconds: Annotated[float, Field(gt=0), SPEED] = 30.0
    """Seconds between checkpoints, from which an interrupted training resumes."""
    threads: Annotated[Count | None, SPEED] = None
    """CPU threads; null takes as many as there are free cores."""
    processes: Annotated[Count, SPEED] = 1
    """Processes that share the training, one per GPU; batch_size and the result stay the same."""
    parallel: Annotated[
        Literal["auto", "ddp", "zero2", "zero2-offload", "zero3", "zero3-offload"], SPEED
    ] = "auto"
    """What processes share: the batch (ddp), also the optimizer's state (DeepSpeed's zero2), also
    the weights (zero3); offload keeps that in the host's memory. auto takes zero2 for a pretrained
    backbone on several GPUs where the extra `deepspeed` is installed, else ddp."""
    micro_batch_size: Annotated[Count | None, SPEED] = None
    """Most examples that a process computes at once; fewer save memory, and a batch takes as many
    rounds as that needs (gradient accumulation). A process that trains alone takes as many tokens
    at once as so many of the longest examples have. null takes a process's whole share, or as many
    as fit the memory that is free."""
    gradient_checkpointing: Annotated[bool, SPEED] = False
    """Computes activations twice instead of keeping them: less memory, about a third slower."""
    tracker: Annotated[Literal["tensorboard", "wandb", "mlflow"] | None, SPEED] = None
    """Where the training curve is also sent; `log.jsonl` in the run folder holds it always."""

    @model_validator(mode="before")
    @classmethod
    def _one_measure(cls, given: Any) -> Any:
        """Have measures refused, along with what else is wrong, where another is given as well."""
        if not isinstance(given, dict):
            return given
        measures = [name for name in _MEASURES if given.get(name) is not None]
        return {**given, **dict.fromkeys(measures[1:], _BESIDE_ANOTHER)}

    @model_serializer(mode="wrap")
    def _without_unused(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out the budget where another measure stands for it: what is written can be read."""
        written: dict[str, Any] = serialize(self)
        if self.minutes is not None or self.steps is not None:
            del written["budget"]
        return written


class GenerationConfig(Section):
    """Where and how the surrogate writes; what an explanation may be is an explainer's option."""

    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    """Experimental. Where the OpenAI-style paths of a vLLM server begin that runs on the exported
    language model, such as http://localhost:8000/v1: embedded prompts are sent there, and beams and
    likelihoods are computed here. null writes in this process."""
    model: str | None = None
    """The name the server has the model under; null takes the first that it lists."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None
    """Seed of texts sampled at random; null takes the run's."""
