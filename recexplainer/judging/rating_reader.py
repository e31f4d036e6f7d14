"""Rating in a judge's answer: where it counts, and in how many forms models write it.

A rating counts in its place: as the ``rating`` of a JSON object, wherever in the answer; else on a
line of its own, with or without a label; else at the very end of an answer that names no other. Two
different ratings in such places are none: it is not guessed which one is meant. What is quoted
elsewhere, such as a rating that the graded text asks for, does not count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from recexplainer.chat import spoken
from recexplainer.judging.rubric import LEVELS

__all__ = ["read_rating"]

_QUOTED = 200
"""How much of a reply without a rating is kept, in characters."""

_KEYS = ("rating", "grade", "score")
_REASONS = ("reason", "reasoning", "explanation", "rationale")
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4}
_DIGIT = r"(?:[0-9]+(?:\.[0-9]+)?|one|two|three|four)"
_SCALE = r"(?:\s*(?:/|out\s+of|of)\s*(?:4|four)(?:\.0)?)?(?:\s*points?)?"
_TAG = r"rating\s*[-_:# ]?\s*"
_VALUE = re.compile(
    rf"(?:{_TAG}|level\s*|grade\s*|score\s*)?(?P<value>{_DIGIT}){_SCALE}"
    r"(?:\s*[:\-\u2013\u2014,(.]+\s+(?:in)?correct classification\b.*)?",
    re.IGNORECASE | re.DOTALL,
)
_LABEL = re.compile(
    r"(?:(?:so|thus|therefore|hence|overall|in (?:conclusion|summary))\b,?\s*)?"
    r"(?:(?:the|my|final|overall|assigned|given)\s+)*"
    r"(?:rating|grade|score|verdict|answer|level|assessment)\s*"
    r"(?:is|would be|of|:|=|-|\u2013|\u2014)+\s*"
    r"|(?:(?:so|thus|therefore|hence|overall)\b,?\s*)?i\s+(?:would\s+|will\s+|'d\s+)?"
    r"(?:rate|grade|score|give|assign|choose)\s+"
    r"(?:(?:(?:the|this)\s+\w+|it|this)\s+)?(?:(?:as|with|at|a|an|the)\s+)*"
    r"(?:(?:rating|grade|score)\s+(?:of\s+)?(?=[0-9a-z]))?",
    re.IGNORECASE,
)
_TAGGED = re.compile(r"RATING\s?[-_ ]\s?([0-9]+)", re.IGNORECASE)
_MARKUP = " \t*_`#\"'“”‘’()[]{}<>|~"
_ENDS = _MARKUP + ".,;:!"
_LIST = re.compile(r"^(?:[-*•+]|\d{1,2}[.)])\s+(?=\D)")
_UNSURE = re.compile(
    r"\b(?:not|never|cannot|nor|neither|without|ask(?:s|ed)?|asking|says?|said|claims?|demands?|"
    r"requests?|instead|rather|than|below|above|except|or|between)\b|n't\b",
    re.IGNORECASE,
)


def read_rating(reply: str, reasoning: str = "") -> tuple[int | None, str]:
    """Return the grade and its reason; None and what was said instead where there is no rating.

    Args:
        reply: the model's answer, as it came.
        reasoning: what it thought where the service sends that apart; read where the answer is
            empty, as some services put all of it there.
    """
    said = spoken(reply)
    if not said and reasoning.strip():
        return _read_end(spoken(reasoning) or reasoning.strip()) or _none(reasoning)
    return _read_objects(said) or _read_lines(said) or _read_end(said) or _none(said)


def _none(said: str) -> tuple[None, str]:
    quoted = repr(said.strip()[-_QUOTED:]) if said.strip() else "nothing"
    return None, f"no rating in the answer; it said {quoted}"


def _two(found: set[int]) -> tuple[None, str]:
    return None, f"two ratings in the answer; it holds {' and '.join(map(str, sorted(found)))}"


def _read_objects(said: str) -> tuple[int | None, str] | None:
    """Return what the JSON in an answer says; None where no rating stands in any."""
    found, reason, wrong = set[int](), "", False
    for value in _json_in(said):
        for rating, why in _ratings_of(value):
            grade = _grade(rating)
            wrong = wrong or grade is None
            if grade is not None:
                found.add(grade)
                reason = reason or why
    # A last line that says otherwise contradicts the object.
    last = said.splitlines()[-1] if found and said else ""
    if (other := _on_line(last)) is not None:
        found.add(other)
    if len(found) > 1:
        return _two(found)
    if wrong or (not found and said.startswith("{") and said.endswith("}")):
        return _none(said)  # nothing in an object but its rating counts
    return (found.pop(), reason) if found else None


def _json_in(said: str) -> list[Any]:
    """Return the JSON values in ``said``: the whole of it, or each object and array in it."""
    try:
        return [json.loads(said)]
    except ValueError:
        pass
    values, decoder, place = list[Any](), json.JSONDecoder(strict=False), 0
    while (start := min(_starts(said, place), default=-1)) >= 0:
        try:
            value, place = decoder.raw_decode(said, start)
            values.append(value)
        except ValueError:
            place = start + 1
    return values


def _starts(said: str, place: int) -> list[int]:
    return [at for sign in "{[" if (at := said.find(sign, place)) >= 0]


def _ratings_of(value: Any) -> Iterator[tuple[Any, str]]:
    """Yield each rating in a JSON value, with its reason."""
    if isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict | list):
                yield from _ratings_of(inner)
        if len(value) == 1 and isinstance(value[0], str) and _TAGGED.search(value[0]):
            yield value[0], ""
    elif isinstance(value, dict):
        fields = {str(name).strip().casefold(): inner for name, inner in value.items()}
        name = next((name for name in _KEYS if name in fields), None)
        if name is not None:
            yield fields[name], _reason(fields)
        for inner in fields.values():
            if name is None and isinstance(inner, dict):
                yield from _ratings_of(inner)


def _reason(fields: Mapping[str, Any]) -> str:
    words = next((str(fields[name]) for name in _REASONS if fields.get(name)), "")
    return " ".join(words.split())


def _grade(rating: Any) -> int | None:
    """Return the grade that a value means, or None: numbers, words, shares of 4, tags."""
    if isinstance(rating, list) and len(rating) == 1:
        rating = rating[0]
    if isinstance(rating, bool) or not isinstance(rating, str | int | float):
        return None
    found = _VALUE.fullmatch(str(rating).strip(_ENDS))
    if found is None:
        return None
    word = found["value"].casefold()
    number = float(_WORDS.get(word, 0)) if word in _WORDS else float(word)
    return int(number) if number in LEVELS else None


def _on_line(line: str) -> int | None:
    """Return the grade of a line that is a rating and nothing else, labels and markup aside."""
    bare = _LIST.sub("", line.strip()).strip(_ENDS)
    # Markup may stand between the label and the rating, as in "**Rating:** 3".
    plain = re.sub(r"[*_`#\"“”]+(?=\s|$|:)|(?<=\s)[*_`#\"“”]+|(?<=:)[*_`]+", "", bare)
    label = _LABEL.match(plain)
    return _grade(plain[label.end() :] if label else plain)


def _read_lines(said: str) -> tuple[int | None, str] | None:
    """Return the rating on a line of its own; the last line's counts whatever others mention."""
    lines = [line.strip() for line in said.splitlines() if line.strip().strip("`")]
    graded = {place: grade for place, line in enumerate(lines) if (grade := _on_line(line))}
    if not graded:
        return None
    found = set(graded.values())
    others = [line for place, line in enumerate(lines) if place not in graded]
    if len(lines) - 1 not in graded:  # words follow it: they must not speak of another
        found |= {int(number) for line in others for number in _TAGGED.findall(line)}
    return _two(found) if len(found) > 1 else (found.pop(), " ".join(others))


def _read_end(said: str) -> tuple[int | None, str] | None:
    """Return the rating that ends an answer and is the only one in it, if it is said plainly."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    graded = _on_line(lines[-1]) if lines else None
    found = {int(number) for number in _TAGGED.findall(said)} | ({graded} if graded else set())
    if len(found) > 1 and all(number in LEVELS for number in found):
        return _two(found)
    if graded:
        return graded, ""
    sentence = re.split(r"(?<=[.!?])\s+|\n", said.strip(_ENDS))[-1]
    ends = re.search(rf"{_TAGGED.pattern}$", sentence, re.IGNORECASE)
    if ends is None or len(found) != 1 or _UNSURE.search(sentence) or int(ends[1]) not in LEVELS:
        return None
    return int(ends[1]), " ".join(said.split())
