"""The built-in tokenizer loses nothing, and makes catalogue titles short."""

import pytest
import torch
from transformers import AutoModelForCausalLM

from recexplainer.surrogate.tiny import start_as_copier, tiny_config, train_tokenizer


@pytest.fixture(scope="module")
def tokenizer(catalogue, sentences):
    return train_tokenizer(catalogue.titles, [*catalogue.titles, *sentences] * 3, 600)


TEXTS = [
    "Toy Story (1995); Heat (1995): what is next?",
    "  leading, trailing  and double  spaces ",
    "quotes “curly” ‘single’ \"straight\" 'n' «guillemets»",
    "Amélie, naïve, e\u0301, 七人の侍, Ωμέγα, עברית",
    "emoji 👩‍👩‍👧 and tabs\tand\nnew\n\nlines",
    "unseen words: xyzzy, plugh.; .,?!  . ; : ;",
    "\x00\x7f\ufeff\uffff control and odd",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_survives(tokenizer, text):
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert tokenizer.decode(ids) == text


def test_frequent_titles_are_one_token_wherever_they_stand(tokenizer, catalogue):
    whole = [title for title in catalogue.titles if not any(s in title for s in ("“", "; ", ": "))]
    (joined,) = tokenizer(["; ".join(whole)], add_special_tokens=False)["input_ids"]
    alone = tokenizer(whole, add_special_tokens=False)["input_ids"]
    assert all(len(ids) == 1 for ids in alone)
    assert [i for i in joined if [i] in alone] == [ids[0] for ids in alone]


def test_the_vocabulary_is_no_larger_than_asked(catalogue, sentences):
    assert len(train_tokenizer(catalogue.titles, sentences, 300)) <= 300


def test_the_config_names_the_tokenizers_ends(tokenizer):
    config = tiny_config(
        len(tokenizer),
        layers=1,
        width=16,
        heads=2,
        pad=tokenizer.pad_token_id,
        end=tokenizer.eos_token_id,
    )
    assert tokenizer.decode([config.eos_token_id]) == "<|end|>"
    assert config.tie_word_embeddings


def test_a_fresh_model_says_what_it_looks_at():
    """Before any training a token of the prompt is likelier than the average token."""
    torch.manual_seed(0)
    config = tiny_config(300, layers=2, width=64, heads=2, pad=0, end=1)
    plain, copier = (AutoModelForCausalLM.from_config(config).eval() for _ in range(2))
    start_as_copier(copier)
    prompts = torch.randint(10, 300, (40, 12))
    gains = []
    for model in (plain, copier):
        with torch.no_grad():
            logits = model(prompts).logits[:, -1]
        seen = logits.gather(1, prompts[:, :-1]).mean(1)
        gains.append(float((seen - logits.mean(1)).mean()))
    assert abs(gains[0]) < 0.1
    assert gains[1] > 0.5


def test_the_copy_is_exact_through_one_layer():
    config = tiny_config(50, layers=1, width=32, heads=2, pad=0, end=1)
    model = AutoModelForCausalLM.from_config(config)
    start_as_copier(model)
    attention = model.base_model.layers[0].self_attn
    looped = attention.o_proj.weight @ attention.v_proj.weight
    assert torch.allclose(looped, 4.0 * torch.eye(32), atol=1e-4)
