"""Recounts of segments: who is meant is read from the sentence, and their means are taken anew."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.finding import Finding
from recexplainer.audit.reading.plain_answers import Again, PlainAnswers, shared
from recexplainer.audit.reading.recounted_lists import mean_ranks

__all__ = ["segment_again"]

_LENGTH = re.compile(r"Users with (?P<items>\d+) items or (?P<side>fewer|more)")
_NUMBER = re.compile(r"Users whose (?P<name>.+) is (?P<border>\S+) or (?P<side>less|more)")
_VALUE = re.compile(r"Users whose (?P<name>.+?) is (?P<value>['\"].*)", re.DOTALL)
_TASTE = re.compile(r"The third of users with the (?P<side>rarest|most popular) items")


def segment_again(
    answers: PlainAnswers, found: Finding, added: Mapping[str, Mapping[str, float]]
) -> Mapping[str, Again] | None:
    """Count again the means of those whom a sentence names and of all others; None if unknown.

    Args:
        answers: of the target.
        found: one comparison.
        added: measures by user that the target does not tell.
    """
    within, values = _within(answers, found.named[0]), _measure(answers, found.probe, added)
    if within is None or values is None:
        return None
    known = np.isfinite(values)
    inside, outside = values[known & within], values[known & ~within]
    error = np.sqrt(inside.var(ddof=1) / len(inside) + outside.var(ddof=1) / len(outside))
    return {
        "inside": Again(float(inside.mean())),
        "outside": Again(float(outside.mean())),
        "figure": Again(float(inside.mean() - outside.mean()), error=float(error)),
        "n": Again(int(known.sum()), 0.0),
    }


def _within(answers: PlainAnswers, words: str) -> NDArray[np.bool_] | None:
    """Return who belongs to a segment by its words, ``(N,)``; None where they say nothing known."""
    if (told := _LENGTH.fullmatch(words)) is not None:
        histories = answers.subject.log.histories
        lengths = np.array([len(histories[one.user]) - 1 for one in answers.subject.contexts])
        items = int(told["items"])
        return np.asarray(lengths <= items if told["side"] == "fewer" else lengths >= items)
    if (told := _TASTE.fullmatch(words)) is not None:
        below = mean_ranks(answers.subject.split.popularity)
        tastes = np.array([below[sorted(had)].mean() for had in answers.had])
        if told["side"] == "rarest":
            return np.asarray(tastes <= np.quantile(tastes, 1 / 3) + 1e-9)
        return np.asarray(tastes >= np.quantile(tastes, 2 / 3) - 1e-9)
    users = [answers.subject.log.users.get(one.user, {}) for one in answers.subject.contexts]
    if (told := _NUMBER.fullmatch(words)) is not None:
        border, less = float(told["border"]), told["side"] == "less"
        cells = [own.get(told["name"]) for own in users]
        numbers = np.array([np.nan if cell is None else float(cell) for cell in cells])
        return np.asarray(numbers <= border if less else numbers >= border)
    if (told := _VALUE.fullmatch(words)) is not None:
        value = ast.literal_eval(told["value"])
        return np.array([own.get(told["name"]) == value for own in users])
    return None


def _measure(
    answers: PlainAnswers, name: str, added: Mapping[str, Mapping[str, float]]
) -> NDArray[np.float64] | None:
    """Return a measure of each context, ``(N,)``, nan where it has none; None of an unknown one."""
    if name in added:
        users = [one.user for one in answers.subject.contexts]
        return np.array([added[name].get(user, np.nan) for user in users])
    measures: Mapping[str, Callable[[], list[float | None]]] = {
        "the share whose next item is listed (hit@10)": lambda: [one.hit for one in answers.own],
        "how high the next item is listed (ndcg@10)": lambda: [one.gain for one in answers.own],
        "agreement with the popular list": lambda: [
            shared(one.listed, answers.popular(had))
            for one, had in zip(answers.own, answers.had, strict=True)
        ],
    }
    if name not in measures:
        return None
    return np.array([np.nan if one is None else one for one in measures[name]()], dtype=np.float64)
