"""The corpus as the alignment stage wrote it: its texts, and its examples encoded to fit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recexplainer.errors import UserError
from recexplainer.records import Progress, Rendered, RenderedTurn
from recexplainer.surrogate.batching import EncodedCorpus
from recexplainer.surrogate.fitting import Fitter

__all__ = ["encode_corpus", "sample_texts"]

_TOKENIZER_EXAMPLES = 20_000
_COLUMNS = ("roles", "texts", "context_rows", "item_rows", "form", "droppable")


def sample_texts(corpus: Path, seed: int) -> list[str]:
    """Return the texts of some examples: what the tiny tokenizer learns phrases from."""
    from datasets import load_from_disk

    rows = load_from_disk(str(corpus / "train"))
    chosen = rows.shuffle(seed=seed).select(range(min(len(rows), _TOKENIZER_EXAMPLES)))
    return [text for texts in chosen["texts"] for text in texts]


def encode_corpus(corpus: Path, fitter: Fitter, progress: Progress) -> EncodedCorpus:
    """Return the examples of ``corpus`` that fit the context, in order.

    Raises:
        UserError: none does.
    """
    from datasets import load_from_disk

    rows = load_from_disk(str(corpus / "train"))
    parts = []
    with progress.bar("encoding the corpus", len(rows)) as bar:
        for batch in rows.iter(batch_size=2000):
            rendered = _rendered(batch)
            pairs = zip(fitter.fit(rendered), rendered, strict=True)
            fitting = [(encoded, example) for encoded, example in pairs if encoded]
            parts.append(
                EncodedCorpus.build(
                    [one for one, _ in fitting], [example for _, example in fitting]
                )
            )
            bar.advance(len(rendered))
    encoded = EncodedCorpus.join(parts)
    if not len(encoded):
        raise UserError(
            f"surrogate.max_tokens: no example fits into the {fitter.limit} tokens that a "
            "conversation may have; raise it, or give a backbone that reads more"
        )
    return encoded


def _rendered(batch: dict[str, Sequence[Any]]) -> list[Rendered]:
    return [
        Rendered(
            tuple(RenderedTurn(role, text) for role, text in zip(roles, texts, strict=True)),
            tuple(contexts),
            tuple(items),
            form,
            tuple(zip(*[iter(droppable)] * 3, strict=True)),
        )
        for roles, texts, contexts, items, form, droppable in zip(
            *(batch[column] for column in _COLUMNS), strict=True
        )
    ]
