"""The built-in tokenizer loses nothing, and makes catalogue titles short."""

import pytest

from recexplainer.surrogate.tiny import tiny_config, train_tokenizer


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
