"""Guard of sentences: a model that was taught a few forms of sentences says none but these.

A small model trained for minutes learns which words follow which sooner than how a sentence began:
"Yes, “Heat”." is made of two that it was taught. So of its next tokens those alone are left that
continue a sentence of the wording, whose open places take titles of the history, each once.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from transformers import LogitsProcessor

from recexplainer.plugins.wording_interface import ANY_TITLE, About, Said, Wording
from recexplainer.records import Catalogue, Context, HistorySlot, ItemSlot, Text, Turn

__all__ = ["Asked", "TaughtSentences", "Vocabulary", "asked_about"]

_OPENING, _CLOSING = (mark.encode() for mark in ANY_TITLE)


class Asked(NamedTuple):
    """One question.

    Attributes:
        about: what it is about.
        titles: those of the history, each once.
        begun: the words that the answer begins with.
    """

    about: About
    titles: Sequence[str]
    begun: str


def asked_about(
    question: Sequence[Turn], contexts: Sequence[Context], catalogue: Catalogue
) -> Asked:
    """Return what a question asks: about the last item and history that it names."""
    turns = list(question)
    begun = _words(turns.pop()) if turns[-1].role == "assistant" else ""
    parts = [part for turn in turns for part in turn.content]
    item = [part.item for part in parts if isinstance(part, ItemSlot)][-1]
    row = [part.context for part in parts if isinstance(part, HistorySlot)][-1]
    history = contexts[row].history
    titles = [catalogue.title(one) for one in dict.fromkeys(history)]
    return Asked(About(history, item, _words(turns[-1])), titles, begun)


def _words(turn: Turn) -> str:
    return "".join(part.text for part in turn.content if isinstance(part, Text))


class Vocabulary:
    """The tokens of a vocabulary, as bytes.

    Args:
        written: the bytes of each token; empty for special ones. Of two that write the same, the
            later is said: the earlier is a byte to fall back on.
        end: the token that ends an answer.
    """

    def __init__(self, written: Sequence[bytes], end: int) -> None:
        self.written, self.end = written, end
        self._tokens = {text: token for token, text in enumerate(written) if text}
        self._longest = max(map(len, written), default=0)
        self._found: dict[bytes, tuple[int, ...]] = {}

    def beginnings(self, text: bytes) -> tuple[int, ...]:
        """Return the tokens that ``text`` begins with, in any cut."""
        if text not in self._found:
            lengths = range(1, min(len(text), self._longest) + 1)
            tokens = (self._tokens.get(text[:length]) for length in lengths)
            self._found[text] = tuple(token for token in tokens if token is not None)
        return self._found[text]


class _Options(NamedTuple):
    """What may be said at a place.

    Attributes:
        sentences: those that what is said there may still become.
        last: those that the answer may end with.
        free: the titles that have stood in no open place before.
        in_order: whether open places take them one after another.
    """

    sentences: list[str]
    last: frozenset[str]
    free: list[str]
    in_order: bool


@dataclass
class _Progress:
    """How far an answer has been read: ``place`` is where its next sentence begins."""

    place: int = 0
    said: list[Said] = field(default_factory=list)
    options: _Options | None = None
    """At ``place``, once they have been asked for."""

    def go_behind(self, one: Said, place: int) -> None:
        """Go on at ``place``, where the sentence after ``one`` begins."""
        self.said.append(one)
        self.place, self.options = place, None


class _Whole(NamedTuple):
    """A sentence that an answer holds: where it ends, and the titles in its open places."""

    end: int
    titles: tuple[str, ...]


class _Part(NamedTuple):
    """A sentence within which an answer ends: what may follow, up to an open place or its end."""

    left: tuple[bytes, ...]


class TaughtSentences(LogitsProcessor):
    """Leaves the tokens that continue a taught sentence; all, where an answer is off them.

    Args:
        start: how many tokens questions and beginnings of answers have.
        asked: what each of the B answers is about.
        wording: the sentences.
        vocabulary: the tokens.
    """

    def __init__(
        self, start: int, asked: Sequence[Asked], wording: Wording, vocabulary: Vocabulary
    ) -> None:
        self._start, self._asked, self._wording = start, asked, wording
        self._vocabulary = vocabulary
        self._progress = [_Progress() for _ in asked]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return ``scores`` ``(B, vocabulary)`` with what continues no sentence ruled out."""
        written = self._vocabulary.written
        for row, tokens in enumerate(input_ids[:, self._start :].tolist()):
            said = self._asked[row].begun.encode() + b"".join(written[token] for token in tokens)
            allowed = self._allowed(row, said)
            if allowed:
                kept = scores[row, allowed]
                scores[row] = -torch.inf
                scores[row, allowed] = kept
        return scores

    def _allowed(self, row: int, said: bytes) -> list[int]:
        """Return the tokens that may follow ``said``; none where it is no taught sentence."""
        progress, end = self._progress[row], self._vocabulary.end
        while True:
            options = progress.options or self._options(row, progress.said, progress.place)
            if progress.place == len(said) and not options.sentences:
                return [end]  # all is said
            laid = ((one, _match(one, said, progress.place, options)) for one in options.sentences)
            matches = {one: match for one, match in laid if match is not None}
            progress.options = options._replace(sentences=list(matches))
            parts = {one: match for one, match in matches.items() if isinstance(match, _Part)}
            wholes = {one: match for one, match in matches.items() if isinstance(match, _Whole)}
            if wholes:
                sentence, (stop, titles) = next(iter(wholes.items()))
                one = Said(sentence, titles)
                if stop == len(said):
                    ends = [end] if sentence in options.last else []
                    longer = self._continuing(parts, options.last)  # "Inc.", and then ", but"
                    return [*self._going_on(row, one), *ends, *longer]
                progress.go_behind(one, stop + 1)  # behind the space
            elif parts:
                return self._continuing(parts, options.last)
            else:  # a sentence of others
                behind = _end_of_sentence(said, progress.place)
                if behind is None:
                    closed = said == self._asked[row].begun.encode() and said.endswith(b".")
                    return self._going_on(row, Said("", ())) if closed else []
                other = said[progress.place : behind].decode(errors="replace").strip()
                progress.go_behind(Said(other, ()), behind)

    def _going_on(self, row: int, one: Said) -> list[int]:
        """Return the tokens that may follow the full stop of a sentence, but for the end.

        Many vocabularies have words with the space before them, and have read none without it.
        """
        said = [*self._progress[row].said, one]
        options = self._options(row, said, len(self._asked[row].begun.encode()))
        allowed = {*self._vocabulary.beginnings(b" ")}
        for sentence in options.sentences:
            start = _match(sentence, b"", 0, options)
            if isinstance(start, _Part):
                allowed.update(*(self._vocabulary.beginnings(b" " + text) for text in start.left))
        return sorted(allowed)

    def _options(self, row: int, said: Sequence[Said], place: int) -> _Options:
        """Return what may be said at ``place`` in the answer of a row, after ``said``."""
        asked = self._asked[row]
        about = asked.about
        if place < len(asked.begun.encode()):  # words of somebody who knew better, or not
            about = about._replace(pulls=None)
        found = self._wording.next_sentences(about, said)
        used = {title for one in said for title in one.titles}
        titles = asked.titles if found.titles is None else found.titles
        free = [title for title in titles if title not in used]
        offered = (*found.inner, *found.last)
        fitting = [one for one in offered if one.count(ANY_TITLE) <= len(free)]
        return _Options(fitting, frozenset(found.last), free, found.titles is not None)

    def _continuing(self, parts: Mapping[str, _Part], last: Container[str]) -> list[int]:
        allowed: set[int] = set()
        for sentence, part in parts.items():
            for text in part.left:
                closes = text.endswith(b".")
                if closes:
                    allowed.update(self._vocabulary.beginnings(text + b" "))
                if not closes or sentence in last:
                    allowed.update(self._vocabulary.beginnings(text))
        return sorted(allowed)


def _match(sentence: str, said: bytes, place: int, options: _Options) -> _Whole | _Part | None:
    """Lay ``sentence`` against ``said`` from ``place`` on; None where they differ.

    Args:
        sentence: with ``ANY_TITLE`` in its open places.
        said: the answer.
        place: where it begins in the answer.
        options: for the titles that its open places take, each once.
    """
    titles: tuple[str, ...] = ()
    parts = sentence.split(ANY_TITLE)
    for count, part in enumerate(parts):
        words = part.encode()
        last = count == len(parts) - 1
        expected = words if last else words + _OPENING
        rest = said[place : place + len(expected)]
        if not expected.startswith(rest):
            return None
        if len(rest) < len(expected):
            return _Part((expected[len(rest) :],))
        place += len(expected)
        if last:
            break
        closed = said.find(_CLOSING, place)
        left = [title for title in options.free if title not in titles]
        left = left[:1] if options.in_order else left
        if closed < 0:
            begun = said[place:]
            quoted = (title.encode() + _CLOSING for title in left)
            rests = tuple(text[len(begun) :] for text in quoted if text.startswith(begun))
            return _Part(rests) if rests else None
        title = said[place:closed].decode(errors="replace")
        if title not in left:
            return None
        titles, place = (*titles, title), closed + len(_CLOSING)
    if said[place : place + 1].strip():  # the full stop of a value, such as "Inc., but"
        return None
    return _Whole(place, titles)


def _end_of_sentence(said: bytes, place: int) -> int | None:
    """Return where the sentence after the one at ``place`` begins; titles hold no end of one."""
    quoted = False
    while place < len(said):
        if said.startswith(_OPENING, place):
            quoted = True
        elif said.startswith(_CLOSING, place):
            quoted = False
        elif not quoted and said.startswith(b". ", place):
            return place + 2
        place += 1
    return None
