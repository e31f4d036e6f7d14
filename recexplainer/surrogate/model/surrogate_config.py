"""Config of a surrogate: the language model's own, and what is read beside its tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import CONFIG_MAPPING, AutoConfig, PretrainedConfig

__all__ = ["PAPER_TOKENS", "SurrogateLMConfig"]

PAPER_TOKENS = 1024
"""The longest conversation that a pretrained surrogate is trained on (paper, section 4.1.4)."""


class SurrogateLMConfig(PretrainedConfig):
    """The language model's config, and the widths and slot ids of the target's vectors."""

    model_type = "recx_surrogate"
    sub_configs = {"text_config": AutoConfig}  # noqa: RUF012  # transformers reads a plain dict

    def __init__(  # noqa: PLR0913, PLR0917  # what a config file holds, one argument each
        self,
        text_config: PretrainedConfig | dict[str, Any] | None = None,
        user_dim: int = 64,
        item_dim: int = 64,
        user_token_id: int | None = None,
        item_token_id: int | None = None,
        said_again: Sequence[int] = (),
        ages: int = 0,
        turn_ids: Sequence[int] = (),
        pointer: int = 0,
        max_tokens: int | None = None,
        **kwargs: Any,
    ) -> None:
        # A dict when read from a file, None when transformers makes its default instance.
        if not isinstance(text_config, PretrainedConfig):
            given = dict(text_config or {})
            text_config = CONFIG_MAPPING[given.pop("model_type", "llama")](**given)
        self.text_config = text_config
        self.user_dim, self.item_dim = user_dim, item_dim
        self.user_token_id, self.item_token_id = user_token_id, item_token_id
        # Where lists say nothing twice: what may be repeated, the separator of lists first.
        self.said_again = list(said_again)
        # How many titles of a list a title says come after it; tokens that begin the two turns.
        self.ages, self.turn_ids = ages, list(turn_ids)
        # Width of the queries by which an answer points at words of its question; 0 is no pointer.
        self.pointer = pointer
        self.max_tokens = max_tokens
        kwargs.setdefault("tie_word_embeddings", self.language_config.tie_word_embeddings)
        super().__init__(**kwargs)

    @property
    def language_config(self) -> Any:
        """The language model's config."""
        return self.text_config

    @property
    def context(self) -> int:
        """The most tokens of a conversation: ``max_tokens``, or the model's own limit if lower."""
        limits = (self.max_tokens, getattr(self.language_config, "max_position_embeddings", None))
        return min((limit for limit in limits if limit), default=PAPER_TOKENS)


AutoConfig.register("recx_surrogate", SurrogateLMConfig, exist_ok=True)
