"""A published model that has read nothing explains in the sentences of a wording all the same."""

from __future__ import annotations

import re

import pytest
import torch

from recexplainer.plugins.wording_interface import ANY_TITLE, NextSentences
from recexplainer.records import HistorySlot, ItemSlot, Text, Turn
from recexplainer.surrogate.corpus.training_files import PULL_NETWORK
from recexplainer.surrogate.model.pull_network import PullNetwork, PullSize
from recexplainer.surrogate.model.surrogate_files import save_surrogate

OPENINGS = ("Yes, it suits.", "No.")
CAUSES = (f"It owes to {ANY_TITLE}.", f"“Up (2009)” is like {ANY_TITLE}.")
LAST = ("Its genre is Drama.",)
LANGUAGE = re.compile(
    r"(?:Yes, it suits\.|No\.) (?:It owes to|“Up \(2009\)” is like) “(?P<cause>.+)”\."
    r"(?: Its genre is Drama\.)?"
)


class _Wording:
    def next_sentences(self, about, said):
        if len(said) < 2:
            titles = None
            if about.pulls is not None:
                titles = [TITLE_OF[max(about.pulls, key=about.pulls.get)]]
            return NextSentences(inner=(OPENINGS, CAUSES)[len(said)], titles=titles)
        return NextSentences(last=[text for text in LAST if text not in {s.sentence for s in said}])


TITLE_OF = {"i0": "Toy Story (1995)", "i1": "Heat (1995)", "i2": "Amélie (2001)"}


@pytest.fixture(scope="module")
def published(on_llama, tmp_path_factory):
    place = tmp_path_factory.mktemp("published")
    torch.manual_seed(4)
    model, encoder, recipe = on_llama(place / "source")
    save_surrogate(model, encoder, place / "model", recipe)
    return place / "model"


@pytest.fixture
def answers(published, speaker_in, contexts):
    """Answers to a question, drawn at random, that begin with given words."""

    def ask(begun="", *, wording=True, most=250):
        speaker = speaker_in("combined", folder=published, wording=_Wording() if wording else None)
        asked = (Text("Would "), HistorySlot(0), Text(" take to "), ItemSlot("i10"), Text("?"))
        opening = (Turn("assistant", (Text(begun),)),) if begun else ()
        question = (Turn("user", asked), *opening)
        given = {"max_new_tokens": most, "quoting": True, "temperature": 1.5, "beams": 12}
        (found,) = speaker.answer([question], contexts, **given)
        return [f"{begun}{text}" for text in found]

    return ask


def test_answers_are_made_of_the_sentences(answers):
    found = answers()
    causes = {LANGUAGE.fullmatch(text)["cause"] for text in found}
    assert len(set(found)) > 3
    assert causes <= {*TITLE_OF.values()}
    assert len(causes) > 1


def test_an_answer_that_others_began_goes_on_in_them(answers):
    for begun in ("No.", "Yes, it suits."):
        for text in answers(begun):
            assert LANGUAGE.fullmatch(text), text
    for text in answers("Who knows. Sure."):  # two sentences of others: all but the last is said
        assert text in {"Who knows. Sure.", "Who knows. Sure. Its genre is Drama."}


def test_what_was_taught_no_sentences_is_free(answers):
    assert not any(LANGUAGE.fullmatch(text) for text in answers(wording=False, most=20))


def test_titles_are_those_that_the_network_estimates(answers, published, vectors):
    torch.manual_seed(6)
    network = PullNetwork(PullSize(d_rec=vectors[1].shape[1], ages=4, width=8))
    network.save(published / PULL_NETWORK)
    try:
        causes = {LANGUAGE.fullmatch(text)["cause"] for text in answers()}
    finally:
        (published / PULL_NETWORK).unlink()
    rows, item = torch.tensor([[0, 1, 2]]), torch.tensor([[10]])
    pulls = network.eval()(rows, item, torch.from_numpy(vectors[1]))[0, 0]
    assert causes == {TITLE_OF[f"i{int(pulls.argmax())}"]}
