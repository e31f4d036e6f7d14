"""The built-in tokenizer loses nothing, and makes catalogue titles short."""

import pytest

from recexplainer.config.language_model import TinyBackboneConfig
from recexplainer.surrogate.model.backbone_providers import tiny_recipe
from recexplainer.surrogate.model.tiny_tokenizer import train_tokenizer
from recexplainer.surrogate.model.untrained_surrogate import made_config


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


def test_titles_are_one_token_wherever_they_stand(tokenizer, catalogue):
    whole = [title for title in catalogue.titles if not any(s in title for s in ("“", "; ", ": "))]
    (joined,) = tokenizer(["; ".join(whole)], add_special_tokens=False)["input_ids"]
    alone = tokenizer(whole, add_special_tokens=False)["input_ids"]
    assert all(len(ids) == 1 for ids in alone)
    assert [i for i in joined if [i] in alone] == [ids[0] for ids in alone]


def test_long_and_rare_titles_are_one_token_too():
    """Merges alone would need a token for each beginning of each of these."""
    titles = [f"{a} of the {n}th and last of all seasons" for n in range(60) for a in "ABC"]
    tokenizer = train_tokenizer(titles, ["Say a title; or another"], 600)
    assert all(len(ids) == 1 for ids in tokenizer(titles)["input_ids"])


def test_titles_of_the_texts_come_first_where_not_all_can_be_tokens():
    titles = [f"{name} number {number}" for name in "ABCD" for number in range(200)]
    said, silent = titles[1::4], [title for title in titles if title not in titles[1::4]]
    tokenizer = train_tokenizer(titles, ["; ".join(said)], 600)
    assert len(tokenizer) <= 600
    assert all(len(ids) == 1 for ids in tokenizer(said)["input_ids"])
    lengths = [len(ids) for ids in tokenizer(silent)["input_ids"]]
    assert 300 - len(said) <= lengths.count(1) + 3 <= 310
    assert [tokenizer.decode(ids) for ids in tokenizer(silent)["input_ids"]] == silent


def test_titles_beyond_ascii_are_tokens_and_survive():
    """An added token's letters would come back as bytes of their own."""
    titles = ["Amélie", "七人の侍", "Ωμέγα", "é"]
    tokenizer = train_tokenizer(titles, ["Say a title"], 600)
    (joined,) = tokenizer(["; ".join(titles)])["input_ids"]
    assert len(joined) <= len(titles) + 2 * (len(titles) - 1)
    assert tokenizer.decode(joined) == "; ".join(titles)


def test_the_vocabulary_is_no_larger_than_asked(catalogue, sentences):
    assert len(train_tokenizer(catalogue.titles, sentences, 300)) <= 300


def test_the_config_names_the_tokenizers_ends(tokenizer):
    recipe = tiny_recipe(TinyBackboneConfig(layers=1, width=16, heads=2))
    ends = {"pad": tokenizer.pad_token_id, "end": tokenizer.eos_token_id}
    config = made_config(recipe, len(tokenizer), **ends)
    assert tokenizer.decode([config.eos_token_id]) == "<|end|>"
    assert config.tie_word_embeddings
