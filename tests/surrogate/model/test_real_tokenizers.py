"""Labels of real tokenizers, where a developer has the models (RECX_DEV_MODELS names their folder).

Gemma 3 270M (Gemma terms) has no chat template, Qwen2.5-Coder 1.5B Instruct (Apache-2.0) has one.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from recexplainer.records import Rendered, RenderedTurn
from recexplainer.surrogate.model.backbone_source import find_source
from recexplainer.surrogate.model.token_encoder import Encoder

PLACE = Path(os.environ.get("RECX_DEV_MODELS") or "no-models")
FILES = {
    "gemma-3-270m-q4_k_m.gguf": "<eos>",
    "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf": "<|im_end|>",
}
ANSWERS = (
    "Heat (1995)",
    "Toy Story (1995); Am\u00e9lie (2001); \u4e03\u4eba\u306e\u4f8d (1954)",
    "Yes, because of “Se7en: The Movie; Part 1 (1995)”.",
    " two  spaces \n",
    "</s> is a title, and <eos> and <|im_end|> too",
)


@pytest.mark.parametrize(("name", "end"), FILES.items(), ids=["gemma", "qwen"])
def test_labels_decode_to_exactly_the_answer(name, end):
    path = PLACE / name
    if not path.is_file():
        pytest.skip(f"{name} is not in RECX_DEV_MODELS")
    pytest.importorskip("gguf")
    encoder = Encoder(find_source(str(path)).tokenizer())
    assert encoder.end == end
    asked = [
        Rendered((RenderedTurn("user", "What next?"), RenderedTurn("assistant", one)), (), (), "x")
        for one in ANSWERS
    ]
    decode = encoder.tokenizer.decode
    for answer, encoded in zip(ANSWERS, encoder.conversations(asked), strict=True):
        *words, last = [i for i, on in zip(encoded.ids, encoded.labelled, strict=True) if on]
        assert last == encoder.end_id
        assert decode(words, clean_up_tokenization_spaces=False) == answer
