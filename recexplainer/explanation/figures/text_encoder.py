"""Pretrained text encoder, such as a BERT, for vectors of texts; it is not trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from transformers.utils import logging

from recexplainer.errors import UserError
from recexplainer.records import Progress, SilentProgress

__all__ = ["TextEncoder"]

logging.disable_progress_bar()  # transformers' own bars would break into ours

_AT_ONCE = 32
_MOST_TOKENS = 512


class TextEncoder:
    """Reads texts as vectors: the mean of the last hidden states of a text's tokens.

    A text is read once, however often its vector is asked for; all figures of a run share one.

    Args:
        model: a hub id, or a folder with weights as safetensors.
        progress: shown how many texts are read.

    Raises:
        UserError: it cannot be loaded, or is no encoder.
    """

    def __init__(self, model: str, progress: Progress | None = None) -> None:
        from transformers import AutoModel, AutoTokenizer

        self._name, self._progress = model, progress or SilentProgress()
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(model)
            self._model = AutoModel.from_pretrained(
                model, use_safetensors=True, dtype=torch.float32
            ).eval()
        except (OSError, ValueError, SafetensorError) as error:
            raise self._unfit(str(error).strip().splitlines()[0]) from error
        if self._model.config.is_encoder_decoder:
            raise self._unfit("it has a decoder as well")
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        self._most = min(self._tokenizer.model_max_length, _MOST_TOKENS)
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a vector per text, ``(N, d)``; what is longer than the model reads is cut off."""
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            self._read_all(sorted(new, key=len))  # texts of like length pad each other little
        return np.stack([self._vectors[text] for text in texts])

    def _read_all(self, texts: list[str]) -> None:
        with self._progress.bar(f"texts read by {self._name}", len(texts)) as bar:
            for start in range(0, len(texts), _AT_ONCE):
                part = texts[start : start + _AT_ONCE]
                self._vectors.update(zip(part, self._read(part), strict=True))
                bar.advance(len(part))

    def _read(self, texts: list[str]) -> NDArray[np.float32]:
        asked = self._tokenizer(
            texts, padding=True, truncation=True, max_length=self._most, return_tensors="pt"
        )
        with torch.no_grad():
            hidden = self._model(**asked).last_hidden_state
        real = asked["attention_mask"][..., None]
        mean: NDArray[np.float32] = ((hidden * real).sum(1) / real.sum(1)).float().numpy()
        return mean

    def _unfit(self, reason: str) -> UserError:
        return UserError(
            f"explanations.text_encoder: {self._name!r} could not be loaded as a text encoder "
            f"({reason}); give a hub id that this machine can reach, or a folder with "
            "model.safetensors, such as those of bert-base-uncased"
        )
