"""A pretrained encoder that reads the explanations, on a tiny one with random weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizerFast, T5Config, T5Model

from recexplainer.errors import UserError
from recexplainer.explanation.figures.distinction import wording_metrics
from recexplainer.explanation.figures.text_encoder import TextEncoder
from recexplainer.records import Explanation

SAID = ("the", "score", "is", "high", "low", "owes", "to", "verily", "most", "fine")
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *SAID]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("encoder")
    (where / "words.txt").write_text("\n".join(WORDS))
    BertTokenizerFast(vocab=str(where / "words.txt"), model_max_length=16).save_pretrained(where)
    shape = {"hidden_size": 16, "intermediate_size": 32, "num_attention_heads": 2}
    torch.manual_seed(0)
    config = BertConfig(vocab_size=len(WORDS), num_hidden_layers=1, **shape)
    BertModel(config).save_pretrained(where)
    return where


@pytest.fixture(scope="module")
def encode(folder):
    return TextEncoder(str(folder))


def test_a_texts_vector_is_the_mean_over_its_own_tokens(encode, folder):
    model = BertModel.from_pretrained(folder).eval()
    ids = torch.tensor([[2, WORDS.index("score"), WORDS.index("low"), 3]])
    with torch.no_grad():
        expected = model(ids).last_hidden_state[0].mean(0).numpy()
    beside_a_longer_one = encode(["score low", "the score owes to the most fine"])
    np.testing.assert_allclose(beside_a_longer_one[0], expected, atol=1e-5)


def test_more_texts_than_are_read_at_once_keep_their_order(encode):
    texts = [" ".join(WORDS[4 : 5 + row % 9]) for row in range(70)]
    together = encode(texts)
    assert together.shape == (70, 16)
    for row in (0, 33, 69):
        np.testing.assert_allclose(together[row], encode([texts[row]])[0], atol=1e-5)


def test_a_text_is_read_once_for_all_figures(folder, notes, linear_cases):
    encode = TextEncoder(str(folder), notes)
    read = []
    encode._model.register_forward_hook(lambda _, __, out: read.append(len(out[0])))
    texts = ["the score is high", "most fine", "the score is high", "low"]
    first = encode(texts)
    assert sum(read) == 3
    np.testing.assert_array_equal(first[0], first[2])
    np.testing.assert_array_equal(encode(["low", "most fine"]), first[[3, 1]])
    assert sum(read) == 3
    encode(["low", "fine"])
    assert sum(read) == 4


def test_weights_in_half_precision_are_read_in_full(folder, tmp_path):
    """On most processors half precision is emulated, several times slower."""
    BertModel.from_pretrained(folder).to(torch.bfloat16).save_pretrained(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    assert TextEncoder(str(tmp_path))._model.dtype == torch.float32


def test_a_text_beyond_what_the_model_reads_is_cut_off(encode):
    longest = " ".join(["score"] * 14)
    np.testing.assert_allclose(encode([longest]), encode([longest + " low" * 50]), atol=1e-5)


def test_encoded_texts_give_away_their_writer_and_the_score(encode, linear_cases):
    cases = [
        case.model_copy(update={"user": f"u{row % 20}", "score": float(row % 2) * 4 + row * 0.001})
        for row, case in enumerate(linear_cases[:80])
    ]
    said = {
        "telling": lambda case: "the score is high" if case.score > 3 else "the score is low",
        "grand": lambda case: "verily most fine",
    }
    texts = [
        Explanation(case=case.id, explainer=name, text=say(case))
        for name, say in said.items()
        for case in cases
    ]
    values = {(m.subject, m.metric): m.value for m in wording_metrics(texts, cases, 0, encode)}
    assert values["telling", "distinction_encoded"] == 1.0
    assert values["grand", "distinction_encoded"] == 1.0
    assert values["telling", "simulatability_encoded"] > 0.9
    assert values["grand", "simulatability_encoded"] == pytest.approx(0.0, abs=0.05)
    words = {(m.subject, m.metric): m.value for m in wording_metrics(texts, cases, 0)}
    assert words == {key: value for key, value in values.items() if "encoded" not in key[1]}


def test_what_is_no_encoder_is_told_in_one_line(tmp_path, folder):
    with pytest.raises(UserError, match=r"text_encoder: .*nothing.* could not be loaded") as error:
        TextEncoder(str(tmp_path / "nothing"))
    assert "\n" not in str(error.value)


def test_pickled_weights_are_refused(tmp_path, folder):
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    torch.save(BertModel.from_pretrained(folder).state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(UserError, match="could not be loaded as a text encoder"):
        TextEncoder(str(tmp_path))


def test_a_model_with_a_decoder_is_refused(tmp_path, folder):
    shape = {"d_model": 16, "d_ff": 32, "d_kv": 8, "num_heads": 2, "num_layers": 1}
    T5Model(T5Config(vocab_size=len(WORDS), **shape)).save_pretrained(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(UserError, match="it has a decoder as well"):
        TextEncoder(str(tmp_path))
