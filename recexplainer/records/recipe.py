"""Recipe of a backbone: its kind, and its default tasks and training settings.

It is data alone: a training folder holds it, so that a worker needs no plugin.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recexplainer.records.prompts import HybridForms

__all__ = ["PAPER_WEIGHTS", "Recipe"]

PAPER_WEIGHTS: Final[Mapping[str, float]] = {
    "next_item_retrieval": 1.0,
    "item_ranking": 1.0,
    "interest_classification": 1.0,
    "item_discrimination": 1.0,
    "instruction_following": 1.0,
    "history_reconstruction": 1.0,
    "rationale": 0.0,
}
"""The paper's six tasks, every example once per pass (3.2, Table 4)."""


class Recipe(BaseModel):
    """What a provider of a backbone builds; the defaults are those of the paper (4.1.4).

    Raises:
        ValidationError: neither or both of ``source`` and ``architecture`` are given, or what only
            a model that is trained whole can have is asked of another.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    source: str | None = None
    """Published weights: a folder, a GGUF file, a hub id, or the folder of an adapter. None makes
    the model here, without a download."""
    base: str | None = None
    """Likewise the model below an adapter; None takes the one that it names."""
    architecture: dict[str, Any] | None = None
    """Its configuration in transformers' words, with ``model_type``, where it is made here. Sizes
    and ids that come with the tokenizer are filled in: that is trained on the catalogue."""
    vocabulary: int = 9216
    """Most entries of that tokenizer."""
    whole: bool = False
    """Train all weights, instead of low-rank updates and the projectors."""
    head_start: bool = False
    """Start with attention that copies and with the target's vectors in the embeddings, as a model
    made here can whose layers are like Llama's, with as many key heads as heads."""
    ages: int = 0
    """How far from the end of a prompt's list the model is told where a title stands; 0 tells it
    nothing. Only for a model that is made here."""
    pointer: int = 0
    """Width of the queries by which an answer points at words of its question, to say them; 0 is
    no pointer. Only for a model that is made here."""
    pulls: bool = False
    """Learn, in a small network beside the language model, how far each title of a history pulls
    the target's score of an item, for explanations to name titles by; where a task asks the target
    about removals."""
    max_tokens: int | None = 1024
    """Most tokens of a conversation, unless the user says; None is the model's own limit."""
    learning_rate: float = 1e-4
    optimizer: Literal["muon", "adamw"] = "adamw"
    """What updates the weights; Muon needs whole matrices, so DeepSpeed's ZeRO takes AdamW."""
    weights: dict[str, float] = Field(default_factory=lambda: dict(PAPER_WEIGHTS))
    """Alignment task to how often each of its examples is seen per pass."""
    task_options: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Alignment task to those of its options whose default is another for this backbone."""
    adapted: bool = False
    """Fit the weights to the data set."""
    hybrid_forms: HybridForms = "all"
    """Forms that hybrid alignment trains on."""
    combined_shares: dict[str, float] = Field(default_factory=dict)
    """Task to the share of its examples that hybrid also writes in the combined form."""

    @property
    def published(self) -> bool:
        """Whether the language model was trained by others, so that it reads any words."""
        return self.source is not None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if (self.source is None) == (self.architecture is None):
            raise ValueError("give either source or architecture")
        if not self.whole and (self.source is None or self.optimizer == "muon"):
            raise ValueError("a model that is made here, or trained by muon, must be trained whole")
        for name in ("head_start", "ages", "pointer"):
            if getattr(self, name) and self.source is not None:
                raise ValueError(f"{name} is for a model that is made here, not for source")
        return self
