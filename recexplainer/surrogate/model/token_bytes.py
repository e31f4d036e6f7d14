"""What each token of a vocabulary writes, as bytes: a text can be held against its tokens."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

__all__ = ["token_bytes"]

_SAMPLE = "Yes, “Amélie” is it. 千と千尋の神隠し 🎬 (2001)"
"""Cut into several tokens a character by any vocabulary that does not hold these words."""

_SPACE = "\u2581"
"""How SentencePiece writes a space."""

_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
"""A byte of a character that SentencePiece has no token for."""


def token_bytes(tokenizer: Any) -> list[bytes] | None:
    """Return what each token writes, nothing for special ones; None where that cannot be told.

    Vocabularies of bytes (GPT-2, Llama 3, Qwen and the one that is made here) and of SentencePiece
    with bytes to fall back on (Llama 2, Mistral, Gemma) are known. Which of them one is, is told by
    a text that its tokens must write.

    Args:
        tokenizer: of transformers, a fast one.
    """
    sample = tokenizer(_SAMPLE, add_special_tokens=False)["input_ids"]
    special = {*tokenizer.all_special_tokens, *tokenizer.get_added_vocab()}
    names = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    for read in (_of_bytes(), _of_pieces):
        written = [b"" if name in special else read(name) for name in names]
        said = b"".join(written[token] for token in sample)
        if said.removeprefix(b" ") == _SAMPLE.encode():  # some put a space before all texts
            return written
    return None


def _of_bytes() -> Callable[[str], bytes]:
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    letters = {letter: byte for byte, letter in bytes_to_unicode().items()}

    def read(name: str) -> bytes:
        try:
            return bytes(letters[letter] for letter in name)
        except KeyError:
            return b""

    return read


def _of_pieces(name: str) -> bytes:
    byte = _BYTE.fullmatch(name)
    return bytes([int(byte[1], 16)]) if byte else name.replace(_SPACE, " ").encode()
