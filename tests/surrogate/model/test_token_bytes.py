"""What tokens write, held against the texts that they are cut from."""

from __future__ import annotations

import json

import pytest
from tokenizers import Tokenizer, models, normalizers, trainers
from transformers import PreTrainedTokenizerFast

from recexplainer.surrogate.model.tiny_tokenizer import train_tokenizer
from recexplainer.surrogate.model.token_bytes import token_bytes

TEXTS = (
    "Yes, “Heat” is a good match. It owes to “Seven”.",
    "Amélie; 七人の侍 (1954); 👾 Doom",
    "  two spaces <0x41> and ▁",
)
"""The last holds what SentencePiece writes for a space and for a byte."""
UNKNOWN = {"unk_token": "<unk>"}


def pieces(sentences, *, before=""):
    """A vocabulary as SentencePiece makes it: words with the space before them, and all bytes."""
    learned = Tokenizer(models.BPE())
    learned.normalizer = normalizers.Replace(" ", "▁")
    trainer = trainers.BpeTrainer(vocab_size=200, show_progress=False)
    learned.train_from_iterator(sentences, trainer)
    model = json.loads(learned.to_str())["model"]
    names = ["<unk>", *(f"<0x{byte:02X}>" for byte in range(256)), *model["vocab"]]
    vocabulary = {name: token for token, name in enumerate(names)}
    merges = [tuple(pair) for pair in model["merges"]]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, byte_fallback=True, **UNKNOWN))
    steps = [normalizers.Prepend(before)] if before else []
    tokenizer.normalizer = normalizers.Sequence([*steps, normalizers.Replace(" ", "▁")])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **UNKNOWN)


def written(tokenizer, text):
    known = token_bytes(tokenizer)
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    return b"".join(known[token] for token in ids).decode()


@pytest.mark.parametrize("text", TEXTS)
def test_a_vocabulary_of_bytes(text, byte_level, chatml, sentences):
    published = byte_level(chatml, eos="<|im_end|>", extra=("<|im_start|>",))
    assert written(published, text) == text
    assert written(train_tokenizer(["Heat"], sentences, 512), text) == text
    assert token_bytes(published)[published.eos_token_id] == b""


@pytest.mark.parametrize("text", TEXTS[:2])
def test_a_vocabulary_of_sentence_pieces(text, sentences):
    assert written(pieces(sentences), text) == text
    assert written(pieces(sentences, before="▁"), text) == f" {text}"


def test_a_vocabulary_that_loses_letters_is_not_known():
    words = Tokenizer(models.WordLevel({"<unk>": 0, "Yes": 1}, **UNKNOWN))
    assert token_bytes(PreTrainedTokenizerFast(tokenizer_object=words, **UNKNOWN)) is None
