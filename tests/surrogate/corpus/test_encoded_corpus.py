"""What a budget reaches is encoded, once; all of it is as if encoded in one go."""

import shutil

import numpy as np
import pytest
from datasets import load_from_disk

from recexplainer.alignment.corpus_files import TrainWriter
from recexplainer.records import Rendered, RenderedTurn, SilentProgress
from recexplainer.surrogate.corpus.batches import EncodedCorpus
from recexplainer.surrogate.corpus.conversation_files import read_examples
from recexplainer.surrogate.corpus.encoded_corpus import Counts, Encodings
from recexplainer.surrogate.corpus.training_folder import prepare, read_counts
from recexplainer.surrogate.corpus.truncation import Fitter

QUIET = SilentProgress()


class CountingFitter(Fitter):
    """Counts what is encoded."""

    seen = 0

    def fit(self, rendered, spare=0):
        self.seen += len(rendered)
        return super().fit(rendered, spare)


@pytest.fixture
def encodings(surrogate, corpus, tmp_path, monkeypatch):
    """Make encodings of a copy of the corpus, in parts of seven: ``make(limit=...)``."""
    monkeypatch.setattr("recexplainer.surrogate.corpus.encoded_corpus._PART", 7)
    place = tmp_path / "corpus"
    shutil.copytree(corpus, place)

    def make(limit=2048, name="one", seed=3):
        fitter = CountingFitter(surrogate[1], limit)
        return Encodings(place, name, fitter, seed), fitter

    return make


def in_one_go(encodings, fitter):
    """Encode every example in order, those that do not fit left out."""
    examples = load_from_disk(str(encodings._folder.parents[1] / "train"))
    rendered = read_examples(examples, np.arange(len(examples)))
    pairs = zip(Fitter(fitter.encoder, fitter.limit).fit(rendered), rendered, strict=True)
    kept = [(encoded, one) for encoded, one in pairs if encoded]
    return EncodedCorpus.build([one for one, _ in kept], [one for _, one in kept])


def same(one, other):
    return all(
        np.array_equal(a, b) for a, b in zip(vars(one).values(), vars(other).values(), strict=True)
    )


def rows(corpus):
    return sorted(corpus[k]["ids"].tobytes() for k in range(len(corpus)))


@pytest.mark.parametrize("limit", [2048, 22])
def test_all_of_it_is_as_if_encoded_in_order(limit, encodings):
    made, fitter = encodings(limit)
    whole, counts = made.first(len(made), QUIET)
    expected = in_one_go(made, fitter)
    assert same(whole, expected)
    assert counts.skipped == len(made) - len(expected)
    assert counts.left_out == 0


def test_a_larger_budget_takes_the_same_and_encodes_only_the_rest(encodings):
    made, fitter = encodings()
    few, counts = made.first(10, QUIET)
    assert len(few) == 10
    assert counts == Counts(left_out=len(made) - 10)
    assert fitter.seen == 14  # two parts of seven
    again, later = encodings()
    more, _ = again.first(30, QUIET)
    assert later.seen == 35 - 14
    assert set(rows(few)) <= set(rows(more))
    assert same(again.first(10, QUIET)[0], few)
    assert later.seen == 35 - 14


def test_another_encoder_takes_nothing_of_the_former(encodings):
    made, _ = encodings()
    made.first(10, QUIET)
    other, fitter = encodings(name="two")
    other.first(10, QUIET)
    assert fitter.seen == 14
    assert not made._folder.exists()


def test_training_prepares_what_its_steps_see(corpus, settings, catalogue, tmp_path):
    for budget, expected in ((0.2, 16), (1.0, 50), (3.0, 50)):  # 50 examples, batches of 8
        chosen = settings.model_copy(update={"budget": budget})
        folder = tmp_path / f"{budget}"
        prepare(corpus, folder, chosen, titles=catalogue.titles, progress=QUIET)
        assert len(EncodedCorpus.load(folder / "encoded.safetensors")) == expected
        assert read_counts(folder).left_out == 50 - expected


def test_minutes_may_reach_all(settings):
    assert settings.model_copy(update={"minutes": 1.0, "budget": 0.1}).reach(50) == 50


def test_soft_labels_become_the_tokens_that_answers_begin_with(surrogate, tmp_path):
    """Those that a conversation with such an answer has; titles that begin alike share one."""
    _, encoder = surrogate

    def answered(text, **soft):
        turns = (RenderedTurn("user", "Which?"), RenderedTurn("assistant", text))
        return Rendered(turns, (), (), "behavior", **soft)

    def begins(text):
        (one,) = encoder.conversations([answered(text)])
        return one.ids[list(one.labelled).index(True)]

    titles = ["Zebras (1995)", "Up (2009)", "Zebras 2 (1999)"]
    written = [
        answered(titles[0], liked=((0, 0.5), (2, 0.3), (1, 0.2))),
        answered("Yes", label_shares=(("Yes", 0.75), ("No", 0.25))),
        answered(titles[0]),
    ]
    with TrainWriter(tmp_path) as writer:
        for number, one in enumerate(written):
            writer.add(str(number), "next", one, ())
    corpus, _ = Encodings(tmp_path, "one", Fitter(encoder, 2048), 3, titles).first(
        3, SilentProgress()
    )
    zebras, up, yes, no = map(begins, (titles[0], titles[1], "Yes", "No"))
    assert begins(titles[2]) == zebras
    one, other, hard = (
        dict(zip(encoded["liked"], encoded["liked_shares"], strict=True))
        for encoded in map(corpus.__getitem__, range(3))
    )
    assert one == pytest.approx({zebras: 0.8, up: 0.2})
    assert other == {yes: 0.75, no: 0.25}
    assert hard == {}
