"""Leave-one-out split for the target, and the part of it that the surrogate learns from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from recexplainer.data.prefixes import Prefixes, shown
from recexplainer.data.preparation import FEWEST_INTERACTIONS
from recexplainer.errors import ConfigError, DataError
from recexplainer.records import Context, InteractionLog, Split, TrainingHistories

__all__ = ["LogSplit", "split"]


@dataclass(frozen=True, slots=True, eq=False)
class LogSplit:
    """Who learns from what, and what is asked of both.

    Attributes:
        training: the target's: all interactions of every user but the last two; the second-last
            validates.
        train: the surrogate's: every prefix of 1 to n-2 of the n interactions of users who are not
            held out. The paper's leave-one-out asks about n-1, which no prefix here reaches.
        evaluated: one context per user, after n-1 interactions; ``held_out_users`` for users none
            of whose prefixes is in ``train``, else ``leave_one_out``.
        held_out: user id to the last item's id, on which the target itself is tested.
        popularity: ``(I,)``, interactions per item in ``training.histories``.
    """

    training: TrainingHistories
    train: Sequence[Context]
    evaluated: tuple[Context, ...]
    held_out: Mapping[str, str]
    popularity: NDArray[np.int64]


def split(log: InteractionLog, *, max_history: int, held_out_users: float, seed: int) -> LogSplit:
    """Split a prepared log by time within users, and by users.

    Args:
        log: prepared; every user has at least 3 interactions.
        max_history: a context shows at most this many of the latest items.
        held_out_users: share of users, in [0, 1), wholly kept out of the surrogate's training;
            rounded to whole users, at least one where it is above 0.
        seed: of the choice of those users.

    Raises:
        ConfigError: an argument is outside its range.
        DataError: a user has fewer than 3 interactions.
    """
    _check(log, max_history, held_out_users)
    apart = _drawn_users(list(log.histories), held_out_users, seed)
    histories = log.histories
    training = TrainingHistories(
        histories={user: history[:-2] for user, history in histories.items()},
        validation={user: history[-2] for user, history in histories.items()},
    )
    return LogSplit(
        training=training,
        train=Prefixes({u: h for u, h in histories.items() if u not in apart}, max_history),
        evaluated=tuple(
            Context(
                user,
                len(history) - 1,
                shown(history, len(history) - 1, max_history),
                _evaluated_split(user, apart),
            )
            for user, history in histories.items()
        ),
        held_out={user: history[-1] for user, history in histories.items()},
        popularity=_popularity(log, training),
    )


def _check(log: InteractionLog, max_history: int, held_out_users: float) -> None:
    problems = []
    if max_history < 1:
        problems.append(f"dataset.max_history: must be at least 1, got {max_history}")
    if not 0 <= held_out_users < 1:
        problems.append(f"dataset.held_out_users: must be in [0, 1), got {held_out_users}")
    if problems:
        raise ConfigError(problems)
    for user, history in log.histories.items():
        if len(history) < FEWEST_INTERACTIONS:
            message = (
                f"user {user!r} of {log.name!r} has {len(history)} of the {FEWEST_INTERACTIONS} "
                "interactions that a split needs; prepare() the log first"
            )
            raise DataError(message)


def _drawn_users(users: list[str], share: float, seed: int) -> frozenset[str]:
    if not share:
        return frozenset()
    count = min(max(1, round(share * len(users))), len(users) - 1)
    rows = np.random.default_rng(seed).choice(len(users), size=count, replace=False)
    return frozenset(users[row] for row in rows)


def _evaluated_split(user: str, apart: frozenset[str]) -> Split:
    return "held_out_users" if user in apart else "leave_one_out"


def _popularity(log: InteractionLog, training: TrainingHistories) -> NDArray[np.int64]:
    counts = Counter(chain.from_iterable(training.histories.values()))
    return np.array([counts[item] for item in log.catalogue.ids], dtype=np.int64)
