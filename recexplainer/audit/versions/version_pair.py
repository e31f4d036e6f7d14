"""Pair of versions: two recommenders that are asked the same about what both know."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recexplainer.audit.lists import Rows, top_lists
from recexplainer.audit.subject import PLACES, Subject
from recexplainer.audit.versions.shared_items import SharedItems, SharedTarget, shared_items
from recexplainer.data.prefixes import shown
from recexplainer.data.split import LogSplit
from recexplainer.errors import UserError
from recexplainer.oracle import Answer, Oracle, Question, case_rng
from recexplainer.records import Catalogue, Context, InteractionLog, TrainingHistories

__all__ = ["FEWEST_ITEMS", "FEWEST_USERS", "Version", "VersionPair"]

_EXPLAIN, _BY = "recx explain", "--explainer occlusion"
FEWEST_USERS = 20
FEWEST_ITEMS = 2 * PLACES
"""Fewer shared items leave nothing to choose the first ten from."""


@dataclass(frozen=True, eq=False)
class Version:
    """One of two recommenders, with its own data.

    Attributes:
        name: in sentences.
        run: in commands.
        target: the recommender's name.
        oracle: asks it, about its own catalogue.
        log, split: its own data.
        max_history: how many of a user's items it reads.
        seed: of its run.
    """

    name: str
    run: str
    target: str
    oracle: Oracle
    log: InteractionLog
    split: LogSplit
    max_history: int
    seed: int = 0

    @property
    def catalogue(self) -> Catalogue:
        """Its items."""
        return self.log.catalogue

    def standing_now(self, user: str, item: str) -> Answer:
        """Return what ``recx explain`` answers: after all that its own data say of the user."""
        history = self.log.histories[user]
        read = history[-self.max_history :]
        return self.oracle.ask([Question(tuple(read), item, frozenset(history) - {item})])[0]

    def command(self, user: str, item: str | None = None) -> str:
        """Return the command that explains an item, or the first recommendation, to a user.

        Occlusion asks the recommender alone, so that a run done up to its target will do.
        """
        asked = "" if item is None else f" --item {shlex.quote(item)}"
        return f"{_EXPLAIN} {shlex.quote(self.run)} --user {shlex.quote(user)}{asked} {_BY}"


class VersionPair:
    """Two versions and whom they are asked about.

    Both are asked about the items that both know, after the same histories: those of the first
    one's data, without the items that the second does not know.

    Args:
        first, second: the versions.
        users: how many users are asked about at most; of both data sets where enough are.

    Raises:
        UserError: the two have too little in common.
    """

    def __init__(self, first: Version, second: Version, users: int = 400) -> None:
        self.first, self.second = first, second
        self.items: SharedItems = shared_items(first.catalogue, second.catalogue)
        self._check_items()
        kept = {user: self.items.kept(one) for user, one in first.log.histories.items()}
        self.histories = {user: one for user, one in kept.items() if len(one) > 1}
        own, other = first.log.histories, second.log.histories
        common = [user for user in self.histories if user in other]
        self.known_to_both = len(common) >= FEWEST_USERS
        asked = common if self.known_to_both else list(self.histories)
        if len(asked) < FEWEST_USERS:
            raise UserError(
                f"{first.name} and {second.name} have {len(asked)} users to ask about who had two "
                f"or more of the shared items; {FEWEST_USERS} are needed"
            )
        drawn = case_rng(first.seed, "audit users").permutation(len(asked))[:users]
        self.users = tuple(asked[place] for place in drawn)
        self.unchanged = np.array([self._same_history(one) for one in self.users])
        self.in_both = tuple(user for user in own if user in other)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The shared items."""
        return self.items.catalogue

    @property
    def seed(self) -> int:
        """Of everything drawn at random."""
        return self.first.seed

    @cached_property
    def subjects(self) -> tuple[Subject, Subject]:
        """Both as an audit asks them: each before the last item of every user."""
        return self._subject(self.first), self._subject(self.second)

    @cached_property
    def seen_now(self) -> list[Rows]:
        """Rows of all that each user had, ``(N,)`` of them."""
        return [
            np.unique(np.array(self.catalogue.rows(self.histories[one]), dtype=np.int64))
            for one in self.users
        ]

    @cached_property
    def lists_now(self) -> tuple[Rows, Rows]:
        """First items of both after all that each user had, ``(N, PLACES)``."""
        asked = [self.histories[user] for user in self.users]
        first, second = (
            top_lists(one.oracle, asked, self.seen_now, one.ties, PLACES) for one in self.subjects
        )
        return first, second

    def _check_items(self) -> None:
        if len(self.items.catalogue) < FEWEST_ITEMS:
            raise UserError(
                f"{self.first.name} and {self.second.name} have {len(self.items.catalogue)} items "
                f"in common, by id or title; {FEWEST_ITEMS} are needed to compare what is "
                "recommended"
            )

    def _same_history(self, user: str) -> bool:
        """Whether both data sets say the same of a user."""
        own, other = self.first.log.histories[user], self.second.log.histories.get(user)
        named = self.items.second_id
        return other is not None and tuple(named.get(item) for item in own) == other

    def _subject(self, version: Version) -> Subject:
        names = self.items.second_id
        ids = self.catalogue.ids
        own = ids if version is self.first else [names[item] for item in ids]
        target = SharedTarget(
            version.oracle.target, version.catalogue, own, ids, version.max_history
        )
        return Subject(
            Oracle(target, self.catalogue),
            self._log,
            self._split,
            version.max_history,
            tuple(self._context(user, version.max_history) for user in self.users),
            seed=self.seed,
            run=version.run,
        )

    def _context(self, user: str, max_history: int) -> Context:
        history = self.histories[user]
        end = len(history) - 1
        return Context(user, end, shown(history, end, max_history), "leave_one_out")

    @cached_property
    def _log(self) -> InteractionLog:
        return InteractionLog(self.first.log.name, self.catalogue, self.histories)

    @cached_property
    def _split(self) -> LogSplit:
        """Return the first one's split, of the shared items."""
        training = self.first.split.training.histories
        columns = self.first.catalogue.rows(self.catalogue.ids)
        return LogSplit(
            TrainingHistories({u: self.items.kept(one) for u, one in training.items()}, {}),
            (),
            tuple(self._context(user, self.first.max_history) for user in self.histories),
            {user: one[-1] for user, one in self.histories.items()},
            self.first.split.popularity[columns],
        )

    def called(self, place: int) -> str:
        """Return what an example calls the user at ``place``, and whether their data changed."""
        user = self.users[place]
        if self.unchanged[place] or user not in self.second.log.histories:
            return f"user {user}"
        return f"user {user}, whose history is another in {self.second.name}"

    def verified(self, user: str, item: str) -> tuple[Answer, Answer] | None:
        """Return what ``recx explain`` would say of a shared item in both; None if it cannot."""
        other = self.second.log.histories.get(user)
        twin = self.items.second_id[item]
        own = self.first.log.histories[user]
        if other is None or item in own or twin in other:
            return None
        return self.first.standing_now(user, item), self.second.standing_now(user, twin)

    def commands(self, user: str, item: str | None = None) -> tuple[str, ...]:
        """Return the commands that show a user's list, or an item for them, in both versions."""
        twin = None if item is None else self.items.second_id[item]
        shown_first = self.first.command(user, item)
        if user not in self.second.log.histories:
            return (shown_first,)
        return shown_first, self.second.command(user, twin)
