"""Tokenizer of a backbone that is made here: BPE, trained on the catalogue and the tasks' texts.

Tokens reach across words, up to the separators of our prompts, so that a title or a turn of phrase
is one token: prompts are 4-5 times shorter than with tokens bound to words, and training as much
faster (docs/decisions/0002).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from transformers import PreTrainedTokenizerFast

__all__ = ["CHAT_TEMPLATE", "separators", "train_tokenizer", "turn_ids"]

PAD, USER, ASSISTANT, SYSTEM, END = "<|pad|>", "<|user|>", "<|assistant|>", "<|system|>", "<|end|>"
CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
_LIST = "; "
_SEPARATORS = r"; |: | [.,?!] ?|“|”|\. |\n"
_FIRST_TOKENS = 256 + 5
"""The bytes and the special tokens, which every vocabulary has."""
_TITLE_SHARE = 0.5
"""Share of the other tokens that is kept for whole titles at most; sentences need the rest."""
_SENTENCE_TOKENS = 2048
"""Merges for sentences and for titles that are no token. The tasks' wording needs no more: with
three times as many a corpus of ml-100k has 2 % fewer tokens, and the head twice as many rows."""
_TITLE_WEIGHT = 4
"""How often a title that got no token of its own counts when merges are chosen: enough to become
short."""


def train_tokenizer(
    titles: Iterable[str], texts: Iterable[str], vocabulary: int
) -> PreTrainedTokenizerFast:
    """Return a byte-level BPE tokenizer with the tiny chat template.

    Args:
        titles: the catalogue's titles and attribute values, each once.
        texts: sentences of the tasks' prompts and answers, without titles where possible.
        vocabulary: the largest number of tokens; a small catalogue needs fewer.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    stretches = Counter(_stretches(texts))
    words = list(dict.fromkeys(_stretches(titles)))
    room = round(_TITLE_SHARE * max(0, vocabulary - _FIRST_TOKENS))
    whole = [_LIST, *sorted(words, key=lambda word: -stretches[word])][:room]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_SEPARATORS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=min(vocabulary - len(whole), _FIRST_TOKENS + _SENTENCE_TOKENS),
        min_frequency=2,
        special_tokens=[PAD, USER, ASSISTANT, SYSTEM, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_still_to_merge(words, stretches, whole), trainer)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=_with_tokens(tokenizer, whole),
        pad_token=PAD,
        eos_token=END,
        clean_up_tokenization_spaces=False,
    )
    wrapped.chat_template = CHAT_TEMPLATE
    return wrapped


def separators(tokenizer: PreTrainedTokenizerFast) -> list[int]:
    """Return the tokens of what stands between stretches, that of lists of titles first."""
    (first,) = tokenizer(_LIST, add_special_tokens=False)["input_ids"]
    written = tokenizer.batch_decode([[token] for token in range(len(tokenizer))])
    others = (token for token, text in enumerate(written) if re.fullmatch(_SEPARATORS, text))
    return list(dict.fromkeys((first, *others)))


def turn_ids(tokenizer: PreTrainedTokenizerFast) -> list[int]:
    """Return the tokens that begin a user's turn and the answer to it."""
    ids: list[int] = tokenizer.convert_tokens_to_ids([USER, ASSISTANT])
    return ids


def _stretches(texts: Iterable[str]) -> Iterator[str]:
    """Yield what stands between separators, and the separators."""
    separators = re.compile(f"({_SEPARATORS})")
    return (stretch for text in texts for stretch in separators.split(text) if stretch)


def _still_to_merge(
    words: Sequence[str], stretches: Counter[str], whole: Sequence[str]
) -> Iterator[str]:
    """Yield what the merges are learned from: each title once, and all but what is a token whole.

    Merges spent on titles that are tokens anyway would be missing in the sentences.
    """
    done = set(whole)
    for word in words:
        yield from [word] * (1 if word in done else _TITLE_WEIGHT)
    for stretch, count in stretches.items():
        yield from [stretch] * (0 if stretch in done else count)


def _with_tokens(tokenizer: Any, words: Iterable[str]) -> Any:
    """Return ``tokenizer`` with each of ``words`` as one token wherever it stands alone.

    They are no "added tokens", which would be cut out of longer words, and whose letters beyond
    ASCII its decoder would garble.
    """
    written = json.loads(tokenizer.to_str())
    ids = written["model"]["vocab"]
    for word in words:
        ((token, _),) = tokenizer.pre_tokenizer.pre_tokenize_str(word)
        ids.setdefault(token, len(ids))
    written["model"]["ignore_merges"] = True  # a stretch that is a token is not merged from parts
    return tokenizer.from_str(json.dumps(written))
