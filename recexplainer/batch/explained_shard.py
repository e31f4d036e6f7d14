"""Explained shard: users in, a table out; whoever cannot be explained to is a row as well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recexplainer.batch.rows import error_row, explained_rows, row_schema
from recexplainer.batch.user_file import UserRow
from recexplainer.data.plural_words import counted
from recexplainer.errors import RecxError, UserError
from recexplainer.pipeline.after.live_explanation import AskedCase, Explained, answers
from recexplainer.pipeline.after.moment import Moment, first_of_scores, moment_of_user
from recexplainer.pipeline.after.whole_list import ranked
from recexplainer.pipeline.execution.bench import Bench

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

__all__ = ["ShardExplainer"]

_ASKED_AT_ONCE = 128
"""Cases that explainers and checks are handed together. Another number may move scores by rounding,
and with it the bytes of a shard: it is part of the format."""


@dataclass(frozen=True)
class ShardExplainer:
    """Explains the users of a shard from a loaded run.

    Attributes:
        bench: the run, with the explainers that are asked.
        run: its fingerprint, which every row has.
        top: how many of the target's first items are explained to a user without an item.
        instruction: a wish such as ``"only genres"``.
    """

    bench: Bench
    run: str
    top: int = 1
    instruction: str | None = None

    def table(self, users: Sequence[UserRow]) -> pa.Table:
        """Return the rows of ``users``, in order; it depends on nothing that was asked before.

        Raises:
            RecxError: the target or a language model cannot be asked at all.
        """
        import pyarrow as pa

        self.bench.forget_answers()
        size = max(1, _ASKED_AT_ONCE // self.top)
        parts = (users[start : start + size] for start in range(0, len(users), size))
        rows = [row for part in parts for row in self._rows(part)]
        return pa.Table.from_pylist(rows, schema=row_schema())

    def _rows(self, users: Sequence[UserRow]) -> Iterator[dict[str, Any]]:
        asked = self._asked(users)
        known = [case for cases in asked if not isinstance(cases, Exception) for case in cases]
        answered = iter(self._answers(known))
        for user, cases in zip(users, asked, strict=True):
            if isinstance(cases, Exception):
                yield error_row(user, cases, self.run)
                continue
            for case in cases:
                found = next(answered)
                if isinstance(found, Exception):
                    named = UserRow(user.user, case.case.item)
                    yield error_row(named, found, self.run)
                else:
                    yield from explained_rows(found, self.run)

    def _asked(self, users: Sequence[UserRow]) -> list[list[AskedCase] | UserError]:
        """Return the cases of each user, or why there are none; the target is asked once."""
        found: list[Moment | UserError] = [self._moment(user) for user in users]
        moments = [one for one in found if isinstance(one, Moment)]
        scores = self.bench.oracle.rows_of_scores([one.context.history for one in moments])
        return [
            self._cases(user, one, next(scores)) if isinstance(one, Moment) else one
            for user, one in zip(users, found, strict=True)
        ]

    def _moment(self, asked: UserRow) -> Moment | UserError:
        known = self.bench.log.histories
        if asked.user not in known:
            return UserError(
                f"unknown user {asked.user!r}; the run has {counted(len(known), 'user')}"
            )
        if asked.item is not None and not self.bench.catalogue.knows(asked.item):
            return UserError(f"unknown item {asked.item!r}; item_id takes ids of the data set")
        return moment_of_user(self.bench, asked.user)

    def _cases(self, user: UserRow, moment: Moment, scores: Any) -> list[AskedCase] | UserError:
        from recexplainer.explanation.cases import case_of_scores

        items = self.bench.catalogue
        try:
            chosen = [user.item] if user.item is not None else self._first(moment, scores)
        except UserError as error:  # nothing is left to recommend
            return error
        return [
            AskedCase(
                moment,
                case_of_scores(moment.context, items.row(item), scores, items, moment.seen),
                recommended=user.item is None,
            )
            for item in chosen
        ]

    def _first(self, moment: Moment, scores: Any) -> list[str]:
        """Return the first items of the list, beginning with what ``recx explain`` explains."""
        first = first_of_scores(self.bench, moment, scores)
        rest = (one.item for one in ranked(self.bench, moment, scores).page(0, self.top))
        return [first, *(item for item in rest if item != first)][: self.top]

    def _answers(self, asked: Sequence[AskedCase]) -> list[Explained | Exception]:
        """Return the answer about each case, or what it fails with; halves find the one at fault.

        Raises:
            RecxError: no mistake of one user: the target, a server or a language model is out.
            OSError, MemoryError: the machine is.
        """
        explainers = self.bench.plan.explainers
        if not asked:
            return []
        try:
            return list(answers(self.bench, asked, self.instruction, explainers))
        except (OSError, MemoryError):
            raise
        except Exception as error:  # explainers are anybody's code
            if isinstance(error, RecxError) and type(error) is not UserError:
                raise
            if len(asked) == 1:
                return [error]
        middle = len(asked) // 2
        return [*self._answers(asked[:middle]), *self._answers(asked[middle:])]
