"""The built-in backbone: a small Llama made from its config, and a BPE tokenizer of the catalogue.

No weights are downloaded, so the tiny model is trained whole and knows only what it was taught. Its
tokenizer merges across words, within stretches that no separator of our prompts interrupts, so that
a frequent title or a turn of phrase is one token: prompts are 4-5 times shorter than with merges
bound to words, and training as much faster (docs/decisions/0002).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from transformers import LlamaConfig, PreTrainedTokenizerFast

__all__ = ["CHAT_TEMPLATE", "tiny_config", "train_tokenizer"]

PAD, USER, ASSISTANT, SYSTEM, END = "<|pad|>", "<|user|>", "<|assistant|>", "<|system|>", "<|end|>"
CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
_SEPARATORS = r"; |: | [.,?!] ?|“|”|\. |\n"
_TITLE_WEIGHT = 4
"""How often each title counts when merges are chosen: enough for rare titles to become short."""

_INITIAL_DEVIATION = 0.06
"""Deviation of initial weights. The usual 0.02 suits widths above 1000; at width 128 it starts the
residual stream so small that training takes four times as long to
the same hit rate (docs/decisions/0002)."""


def train_tokenizer(
    titles: Iterable[str], texts: Iterable[str], vocabulary: int
) -> PreTrainedTokenizerFast:
    """Return a byte-level BPE tokenizer with the tiny chat template.

    Args:
        titles: the catalogue's titles and attribute values, each once.
        texts: sentences of the tasks' prompts and answers, without titles where possible.
        vocabulary: the largest number of tokens.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_SEPARATORS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        min_frequency=2,
        special_tokens=[PAD, USER, ASSISTANT, SYSTEM, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    weighted = [title for title in titles for _ in range(_TITLE_WEIGHT)]
    tokenizer.train_from_iterator([*weighted, *texts], trainer)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, eos_token=END, clean_up_tokenization_spaces=False
    )
    wrapped.chat_template = CHAT_TEMPLATE
    return wrapped


def tiny_config(vocabulary: int, *, layers: int, width: int, heads: int, pad: int, end: int) -> Any:
    """Return the Llama config of the tiny backbone; input and output embeddings are tied."""
    return LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=width * 3,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        initializer_range=_INITIAL_DEVIATION,
        pad_token_id=pad,
        eos_token_id=end,
        bos_token_id=None,
    )
