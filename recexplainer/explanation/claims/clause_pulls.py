"""Pulls that the words of one clause state; ``influence_claims`` gathers those of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from recexplainer.explanation.claims import influence_words as words
from recexplainer.explanation.claims.influence_patterns import AGAINST, FOR, PATTERNS, Pattern
from recexplainer.explanation.claims.stated_decision import says_liking
from recexplainer.explanation.claims.title_runs import Clause, Run
from recexplainer.records import Decision

__all__ = ["go_on", "read_pulls", "settle_earlier", "strongest_of", "suppose_pulls"]

_OPPOSITE: dict[Decision, Decision] = {"Yes": "No", "No": "Yes"}
_APART = re.compile(r",|\b(?:then|less|and)\b")
_OWNS = re.compile(r"\b(?:shar(?:es?|ing)|similar|in\s+common|the\s+same)\b", re.IGNORECASE)
_SUCH_AS = re.compile(r"\b(?:such\s+as|like)\s", re.IGNORECASE)
_AROUND = 14, 24
"""Characters before and after a title in which a negation is about it."""
_NEIGHBORS = 4
_RANK = re.compile(r"\b(?:rank|place|position)\w*\b", re.IGNORECASE)
_UNIT = re.compile(rf"\bscores?\b|{_RANK.pattern}", re.IGNORECASE)


def read_pulls(clause: Clause, stated: Decision) -> None:
    """Say of the clause's runs what its words of influence say, or deny."""
    if not clause.runs or words.SUPPOSED.search(clause.text):
        for run in clause.runs:
            run.pulls = False
        return
    for pattern in PATTERNS:
        for found in pattern.expression.finditer(clause.text):
            denied = bool(found.groupdict().get("neg"))
            for run in _meant(clause, found):
                if run.values and not pattern.values:
                    continue
                if denied:
                    run.denied = run.kind is None
                else:
                    run.denied = False
                    _say(run, pattern, _toward(clause, run, pattern, stated))
    _read_removal(clause)
    _read_causal(clause, stated)


def settle_earlier(clause: Clause, earlier: Sequence[Run], stated: Decision) -> None:
    """Read ``so …`` and ``and that speaks for it`` as being about what came before."""
    pronoun = words.PRONOUN.match(clause.text)
    concluded = words.CONCLUSION.match(clause.text)
    if pronoun is None and concluded is None:
        return
    for run in earlier:
        if run.denied or not (run.pulls or run.values):
            continue
        if concluded is not None:
            run.kind, run.toward, run.supposed = "reason", run.toward or stated, False
        elif pronoun is not None and (run.kind is None or run.supposed):
            way: Decision | None = "Yes" if pronoun["yes"] else "No" if pronoun["no"] else None
            run.kind, run.toward, run.supposed = "direction", way or stated, False


def go_on(runs: Sequence[Run]) -> None:
    """Say of what continues a list, such as ``then “B”``, what is said of the titles before it."""
    for before, run in pairwise(runs):
        if run.goes_on and run.kind is None and not run.denied and (run.pulls or run.values):
            run.kind, run.toward = before.kind, before.toward


def suppose_pulls(clause: Clause, runs: Sequence[Run], stated: Decision) -> None:
    """Read titles without words of influence as pulling, unless the words say something else.

    Args:
        clause: where the titles are.
        runs: those of the whole statement.
        stated: what the text decides.
    """
    open_runs = [
        run
        for run in clause.runs
        if run.pulls and run.kind is None and not run.denied and not run.lead
    ]
    if not open_runs or _is_mere(_about_others(clause)):
        return
    for run in open_runs:
        start, end = run.start - clause.start, run.end - clause.start
        if words.NEGATED.search(clause.text[max(0, start - _AROUND[0]) : end + _AROUND[1]]):
            continue
        run.kind, run.supposed = "direction", True
        run.toward = _way_beside(clause, run) or run.sign or stated
        run.named = [claim for claim in run.named if claim.kind == "cause"]
        before = [one for one in runs if one.end <= run.start and one.kind is not None]
        less = words.LESS.search(clause.text, end)
        if before and (less is not None or words.NEXT.match(clause.text)):
            run.toward = before[-1].toward
            run.goes_on = less is not None and "so" in less.group()


def strongest_of(clause: Clause) -> list[Run]:
    """Return the titles that a superlative is about."""
    pulling = [run for run in clause.runs if run.told]
    more = words.LEAST_OF_ALL.search(clause.text)
    chosen: list[Run] = []
    for found in [more] if more else words.SUPERLATIVE.finditer(clause.text):
        run = _covered(clause, found, pulling, forward=more is not None)
        if run is not None and all(run is not one for one in chosen):
            chosen.append(run)
    return chosen


def _covered(
    clause: Clause, found: re.Match[str], pulling: Sequence[Run], *, forward: bool
) -> Run | None:
    """Return what comes after a superlative, unless it is about what came before it."""
    place = clause.start + found.end()
    before = [run for run in pulling if run.end <= place]
    after = [run for run in pulling if run.start >= place - 1]
    adverb = forward or found.groupdict().get("next") is not None
    between = clause.text[found.end() : after[0].start - clause.start] if after else ""
    if after and not (before and not adverb and _APART.search(between)):
        return after[0]
    return before[-1] if before else None


def _say(run: Run, pattern: Pattern, toward: Decision) -> None:
    if run.kind is None:
        run.kind, run.toward = ("reason" if pattern.reason else "direction"), toward
    elif pattern.reason:
        run.kind = "reason"


def _meant(clause: Clause, found: re.Match[str], group: str = "run") -> Iterator[Run]:
    """Yield the titles that a pattern has found; its values only where there are no titles."""
    start, end = (clause.start + edge for edge in found.span(group))
    inside = [run for run in clause.runs if start <= run.start < end]
    titles = [run for run in inside if not run.values]
    exemplified = _SUCH_AS.search(found[group]) is not None
    yield from inside if exemplified or not titles else titles


def _toward(clause: Clause, run: Run, pattern: Pattern, stated: Decision) -> Decision:
    """Return which way; causal words take theirs from the words before, as in ``lower because``."""
    if pattern.toward == "opposite":
        return _OPPOSITE[stated]
    if pattern.toward != "stated":
        return pattern.toward
    if not pattern.reason:
        return _way_beside(clause, run) or run.sign or stated
    titles = (one.end for one in clause.runs if one.end <= run.start and not one.values)
    since = max(titles, default=clause.start) - clause.start
    before = clause.text[since : run.start - clause.start]
    ways = [(hit.start(), way) for way, words_of in _WAYS for hit in words_of.finditer(before)]
    return max(ways)[1] if ways else stated


def _way_beside(clause: Clause, run: Run) -> Decision | None:
    """Return the way of the words between a title and its neighbours, where they have just one.

    Words before count where something is said before the first title, as in ``it gains from “A”``;
    otherwise those behind.
    """
    start, end = run.start - clause.start, run.end - clause.start
    earlier = max((one.end for one in clause.runs if one.end <= run.start), default=clause.start)
    later = min((one.start for one in clause.runs if one.start >= run.end), default=clause.end)
    before = clause.text[earlier - clause.start : start]
    behind = clause.text[end : later - clause.start]
    opening = clause.text[: clause.runs[0].start - clause.start]
    for words_beside in (before, behind) if _way_of(opening) else (behind, before):
        way = _way_of(words_beside)
        if way is not None:
            return way
    return None


def _way_of(text: str) -> Decision | None:
    up, down = words.UPWARD.search(text), words.DOWNWARD.search(text)
    if (up is None) == (down is None):
        return None
    return "Yes" if up else "No"


_WAYS: tuple[tuple[Decision, re.Pattern[str]], ...] = (("Yes", FOR), ("No", AGAINST))


def _read_removal(clause: Clause) -> None:
    removals = list(words.REMOVED.finditer(clause.text))
    for found, around in zip(removals, _beside(clause.text, removals), strict=True):
        group = next(name for name in "abcd" if found[name] is not None)
        toward = _lost(around)
        for run in _meant(clause, found, group) if toward else ():
            if not run.values:
                run.kind, run.toward = "direction", toward


def _beside(text: str, removals: Sequence[re.Match[str]]) -> list[str]:
    """Return for each removal the words about it: those before it if they begin so, or behind."""
    edges = [0, *(edge for found in removals for edge in found.span()), len(text)]
    between = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    if len(removals) < 2:
        return [" ".join(between)] * len(removals)
    return between[:-1] if _lost(between[0]) else between[1:]


def _lost(words_around: str) -> Decision | None:
    """Return the way of what the score does without a title: it pulled there."""
    numbers = words.SCORES.search(words_around)
    if numbers is not None:
        before, after = (_number(numbers[name]) for name in ("before", "after"))
        if before != after:
            rises = (after > before) != _are_ranks(words_around, numbers)
            return "No" if rises else "Yes"
    if words.WORSE.search(words_around):
        return "Yes"
    return "No" if words.BETTER.search(words_around) else None


def _are_ranks(words_around: str, numbers: re.Match[str]) -> bool:
    """Return whether numbers are ranks: by the nearest such word before them, else by any."""
    said = [found.group() for found in _UNIT.finditer(words_around, 0, numbers.end())]
    if said:
        return not said[-1].casefold().startswith("score")
    return _RANK.search(words_around) is not None


def _number(digits: str) -> float:
    return float(re.sub(r"[−–]", "-", digits).replace(",", "").rstrip("."))


def _read_causal(clause: Clause, stated: Decision) -> None:
    found = words.CAUSAL.search(clause.text)
    if found is None:
        return
    titled = [run for run in clause.runs if not run.values]
    for run in clause.runs:
        if run.denied or run.start < clause.start + found.end():
            continue
        if all(claim.kind == "item" for claim in run.named):
            continue
        # “because they saw the comedy A” is about A, and names what A is.
        if run.values and any(0 < title.start - run.end < _NEIGHBORS for title in titled):
            continue
        run.kind, run.toward = "reason", run.toward or stated


def _is_mere(text: str) -> bool:
    """Return whether words only tell what items have or are like, or what the user had."""
    if words.EXEMPT.search(text) is None or words.WEIGHTY.search(text):
        return False
    return not says_liking(text) or _OWNS.search(text) is not None


def _about_others(clause: Clause) -> str:
    """Return the words, of the same length, with a pronoun for the item in question."""
    text = clause.text
    for run in clause.runs:
        if not run.values and all(claim.kind == "item" for claim in run.named):
            start, end = run.start - clause.start, run.end - clause.start
            text = f"{text[:start]}{'it'.ljust(end - start)[: end - start]}{text[end:]}"
    return text
