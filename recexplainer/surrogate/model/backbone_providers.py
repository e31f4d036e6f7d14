"""Built-in backbones: `tiny`, which is made here, and published pretrained models."""

from __future__ import annotations

from collections.abc import Iterable

from recexplainer.config.language_model import TinyBackboneConfig
from recexplainer.plugins.providers import Options, Provider
from recexplainer.plugins.registry import PRETRAINED
from recexplainer.records import Recipe

__all__ = ["backbone_providers", "tiny_recipe"]

_INITIAL_DEVIATION = 0.06
"""Deviation of initial weights. The usual 0.02 suits widths above 1000; at width 128 it starts the
residual stream so small that training takes four times as long to
the same hit rate (docs/decisions/0002)."""

_AGES = 64
"""Longer histories than anybody asks for; older titles are as old."""

_POINTER = 64
"""Width of the queries that point at words of a question (docs/decisions/0016)."""

_WEIGHTS = {
    "next_item_retrieval": 0.18,
    "item_ranking": 0.28,
    "interest_classification": 13.0,
    "item_discrimination": 1.0,
    "instruction_following": 1.0,
    "history_reconstruction": 0.06,
    "rationale": 0.13,
}
"""The built-in backbone learns language and target at once, in minutes on a CPU: the shares were
tuned on ml-100k and games until every measured task stood clear of its baselines in that time
(docs/decisions/0026). ``rationale`` teaches it to explain."""

_COMBINED_SHARES = {"item_ranking": 0.35, "interest_classification": 0.5}
"""Prompts that name a whole history are 2.4 times as long as those with its vector alone, and teach
little more where only the items differ: with the same number of tokens, held-out rankings began
with the right title in 78 instead of 67 % of cases (ml-100k, a third of a training)."""

_TASK_OPTIONS = {"next_item_retrieval": {"softness": 0.3}}
"""Shares of the first items teach as many users more of the target's order (decision 0019)."""


class PretrainedOptions(Options):
    """Options of a published model."""

    model: str = PRETRAINED
    """Its folder, GGUF file or hub id; the provider's name alone means a model like any other
    name."""


def backbone_providers() -> Iterable[Provider[Recipe]]:
    """Return the built-in backbones."""
    return (
        Provider(
            name="tiny",
            build=lambda _options, section: tiny_recipe(section.tiny),
            summary="built in: a small Llama made and trained whole from nothing; no download",
        ),
        Provider(
            name=PRETRAINED,
            build=lambda options, section: Recipe(
                source=options.model, base=section.base, pulls=True
            ),
            options=PretrainedOptions,
            summary="any causal language model, tuned with LoRA: give its FOLDER, its file "
            "MODEL.gguf, or OWNER/MODEL, a hub id that is downloaded because you named it",
            argument="model",
        ),
    )


def tiny_recipe(size: TinyBackboneConfig) -> Recipe:
    """Return the recipe of the built-in backbone in a size; its embedding and head are tied."""
    return Recipe(
        architecture={
            "model_type": "llama",
            "hidden_size": size.width,
            "intermediate_size": size.width * 3,
            "num_hidden_layers": size.layers,
            "num_attention_heads": size.heads,
            "num_key_value_heads": size.heads,
            "max_position_embeddings": 2048,
            "tie_word_embeddings": True,
            "initializer_range": _INITIAL_DEVIATION,
        },
        vocabulary=size.vocabulary,
        whole=True,
        head_start=True,
        ages=_AGES,
        pointer=_POINTER,
        pulls=True,
        max_tokens=None,
        learning_rate=3e-3,
        optimizer="muon",
        weights=_WEIGHTS,
        task_options=_TASK_OPTIONS,
        adapted=True,
        hybrid_forms="named",
        combined_shares=_COMBINED_SHARES,
    )
