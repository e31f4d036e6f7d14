"""Pattern of a sentence: fixed words with slots, and what a given sentence puts into the slots."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache
from string import Formatter
from typing import NamedTuple

from recexplainer.audit.reading.amounts import AMOUNT, Amount, amount_of

__all__ = ["Read", "read_by"]

_NAME = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""


class Read(NamedTuple):
    """What one sentence says.

    Attributes:
        amounts: by slot.
        names: titles and values in quotation marks, by slot.
        words: what was chosen among words, by slot; of words that may be left out, "" if they are.
        texts: whatever else stands in a slot.
    """

    amounts: Mapping[str, Amount]
    names: Mapping[str, str]
    words: Mapping[str, str]
    texts: Mapping[str, str]


def read_by(pattern: str, sentence: str) -> Read | None:
    """Return what a sentence says if it is of a pattern's form; None if it is not.

    A pattern is written as for ``str.format``. Kinds of slots: ``{x:amount}``; ``{x:estimate}``, an
    amount with its interval, which fills ``x``, ``x_low`` and ``x_high`` (``low`` and ``high`` of
    ``figure``); ``{x:name}``; ``{x:text}``; ``{x:one|other}``, either words; ``{x:?words}``,
    words that may be left out.
    """
    compiled, kinds = _compiled(pattern)
    found = compiled.fullmatch(sentence)
    if found is None:
        return None
    amounts, names, words, texts = {}, {}, {}, {}
    for slot, kind in kinds.items():
        told = found[slot] or ""
        if kind == "amount":
            amounts[slot] = amount_of(told)
        elif kind == "name":
            names[slot] = str(ast.literal_eval(told))
        elif kind == "text":
            texts[slot] = told
        else:
            words[slot] = told
    return Read(amounts, names, words, texts)


@cache
def _compiled(pattern: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return the expression of a pattern, and the kind of each slot."""
    parts: list[str] = []
    kinds: dict[str, str] = {}
    for words, slot, spec, _ in Formatter().parse(pattern):
        parts.append(re.escape(words))
        if slot is None:
            continue
        kind = spec or ""
        if kind == "estimate":
            low, high = ("low", "high") if slot == "figure" else (f"{slot}_low", f"{slot}_high")
            parts.append(_amount(slot) + r" \(" + _amount(low) + " to " + _amount(high) + r"\)")
            kinds.update(dict.fromkeys((slot, low, high), "amount"))
            continue
        parts.append(_slot(slot, kind))
        if slot:
            kinds[slot] = kind if kind in {"amount", "name", "text"} else "words"
    return re.compile("".join(parts)), kinds


def _slot(slot: str, kind: str) -> str:
    """Return the expression of one slot; words without a slot's name are read and not kept."""
    if kind == "amount":
        return _amount(slot)
    if kind == "name":
        return f"(?P<{slot}>{_NAME})"
    if kind == "text":
        return f"(?P<{slot}>.+?)"
    if kind.startswith("?"):
        return f"(?P<{slot}>{re.escape(kind[1:])})?"
    either = "|".join(re.escape(words) for words in sorted(kind.split("|"), key=len, reverse=True))
    return f"(?P<{slot}>{either})" if slot else f"(?:{either})"


def _amount(slot: str) -> str:
    return f"(?P<{slot}>{AMOUNT})"
