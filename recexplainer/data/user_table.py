"""A file of users as columns about them, kept apart from all that a recommender reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recexplainer.data.read_findings import Findings
from recexplainer.data.sieve import Sieve
from recexplainer.data.text_tables import Source, is_missing
from recexplainer.records import InteractionLog, Users

__all__ = ["UserColumns", "read_users", "require_user_columns", "with_users"]

_USERS_TO_JUDGE_BY = 20
_NEARLY_ALL = 0.5
"""A column with so many values per user names users rather than groups of them."""


@dataclass(frozen=True, slots=True)
class UserColumns:
    """Which columns of a source of users mean what.

    Attributes:
        user: the user's id, as interactions write it.
        kept: what to keep; None keeps the columns that do not nearly name each user.
    """

    user: str
    kept: tuple[str, ...] | None = None


def read_users(source: Source, columns: UserColumns) -> tuple[Users, Findings]:
    """Return what is known of each user, and what was found about the rows.

    Empty cells are left out. Nothing is said of a user without a row.

    Raises:
        DataError: the file lacks a column, cannot be read, or most of its rows are unusable.
    """
    require_user_columns(source, columns)
    names = columns.kept if columns.kept is not None else source.names()
    kept = [name for name in names if name != columns.user]
    sieve = Sieve(source.read([columns.user, *kept]), "user")
    sieve.drop(is_missing(sieve.frame[columns.user]), "without a user id")
    repeated = sieve.frame.duplicated([columns.user])
    sieve.drop(repeated, "whose id an earlier row has (the first row counts)", lost=False)
    doubts = sieve.doubts()
    notes = sieve.notes()
    if columns.kept is None:
        naming = [name for name in kept if _names_users(sieve, name)]
        kept = [name for name in kept if name not in naming]
        notes += tuple(
            f"column {name!r} of {source.path.name} was left out, since it nearly names each user; "
            "name it in `user_columns` to keep it"
            for name in naming
        )
    cells = {name: sieve.frame[name].str.strip() for name in kept}
    known = {name: ~is_missing(column) for name, column in cells.items()}
    users = {
        user: {name: cells[name].iloc[row] for name in kept if known[name].iloc[row]}
        for row, user in enumerate(sieve.frame[columns.user])
    }
    return {user: about for user, about in users.items() if about}, Findings(notes, doubts)


def require_user_columns(source: Source, columns: UserColumns) -> None:
    """Check that ``source`` has every column that is named. Raises DataError where it lacks one."""
    kept = dict.fromkeys(columns.kept or (), "user_columns")
    source.require({**kept, columns.user: "user_id_column"})


def with_users(log: InteractionLog, users: Users, findings: Findings) -> InteractionLog:
    """Return ``log`` with what is known of its own users."""
    known: Mapping[str, Mapping[str, str]] = {
        user: users[user] for user in log.histories if user in users
    }
    notes, doubts = (*log.notes, *findings.notes), (*log.doubts, *findings.doubts)
    return InteractionLog(log.name, log.catalogue, log.histories, notes, doubts, known)


def _names_users(sieve: Sieve, name: str) -> bool:
    values = sieve.frame[name][~is_missing(sieve.frame[name])]
    return len(values) >= _USERS_TO_JUDGE_BY and values.nunique() >= _NEARLY_ALL * len(values)
