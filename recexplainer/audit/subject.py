"""Subject of an audit: a recommender, its data, and a sample of users who are asked about."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.finding import Example
from recexplainer.audit.lists import Rows, top_lists, top_rows
from recexplainer.data.prefixes import shown
from recexplainer.data.split import LogSplit
from recexplainer.metrics.column_shift import foretold
from recexplainer.oracle import Oracle, case_rng, standing_of, tie_order
from recexplainer.plugins.interfaces import FloatArray
from recexplainer.records import Catalogue, Context, InteractionLog
from recexplainer.targets.target_quality import hit_at, ndcg_at, tied_share

__all__ = ["PLACES", "Answers", "Subject", "drawn_contexts"]

PLACES = 10
"""Places of a list that are looked at."""
_PANEL = 64
"""Histories whose scores of all items are held at a time: 25 MB for 100,000 items."""


def drawn_contexts(split: LogSplit, users: int, seed: int) -> tuple[Context, ...]:
    """Return the moments before the last item of at most ``users`` users, drawn at random."""
    drawn = case_rng(seed, "audit users").permutation(len(split.evaluated))[:users]
    return tuple(split.evaluated[place] for place in drawn)


@dataclass(frozen=True, eq=False)
class Answers:
    """What the target says at each of N contexts, reduced row by row.

    Attributes:
        lists: the first items that the user has not had, ``(N, PLACES)``.
        unmasked: the first items, those that the user had included, ``(N, PLACES)``.
        foretold: whether what the user took next is in the best tenth, ``(N,)``.
        hits, gains: its hit@10 and ndcg@10, ``(N,)``; nan where the user had it before.
        tied: share of the first places that items of equal score share, ``(N,)``.
    """

    lists: Rows
    unmasked: Rows
    foretold: NDArray[np.bool_]
    hits: NDArray[np.float64]
    gains: NDArray[np.float64]
    tied: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Subject:
    """A recommender and who is asked about; whatever probes share is asked once.

    Attributes:
        oracle: asks the target.
        log: the prepared data set.
        split: who learned from what.
        max_history: how many of a user's items the target reads.
        contexts: the sampled moments, each before a user's last item.
        seed: of everything drawn at random.
        run: what stands for the run in commands.
        sequential: whether the target is meant to read the order; None where nobody said.
    """

    oracle: Oracle
    log: InteractionLog
    split: LogSplit
    max_history: int
    contexts: tuple[Context, ...]
    seed: int = 0
    run: str = "RUN"
    sequential: bool | None = None

    @property
    def catalogue(self) -> Catalogue:
        """The items."""
        return self.oracle.catalogue

    @cached_property
    def ties(self) -> Rows:
        """The order in which equal scores are put."""
        return tie_order(len(self.catalogue), self.seed)

    @cached_property
    def histories(self) -> list[tuple[str, ...]]:
        """What the target reads at each context."""
        return [context.history for context in self.contexts]

    @cached_property
    def seen(self) -> list[Rows]:
        """Rows of all that each context's user had by then."""
        return [self.seen_by(context) for context in self.contexts]

    @cached_property
    def nexts(self) -> list[int]:
        """Row of what each context's user took next, which the target must not know."""
        return [self.next_of(context) for context in self.contexts]

    @cached_property
    def answers(self) -> Answers:
        """What the target says at the contexts."""
        return self.answers_at(self.contexts)

    @cached_property
    def trained(self) -> tuple[Context, ...]:
        """A moment of each sampled user whose next item the target was trained on."""
        found = []
        for context in self.contexts:
            history = self.log.histories[context.user]
            if (end := len(history) - 3) >= 1:
                read = shown(history, end, self.max_history)
                found.append(Context(context.user, end, read, "train"))
        return tuple(found)

    @cached_property
    def trained_answers(self) -> Answers:
        """What the target says at the moments that it was trained on."""
        return self.answers_at(self.trained)

    @cached_property
    def panel_contexts(self) -> tuple[Context, ...]:
        """The contexts of ``panel``."""
        return self.contexts[:_PANEL]

    @cached_property
    def panel(self) -> FloatArray:
        """Scores of all items after a few of the histories, ``(P, I)``."""
        rows = self.oracle.rows_of_scores([one.history for one in self.panel_contexts])
        return np.stack([row.astype(np.float32) for row in rows])

    @cached_property
    def favorites(self) -> Rows:
        """The most frequent items that each context's user has not had, ``(N, PLACES)``."""
        counts = self.split.popularity.astype(np.float32)
        return np.stack([top_rows(counts, seen, self.ties, PLACES) for seen in self.seen])

    def rng(self, name: str) -> np.random.Generator:
        """Return a generator that depends on the seed and ``name`` only."""
        return case_rng(self.seed, f"audit {name}")

    def seen_by(self, context: Context) -> Rows:
        """Return the rows of all that the user had before ``context``."""
        had = self.log.histories[context.user][: context.end]
        return np.unique(np.array(self.catalogue.rows(had), dtype=np.int64))

    def next_of(self, context: Context) -> int:
        """Return the row of what the user took next."""
        return self.catalogue.row(self.log.histories[context.user][context.end])

    def lists(self, histories: Sequence[Sequence[str]], seen: Sequence[Rows] | None = None) -> Rows:
        """Return the first items after each history, ``(N, PLACES)``.

        Args:
            histories: what is read.
            seen: what is no candidate; that of the contexts where none is given.
        """
        left_out = self.seen if seen is None else seen
        return top_lists(self.oracle, histories, left_out, self.ties, PLACES)

    def lists_at(self, places: Sequence[int], histories: Sequence[Sequence[str]]) -> Rows:
        """Return the first items at the contexts in ``places`` after other histories.

        Several probes read the same one (nothing, the last item, another user's), so each is asked
        about once.

        Args:
            places: of the contexts, whose seen items are no candidates; N of them.
            histories: what is read in place of the contexts' own.

        Returns:
            Rows of items, ``(N, PLACES)``.
        """
        asked = [(k, tuple(one)) for k, one in zip(places, histories, strict=True)]
        new = [one for one in dict.fromkeys(asked) if one not in self._listed]
        if new:
            found = self.lists([one for _, one in new], [self.seen[place] for place, _ in new])
            self._listed.update(zip(new, found, strict=True))
        return np.array([self._listed[one] for one in asked], dtype=np.int64).reshape(-1, PLACES)

    @cached_property
    def _listed(self) -> dict[tuple[int, tuple[str, ...]], Rows]:
        """What ``lists_at`` has found, by place and history."""
        return {}

    def foretold_after(
        self, histories: Sequence[Sequence[str]], contexts: Sequence[Context], shift: int = 0
    ) -> NDArray[np.bool_]:
        """Return whether each context's next item is foretold when ``histories`` are read.

        Args:
            histories: in place of the contexts' own.
            contexts: whose next items and seen items count.
            shift: by how many columns the scores are taken to stand beside their items.
        """
        found = np.zeros(len(histories), dtype=bool)
        asked = zip(contexts, self.oracle.rows_of_scores(histories), strict=True)
        for place, (context, scores) in enumerate(asked):
            own = np.roll(scores, -shift)[None] if shift else scores[None]
            found[place] = foretold(own, [self.next_of(context)], [self.seen_by(context).tolist()])[
                0
            ]
        return found

    def answers_at(self, contexts: Sequence[Context]) -> Answers:
        """Return what the target says at ``contexts``."""
        count = len(contexts)
        lists, unmasked = (np.full((count, PLACES), -1, dtype=np.int64) for _ in range(2))
        told = np.zeros(count, dtype=bool)
        hits, gains, tied = (np.full(count, np.nan) for _ in range(3))
        rows = self.oracle.rows_of_scores([context.history for context in contexts])
        for place, (context, scores) in enumerate(zip(contexts, rows, strict=True)):
            seen, answer = self.seen_by(context), self.next_of(context)
            lists[place] = top_rows(scores, seen, self.ties, PLACES)
            unmasked[place] = top_rows(scores, (), self.ties, PLACES)
            told[place] = foretold(scores[None], [answer], [seen.tolist()])[0]
            if answer not in set(seen.tolist()):
                standing = standing_of(scores, answer, seen)
                hits[place], gains[place] = hit_at(standing), ndcg_at(standing)
            unseen = scores.astype(np.float32, copy=True)
            unseen[seen] = -np.inf
            tied[place] = np.nan if (share := tied_share(unseen)) is None else share
        return Answers(lists, unmasked, told, hits, gains, tied)

    def example(self, user: str, item: str | None, words: str) -> Example:
        """Return an example with the command that shows it, on a run without a surrogate too."""
        asked = "" if item is None else f" --item {shlex.quote(item)}"
        command = f"recx explain {shlex.quote(self.run)} --user {shlex.quote(user)}{asked}"
        command += " --explainer occlusion"
        return Example(words=words, command=command)

    def user_examples(self, words: Callable[[Context], str]) -> tuple[Example, ...]:
        """Return an example for each of the first three users."""
        first = self.contexts[:3]
        return tuple(self.example(one.user, None, words(one)) for one in first)

    def item_examples(self, rows: Sequence[int], words: Mapping[int, str]) -> tuple[Example, ...]:
        """Return an example for each of up to three items, for a user who has not had it."""
        found = []
        for row in list(rows)[:3]:
            item = self.catalogue[row]
            free = (
                one for one, had in zip(self.contexts, self.seen, strict=True) if row not in had
            )
            context = next(free, self.contexts[0])
            found.append(self.example(context.user, item.id, f"{item.title}: {words[row]}"))
        return tuple(found)
