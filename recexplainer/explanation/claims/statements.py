"""Statements: sentences of a text, a list taken as one; ``title_runs`` cuts them into clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recexplainer.records import Claim

__all__ = ["LIST_MARKER", "Named", "Statement", "find_statements", "sentence_spans"]

LIST_MARKER = re.compile(r"^[^\S\n]*(?:[-*•+–]|\(?\d{1,2}[.)])[^\S\n]+(?=\S)", re.MULTILINE)
"""What begins a line of a list: a bullet, or a number."""
_BREAK = re.compile(r"(?:[!?]|\.(?!\d))[.!?]*|\n")
_NO_BREAK = re.compile(r"(?:^|\n)[^\S\n]*\(?\d{1,2}\Z|\b(?:e\.g|i\.e|vs|cf|etc|approx)\Z")
_LOOK_BACK = 12
_MARKS = "*_\"“”'‘’`«»„|"
_LEAD = re.compile(rf"[{re.escape(_MARKS)}\s]*")
_INTRODUCES = re.compile(
    rf":[{re.escape(_MARKS)}\s]*\Z|\A\s*(?:\*\*[^*\n]+\*\*|#+\s[^\n]+)[:\s]*\Z"
)
_SIGNED = re.compile(rf"[{re.escape(_MARKS)}]{{0,3}}\s?[(:=–—]?\s?(?P<number>[+−–-]\s?[\d.]+)")
_LONGEST_INTRODUCTION = 400
_LONGEST = 1000


def sentence_spans(masked: str) -> Iterator[tuple[int, int]]:
    """Yield where sentences begin and end, white space before each included.

    Neither a decimal point, nor a number that begins a line, nor an abbreviation ends a sentence.

    Args:
        masked: the text, each title replaced by underscores.
    """
    start = 0
    for found in _BREAK.finditer(masked):
        newline = found.group() == "\n"
        if found.group() == "." and _NO_BREAK.search(
            masked, max(0, found.start() - _LOOK_BACK), found.start()
        ):
            continue
        if found.start() > start:
            yield start, found.start() if newline else found.end()
        start = found.end()
    if start < len(masked):
        yield start, len(masked)


@dataclass(frozen=True, slots=True)
class Named:
    """A title or value, and where it stands in the words of a statement."""

    start: int
    end: int
    claim: Claim


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence; or a sentence that introduces a list, its titles said one after another.

    Attributes:
        words: with titles and values masked.
        named: the titles and values in them, in order.
        start: where it begins in the text.
        end: where it ends.
        lead: whether its first title stands first in a line of a list, and so may be meant by an
            introduction.
        introduces: whether it stands for such an introduction and its lines.
    """

    words: str
    named: tuple[Named, ...]
    start: int
    end: int
    lead: bool = False
    introduces: bool = False


def find_statements(masked: str, claims: Sequence[Claim]) -> list[Statement]:
    """Return the sentences of a text; a list's introduction follows its lines.

    Args:
        masked: the text, titles and values masked.
        claims: the titles and values, by position.
    """
    markers = {found.start(): found.end() for found in LIST_MARKER.finditer(masked)}
    statements: list[Statement] = []
    introduction: Statement | None = None
    leads: list[Claim] = []
    place = 0
    for start, end in _parts(masked):
        while place < len(claims) and claims[place].start < start:
            place += 1
        held = []
        while place < len(claims) and claims[place].start < end:
            held.append(claims[place])
            place += 1
        first = markers.get(start, start)
        lead = _lead(masked, first, held) if first != start else None
        sentence = _sentence(masked, first, end, held, lead=lead is not None)
        begins_line = start == 0 or masked[start - 1] == "\n"
        if lead is not None:
            leads.append(lead)
        elif begins_line and sentence.words.strip():
            statements.extend(_introduced(masked, introduction, leads))
            introduction, leads = None, []
        statements.append(sentence)
        if lead is None and sentence.words.strip():
            introduction = sentence if _INTRODUCES.search(sentence.words) else None
    return [*statements, *_introduced(masked, introduction, leads)]


def _parts(masked: str) -> Iterator[tuple[int, int]]:
    """Yield sentences, very long ones in parts, so that patterns cost little on any text."""
    for start, end in sentence_spans(masked):
        part = start
        while end - part > _LONGEST:
            cut = masked.rfind(" ", part + _LONGEST // 2, part + _LONGEST)
            cut = part + _LONGEST if cut < 0 else cut
            while masked[cut - 1] == masked[cut] and not masked[cut].isspace():
                cut += 1  # a title is masked by one sign
                if cut >= end:
                    break
            if cut >= end:
                break
            yield part, cut
            part = cut
        yield part, end


def _lead(masked: str, start: int, held: Sequence[Claim]) -> Claim | None:
    """Return the title that stands first in a line of a list."""
    titles = [claim for claim in held if claim.kind in ("cause", "item")]
    after = _LEAD.match(masked, start)
    opening = masked[start : titles[0].start] if titles else "x"
    return titles[0] if after is not None and not opening.strip(f" {_MARKS}") else None


def _sentence(masked: str, start: int, end: int, held: Sequence[Claim], *, lead: bool) -> Statement:
    named = tuple(Named(one.start - start, one.end - start, one) for one in held)
    return Statement(masked[start:end], named, start, end, lead)


def _introduced(
    masked: str, introduction: Statement | None, leads: Sequence[Claim]
) -> Iterator[Statement]:
    """Yield the introduction with the titles of its list as if said in one sentence.

    A signed number behind a title is said with it.
    """
    if introduction is None or not leads or len(introduction.words) > _LONGEST_INTRODUCTION:
        return
    words, named = introduction.words.rstrip(f" {_MARKS}"), list(introduction.named)
    for place, lead in enumerate(leads):
        words += ", " if place else " "
        named.append(Named(len(words), len(words) + 1, lead))
        signed = _SIGNED.match(masked, lead.end)
        words += f"_ ({signed['number']})" if signed else "_"
    start, end = introduction.start, leads[-1].end
    yield Statement(words, tuple(named), start, end, introduces=True)
