"""Random answers under the guard are of a language that is written here once more, by hand."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

from recexplainer.plugins.wording_interface import ANY_TITLE, NextSentences
from recexplainer.records import Catalogue, Context, HistorySlot, Item, ItemSlot, Text, Turn
from recexplainer.surrogate.generation.taught_sentences import (
    TaughtSentences,
    Vocabulary,
    asked_about,
)

TITLES = ("Amélie", "Heat", "Heat. Again", "Seven")
OPENINGS = ("Yes, “Fargo” suits.", "Yes. It suits.", "No, “Fargo” does not.")
CAUSES = (f"It owes to {ANY_TITLE}.", f"It owes to {ANY_TITLE} and {ANY_TITLE}.", "Nothing pulls.")
VALUES = ("By A Inc.", "By A Inc., too.", "Its genre is Drama.")
FURTHER = (*VALUES, f"Also {ANY_TITLE}.", f"Also {ANY_TITLE}, {ANY_TITLE}.")
FURTHER_SAID = r"By A Inc\.(?:, too\.)?|Its genre is Drama\.|Also “[^”]+”\.|Also “[^”]+”, “[^”]+”\."
LANGUAGE = re.compile(
    r"(?:Yes, “Fargo” suits\.|Yes\. It suits\.|No, “Fargo” does not\.)"
    r" (?:It owes to “[^”]+”(?: and “[^”]+”)?\.|Nothing pulls\.)"
    rf"(?: (?:{FURTHER_SAID})){{0,5}}"
)
WORDS = ("Yes, ", ". ", " suits", "It owes to ", " and ", "Heat", "Heat. Again", "Also ")
END = 256 + len(WORDS)


class _Wording:
    def next_sentences(self, about, said):
        assert (about.item, len(about.history), about.question) == ("fargo", 5, "Why ?")
        told = [one.sentence for one in said if one.sentence in {*OPENINGS, *CAUSES, *FURTHER}]
        if len(told) < 2:
            return NextSentences(inner=(OPENINGS, CAUSES)[len(told)])
        return NextSentences(last=[text for text in FURTHER if text not in told])


@pytest.fixture(scope="module")
def vocabulary():
    single = [bytes([byte]) for byte in range(256)]
    return Vocabulary([*single, *(word.encode() for word in WORDS), b""], END)


def _asked(begun=""):
    """One title stands twice in the history."""
    names = ("Amélie", "Heat", "Heat. Again", "Seven")
    items = [Item(f"i{row}", title) for row, title in enumerate(names)]
    catalogue = Catalogue([*items, Item("fargo", "Fargo")])
    context = Context("u", 5, ("i0", "i1", "i2", "i3", "i1"), "leave_one_out")
    question = (Turn("user", (Text("Why "), HistorySlot(0), ItemSlot("fargo"), Text("?"))),)
    opening = (Turn("assistant", (Text(begun),)),) if begun else ()
    return asked_about((*question, *opening), [context], catalogue)


def _walk(vocabulary, rng, begun=""):
    guard = TaughtSentences(1, [_asked(begun)], _Wording(), vocabulary)
    ids = [0]
    for _ in range(400):
        scores = torch.from_numpy(rng.normal(size=(1, END + 1)))
        ids.append(int(guard(torch.tensor([ids]), scores)[0].argmax()))
        if ids[-1] == END:
            said = b"".join(vocabulary.written[token] for token in ids[1:]).decode()
            return (begun + said).rstrip()
    raise AssertionError("it never ends")


def test_every_answer_is_made_of_taught_sentences(vocabulary):
    rng = np.random.default_rng(3)
    answers = {_walk(vocabulary, rng) for _ in range(150)}
    assert len(answers) > 100
    for answer in answers:
        assert LANGUAGE.fullmatch(answer), answer
        quoted = [title for title in re.findall(r"“([^”]+)”", answer) if title != "Fargo"]
        assert len(quoted) == len(set(quoted)), answer
        assert set(quoted) <= set(TITLES), answer
    assert any("Heat. Again" in answer for answer in answers)
    assert any("Amélie" in answer for answer in answers)
    assert any("Inc. " in answer for answer in answers)
    assert any("Inc., too." in answer for answer in answers)


@pytest.mark.parametrize(
    "text",
    [
        "Yes, “Fargo” suits. It owes to “Heat”. Also “Amélie”.",
        "Yes. It suits. It owes to “Amélie” and “Heat. Again”. Also “Heat”. Its genre is Drama.",
        "No, “Fargo” does not. Nothing pulls. Also “Seven”, “Heat”.",
    ],
)
def test_what_was_taught_may_be_said_however_it_is_cut(text, vocabulary):
    rng = np.random.default_rng(5)
    for _ in range(20):
        guard = TaughtSentences(1, [_asked()], _Wording(), vocabulary)
        said, ids = b"", [0]
        while said != text.encode():
            rest = text.encode()[len(said) :]
            token = rng.choice(vocabulary.beginnings(rest))
            left = guard(torch.tensor([ids]), torch.zeros(1, END + 1))[0]
            assert torch.isfinite(left[token]), (said, vocabulary.written[token])
            said += vocabulary.written[token]
            ids.append(int(token))
        left = guard(torch.tensor([ids]), torch.zeros(1, END + 1))[0]
        assert torch.isfinite(left).nonzero()[:, 0].tolist() == [ord(" "), END]


def test_an_answer_that_begins_with_other_words_goes_on_in_taught_ones(vocabulary):
    begun = "Yes, “Fargo” suits. “Seven. And more” counts. It owes to “Heat”. "
    answer = _walk(vocabulary, np.random.default_rng(0), begun)
    assert answer.startswith(begun)
    assert re.fullmatch(
        rf"(?:(?:{FURTHER_SAID}) ?){{1,5}}",
        answer.removeprefix(begun),
    )
    assert "“Heat”" not in answer.removeprefix(begun)


def test_where_an_answer_is_off_all_sentences_everything_may_be_said(vocabulary):
    guard = TaughtSentences(1, [_asked("Yes, “Fargo” pl")], _Wording(), vocabulary)
    assert torch.isfinite(guard(torch.tensor([[0]]), torch.zeros(1, END + 1))).all()


def test_rows_are_kept_apart(vocabulary):
    guard = TaughtSentences(1, [_asked(), _asked("Yes. It suits. ")], _Wording(), vocabulary)
    left = guard(torch.tensor([[0], [0]]), torch.zeros(2, END + 1))
    first, second = (
        {vocabulary.written[token] for token in row}
        for row in (
            torch.isfinite(left[0]).nonzero()[:, 0].tolist(),
            torch.isfinite(left[1]).nonzero()[:, 0].tolist(),
        )
    )
    assert first == {b"Y", b"Yes, ", b"N"}
    assert second == {b"I", b"It owes to ", b"N"}


class _Ordered(_Wording):
    """Where pulls are known, the strongest are named first, as many as pull up."""

    def next_sentences(self, about, said):
        offered = super().next_sentences(about, said)
        if about.pulls is None:
            return offered
        names = dict(zip(("i0", "i1", "i2", "i3"), TITLES, strict=True))
        order = sorted(about.pulls, key=lambda item: -about.pulls[item])
        return offered._replace(titles=[names[item] for item in order if about.pulls[item] > 0])


def _walk_ordered(vocabulary, rng, begun=""):
    asked = _asked(begun)
    pulls = {"i0": 0.2, "i1": -1.0, "i2": 0.9, "i3": 0.5}
    guard = TaughtSentences(
        1, [asked._replace(about=asked.about._replace(pulls=pulls))], _Ordered(), vocabulary
    )
    ids = [0]
    while ids[-1] != END:
        scores = torch.from_numpy(rng.normal(size=(1, END + 1)))
        ids.append(int(guard(torch.tensor([ids]), scores)[0].argmax()))
    return b"".join(vocabulary.written[token] for token in ids[1:]).decode().rstrip()


def test_open_places_take_the_titles_that_are_given_in_their_order(vocabulary):
    rng = np.random.default_rng(6)
    counts = set()
    for _ in range(60):
        answer = _walk_ordered(vocabulary, rng)
        assert LANGUAGE.fullmatch(answer), answer
        quoted = [title for title in re.findall(r"“([^”]+)”", answer) if title != "Fargo"]
        assert quoted == ["Heat. Again", "Seven", "Amélie"][: len(quoted)], answer
        counts.add(len(quoted))
    assert counts == {0, 1, 2, 3}


def test_what_an_answer_begins_with_may_name_others(vocabulary):
    """Somebody else knew the cause; what is named after it comes in order, each once."""
    rng = np.random.default_rng(7)
    for begun, order in (
        ("Yes, “Fargo” suits. It owes to “Heat”. ", ["Heat. Again", "Seven", "Amélie"]),
        ("Yes, “Fargo” suits. It owes to “Seven”. ", ["Heat. Again", "Amélie"]),
    ):
        found = set()
        for _ in range(30):
            quoted = re.findall(r"“([^”]+)”", _walk_ordered(vocabulary, rng, begun))
            assert quoted == order[: len(quoted)]
            found.add(len(quoted))
        assert max(found) > 1
