"""The encoded corpus: as many examples as a budget reaches, each encoded once.

Examples are sampled in one random order, which only the seed decides, and a budget below one takes
the first of them; a larger budget takes the same and more. What has been encoded is kept beside the
corpus in parts of that order, under a name that says by which tokenizer and for which context. It
goes when the corpus does.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from recexplainer.errors import UserError
from recexplainer.records import Progress, Rendered
from recexplainer.surrogate.corpus.batches import EncodedCorpus
from recexplainer.surrogate.corpus.conversation_files import read_examples
from recexplainer.surrogate.corpus.truncation import Fitter

__all__ = ["Counts", "Encodings", "encoder_name"]

_PART = 2000
"""Examples of a part. What is cut short is lost, so a part takes a second or two."""
_SKIPPED, _WHOLE, _SHORTENED = range(3)
_FIT = "fit"
_VERSION = "2"
"""Raised when the same texts would be encoded otherwise."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the examples.

    Attributes:
        shortened: lost the oldest items of their histories, to fit the context.
        skipped: did not fit all the same.
        left_out: were not sampled, because the budget does not reach them.
    """

    shortened: int = 0
    skipped: int = 0
    left_out: int = 0


class Encodings:
    """The examples of a corpus as token ids, encoded when they are first wanted.

    Args:
        corpus: the alignment stage's folder.
        name: of the encoder, by ``encoder_name``; those of others are deleted.
        fitter: encodes, and cuts what is too long.
        seed: of the order in which examples are sampled.
        titles: of the catalogue's items, in its order; needed where answers have soft labels.
    """

    def __init__(
        self, corpus: Path, name: str, fitter: Fitter, seed: int, titles: Sequence[str] = ()
    ) -> None:
        from datasets import load_from_disk

        self._examples = load_from_disk(str(corpus / "train"))
        self._order = np.random.default_rng(seed).permutation(len(self._examples))
        self._fitter, self._titles = fitter, titles
        self._labels = dict[str, int]()  # their first tokens
        everybodys = corpus / "encoded"
        self._folder = everybodys / f"{name}-{seed}"
        for other in everybodys.glob("*"):
            if other != self._folder:
                shutil.rmtree(other)
        self._folder.mkdir(parents=True, exist_ok=True)

    def __len__(self) -> int:
        return len(self._examples)

    def first(self, count: int, progress: Progress) -> tuple[EncodedCorpus, Counts]:
        """Return the first ``count`` sampled examples that fit, or all that do, in their own order.

        Raises:
            UserError: none fits.
        """
        parts, fits, found = list[EncodedCorpus](), list[NDArray[Any]](), 0  # fits: of all drawn
        with progress.bar("encoding the corpus", count) as bar:
            for encoded, fit in self._parts():
                if found + len(encoded) > count:
                    last = np.flatnonzero(fit)[count - found - 1]
                    encoded, fit = encoded.take(np.arange(count - found)), fit[: last + 1]  # noqa: PLW2901
                bar.advance(min(len(fit), max(0, count - sum(map(len, fits)))))
                parts.append(encoded)
                fits.append(fit)
                found += len(encoded)
                if found == count:
                    break
        if not found:
            raise UserError(
                f"surrogate.max_tokens: no example fits into the {self._fitter.limit} tokens that "
                "a conversation may have; raise it, or give a backbone that reads more"
            )
        became = np.concatenate(fits)
        rows = self._order[: len(became)][became != _SKIPPED]
        counts = Counts(
            shortened=int((became == _SHORTENED).sum()),
            skipped=int((became == _SKIPPED).sum()),
            left_out=len(self) - len(became),
        )
        return EncodedCorpus.join(parts).take(np.argsort(rows)), counts

    def _parts(self) -> Iterator[tuple[EncodedCorpus, NDArray[Any]]]:
        """Yield the examples that fit, part by part, and what became of each that was sampled."""
        for number, start in enumerate(range(0, len(self), _PART)):
            path = self._folder / f"{number:05}.safetensors"
            if not path.exists():
                self._write(path, *self._encode(self._order[start : start + _PART]))
            arrays = load_file(path)
            fit = arrays.pop(_FIT)
            yield EncodedCorpus(**arrays), fit

    @staticmethod
    def _write(path: Path, encoded: EncodedCorpus, fit: NDArray[Any]) -> None:
        part = path.with_suffix(".part")
        save_file(vars(encoded) | {_FIT: fit}, part)
        part.replace(path)

    def _encode(self, rows: NDArray[np.int64]) -> tuple[EncodedCorpus, NDArray[Any]]:
        shortened = set[int]()
        self._fitter.noted = lambda one, _: shortened.add(id(one))
        rendered = read_examples(self._examples, rows)
        fitted = self._fitter.fit(rendered)
        fit = [
            _SKIPPED if encoded is None else _SHORTENED if id(one) in shortened else _WHOLE
            for encoded, one in zip(fitted, rendered, strict=True)
        ]
        kept = [(encoded, one) for encoded, one in zip(fitted, rendered, strict=True) if encoded]
        conversations = [one for _, one in kept]
        soft = [self._soft(one) for one in conversations]
        encoded = EncodedCorpus.build([one for one, _ in kept], conversations, soft)
        return encoded, np.array(fit, np.uint8)

    def _soft(self, one: Rendered) -> dict[int, float]:
        """Return the tokens that may begin an answer, with their shares; some begin alike."""
        shares: dict[int, float] = {}
        liked = ((self._first_tokens[row], share) for row, share in one.liked)
        labels = ((self._first_token(label), share) for label, share in one.label_shares)
        for token, share in chain(liked, labels):
            shares[token] = shares.get(token, 0.0) + share
        return shares

    @cached_property
    def _first_tokens(self) -> list[int]:
        """The token that each title begins with where it begins an answer."""
        return [tokens[0] for tokens in self._fitter.encoder.words(self._titles)]

    def _first_token(self, label: str) -> int:
        """Return the token that a label begins with."""
        if label not in self._labels:
            self._labels[label] = self._fitter.encoder.words([label])[0][0]
        return self._labels[label]


def encoder_name(folder: Path) -> str:
    """Return a name for what the files of a surrogate say about encoding, its weights apart."""
    told = hashlib.sha256(_VERSION.encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".safetensors":
            told.update(f"{path.relative_to(folder)}\n".encode())
            told.update(path.read_bytes())
    return told.hexdigest()[:16]
