"""Influence claims of a text, from its statements: which titles and values pull, and which way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from recexplainer.explanation.claims.clause_pulls import (
    go_on,
    read_pulls,
    settle_earlier,
    strongest_of,
    suppose_pulls,
)
from recexplainer.explanation.claims.influence_patterns import SIGN
from recexplainer.explanation.claims.influence_words import (
    JOINTLY,
    NEXT,
    ORDER,
    RANKED,
)
from recexplainer.explanation.claims.no_cause import denies_any_cause
from recexplainer.explanation.claims.statements import Statement, find_statements
from recexplainer.explanation.claims.title_runs import (
    Clause,
    Run,
    clauses_of,
    phrases_of,
    titles_listed,
)
from recexplainer.records import Case, Claim, Decision

__all__ = ["Influences", "read_influences"]

_Kind = Literal["direction", "reason", "together", "strongest", "order", "relevance", "no_cause"]


@dataclass(frozen=True, slots=True)
class Influences:
    """What was read.

    Attributes:
        claims: of the kinds direction, reason, together, strongest, order, relevance, no_cause.
        denied: titles whose part the text denies.
    """

    claims: tuple[Claim, ...]
    denied: tuple[Claim, ...]


def read_influences(
    bare: str,
    text: str,
    claims: Sequence[Claim],
    spoken_for: Sequence[tuple[int, int]],
    stated: Decision,
    case: Case,
) -> Influences:
    """Return what the text says pulls the recommender toward a decision.

    Args:
        bare: the text, each title replaced by underscores.
        text: the text itself, of the same length.
        claims: titles and values named, by position; those that a denial covers left out.
        spoken_for: stretches that say what would be without titles.
        stated: what the text decides, or what the recommender leans to where it does not say.
        case: whose item and history are meant.
    """
    pieces, past = [], 0
    for claim in claims:
        if claim.kind == "attribute":
            pieces += [bare[past : claim.start], SIGN * (claim.end - claim.start)]
            past = claim.end
    signed = "".join([*pieces, bare[past:]])
    reader = _Reader(text, stated, case, spoken_for)
    for statement in find_statements(signed, claims):
        reader.read(statement)
    return reader.done()


@dataclass(frozen=True, slots=True)
class _Held:
    """A statement that has been read, until it is known what the next one says of it."""

    statement: Statement
    text: str
    clauses: list[Clause]

    @property
    def runs(self) -> list[Run]:
        return [run for clause in self.clauses for run in clause.runs]


class _Reader:
    """Reads one text, statement by statement, as what follows may speak of what came before."""

    def __init__(
        self, text: str, stated: Decision, case: Case, spoken_for: Sequence[tuple[int, int]]
    ) -> None:
        self._text, self._stated, self._case = text, stated, case
        self._spoken_for = spoken_for
        self._held: _Held | None = None
        self._told_before: list[Run] = []
        self._led: set[int] = set()
        self._claims: list[Claim] = []
        self._denied: list[Claim] = []

    def done(self) -> Influences:
        """Return what was read."""
        self._tell()
        return Influences(tuple(self._claims), tuple(self._denied))

    def read(self, statement: Statement) -> None:
        """Read a statement, and tell the one before it."""
        text = titles_listed(statement.words)
        if not text.strip():
            return
        if statement.introduces:
            self._tell()
        asks = text.rstrip().endswith("?")
        way = None if asks else denies_any_cause(text, self._stated)
        if way is not None:
            self._claim("no_cause", statement.start, statement.end, way)
        if asks or way is not None:
            self._tell()
            return
        held = _Held(
            statement, text, clauses_of(statement, text, self._case, self._is_free(statement))
        )
        earlier = self._held.runs if self._held is not None else []
        for clause in held.clauses:
            read_pulls(clause, self._stated)
        for clause in held.clauses:
            settle_earlier(clause, earlier, self._stated)
            earlier = clause.runs
        runs = held.runs
        go_on(runs)
        for clause in held.clauses:
            suppose_pulls(clause, runs, self._stated)
        self._tell()
        self._held = held

    def _is_free(self, statement: Statement) -> Callable[[Claim], bool]:
        led = self._led if statement.introduces else ()

        def free(claim: Claim) -> bool:
            within = any(start <= claim.start < end for start, end in self._spoken_for)
            return not within and claim.start not in led

        return free

    def _tell(self) -> None:
        """Turn the statement that is held into claims."""
        held, self._held = self._held, None
        if held is None:
            return
        statement, runs = held.statement, held.runs
        told = [run for run in runs if run.told]
        jointly = _said_jointly(held)
        for run in runs:
            if run.denied and not run.values:
                self._denied.extend(run.named)
            elif run.values or not any(run is one for one in jointly):
                self._tell_each(run)
        self._led.update(claim.start for run in told for claim in run.named)
        for phrase in phrases_of(told):
            titles = [claim for run in phrase for claim in run.named]
            if len(_distinct(titles)) > 1:
                self._tell_all("together", statement, titles, phrase[0].toward)
        for clause in held.clauses:
            for run in strongest_of(clause):
                self._tell_all("strongest", statement, run.named[: run.first], run.toward)
        self._tell_order(held, told)

    def _tell_order(self, held: _Held, told: list[Run]) -> None:
        if not told:
            return
        toward = told[-1].toward
        ordered = [run for run in told if run.toward == toward]
        follows = NEXT.match(held.text) is not None
        said = ORDER.search(held.statement.words, ordered[0].start) is not None
        ranked = held.statement.introduces and RANKED.search(held.text) is not None
        if follows:
            ordered = [*(run for run in self._told_before if run.toward == toward), *ordered]
        titles = [claim for run in ordered for claim in run.named]
        if (follows or said or ranked) and len(_distinct(titles)) > 1:
            self._tell_all("order", held.statement, titles, toward)
        self._told_before = told

    def _tell_each(self, run: Run) -> None:
        if run.kind is None or run.toward is None:
            return
        for named in run.named:
            if run.values:
                self._claim("relevance", named.start, named.end, run.toward)
                continue
            detail = ""
            if named.item is None:
                detail = "no item of the catalogue"
            elif named.item == self._case.item:
                detail = "the item in question itself"
            elif named.item not in self._case.history:
                detail = "not in the history"
            self._claim(run.kind, named.start, named.end, run.toward, [named], detail)

    def _tell_all(
        self, kind: _Kind, statement: Statement, named: Sequence[Claim], toward: Decision | None
    ) -> None:
        real = all(one.item in self._case.history for one in named)
        detail = "" if real else "not all in the history"
        self._claim(kind, statement.start, statement.end, toward, named, detail)

    def _claim(
        self,
        kind: _Kind,
        start: int,
        end: int,
        toward: Decision | None,
        named: Sequence[Claim] = (),
        detail: str = "",
    ) -> None:
        words = self._text[start:end]
        start += len(words) - len(words.lstrip())
        claim = Claim(
            kind=kind,
            text=words.strip(),
            start=start,
            end=start + len(words.strip()),
            real=not detail,
            items=tuple(dict.fromkeys(one.item for one in named if one.item is not None)),
            toward=toward,
            detail=detail,
        )
        self._claims.append(claim)


def _said_jointly(held: _Held) -> list[Run]:
    """Return the runs that are said to act together only: of the clause that says so."""
    if JOINTLY.search(held.text) is None:
        return []
    saying = [one for one in held.clauses if one.runs and JOINTLY.search(one.text)]
    return [run for clause in saying or held.clauses for run in clause.runs]


def _distinct(named: Sequence[Claim]) -> list[str]:
    return list(dict.fromkeys(one.item or one.text for one in named))
