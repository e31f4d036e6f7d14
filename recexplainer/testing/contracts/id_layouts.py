"""Rules on id layouts: whose columns the scores are, and what padding and order do.

From outside, a target that confuses items looks like one that likes other items. So each rule looks
for what no other target does, and is skipped where nothing can be told.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recexplainer.metrics.column_shift import MUCH, column_shift, foretells_more, foretold
from recexplainer.metrics.read_items import is_unread, last_counts
from recexplainer.plugins.interfaces import FloatArray, Target, TargetKit
from recexplainer.records import InteractionLog
from recexplainer.testing.contracts.fitted_targets import FittedTarget
from recexplainer.testing.contracts.rules import inapplicable, require
from recexplainer.testing.contracts.target_answers import asked_of
from recexplainer.testing.toy import toy_training

__all__ = ["KeepsItsLayout"]

_USERS: Final = 200
_ITEMS: Final = 60
"""Items that are put into histories."""
_SHORTEST_WINDOW: Final = 4
"""Below, a target that needs a few items to tell users apart cannot be told from a wrong side."""


class KeepsItsLayout(FittedTarget):
    """Rules on items, columns, padding and order."""

    def test_scores_stand_in_the_columns_of_their_items(
        self, fitted: Target, kit: TargetKit, log: InteractionLog, answers: FloatArray
    ) -> None:
        """What users take next is not foretold by the columns beside their own."""
        histories, nexts = _next_items(log, kit)
        rows = kit.catalogue.rows
        seen = [rows(history) for history in histories]
        scores = asked_of(fitted.scores, histories)
        shift = column_shift(scores, rows(nexts), seen)
        if not shift:
            _enough(foretold(scores, rows(nexts), seen))
        require(
            shift == 0,
            f"next items are foretold by the column {'after' if shift > 0 else 'before'} theirs, "
            "and hardly ever by their own",
            "return columns in catalogue order, without that of padding: scores[:, 1:] where ids "
            "begin at 1, scores[:, :-1] where the last id is padding",
        )

    def test_no_column_is_that_of_padding(
        self, fitted: Target, kit: TargetKit, log: InteractionLog, answers: FloatArray
    ) -> None:
        """Where every other item's score depends on the history, one that never moves is none."""
        histories, _ = _next_items(log, kit)
        scores = asked_of(fitted.scores, histories)
        spread = np.ptp(scores, axis=0)
        still = np.flatnonzero(spread <= 1e-6 * (np.abs(scores).max() + 1e-12))
        trained = {item for history in toy_training(log).histories.values() for item in history}
        names = [kit.catalogue.ids[column] for column in still]
        if len(histories) < 2 or len(names) > 1:
            inapplicable("several items have one score whatever the history")
        require(
            not names or names[0] not in trained,
            f"the score of {names[0] if names else ''!r} is the same after every history, and no "
            "other item's is",
            "is it the column of padding, or of a mask? Leave that out and return the item's own",
        )

    def test_no_item_passes_for_padding(
        self, fitted: Target, kit: TargetKit, log: InteractionLog, answers: FloatArray
    ) -> None:
        """What fills a history up is no item: one that is added to a history is read."""
        if kit.max_history < 2:
            inapplicable("histories of one item are read")
        items, ask = _spread(log, kit), partial(asked_of, fitted.scores)
        unread = [item for item in items if is_unread(ask, item, items)]
        if not items or len(unread) > 1:
            inapplicable("several items change nothing when they are added to a history")
        require(
            not unread,
            f"adding {unread[0] if unread else ''!r} to a history changes nothing, at either end, "
            "and any other item does",
            "fill histories up with an id that no item has (items from 1 and padding 0, or items "
            "from 0 and padding behind the last), and mask it",
        )

    def test_short_histories_are_read_to_their_end(
        self, fitted: Target, kit: TargetKit, log: InteractionLog, answers: FloatArray
    ) -> None:
        """The last item counts in histories shorter than the window as it does in full ones."""
        width, ask = kit.max_history, partial(asked_of, fitted.scores)
        if width < _SHORTEST_WINDOW:
            inapplicable(f"fewer than {_SHORTEST_WINDOW} items of a history are read")
        ids = kit.catalogue.ids
        if len(ids) <= width + 1 or not last_counts(ask, ids, width):
            inapplicable("the last item changes no score of a full history")
        require(
            any(last_counts(ask, ids, length) for length in range(1, width)),
            f"the last item of a history changes scores only where there are {width} of them",
            "padding is read at the wrong side: fill up on the side that the model was trained "
            "with, and read the output at the last item",
        )

    def test_the_end_of_a_history_is_its_latest_item(
        self, fitted: Target, kit: TargetKit, log: InteractionLog, answers: FloatArray
    ) -> None:
        """Histories are oldest first: read backwards they do not foretell better."""
        histories, nexts = _next_items(log, kit)
        columns = kit.catalogue.rows(nexts)
        seen = [kit.catalogue.rows(history) for history in histories]
        forwards = foretold(asked_of(fitted.scores, histories), columns, seen)
        turned = [history[::-1] for history in histories]
        backwards = foretold(asked_of(fitted.scores, turned), columns, seen)
        worse = foretells_more(backwards, forwards, columns)
        if not worse:
            _enough(forwards)
        require(
            not worse,
            f"read backwards, {backwards.mean():.0%} of histories foretell their next item, and "
            f"{forwards.mean():.0%} as they are",
            "read the last item as the latest one; turn the history round where the model wants "
            "the latest first",
        )


def _enough(found: NDArray[np.bool_]) -> None:
    """Skip the running rule unless most next items are foretold."""
    __tracebackhide__ = True
    if not len(found) or found.mean() < MUCH:
        share = f"{found.mean():.0%}" if len(found) else "none"
        inapplicable(f"the target foretells {share} of next items, too few to tell")


def _next_items(log: InteractionLog, kit: TargetKit) -> tuple[list[list[str]], list[str]]:
    """Return users' histories before their last item, and that item."""
    whole = [history for history in log.histories.values() if len(history) > 1]
    drawn = np.random.default_rng(0).permutation(len(whole))[:_USERS]
    chosen = [whole[place] for place in np.sort(drawn)]
    return (
        [list(history[:-1][-kit.max_history :]) for history in chosen],
        [history[-1] for history in chosen],
    )


def _spread(log: InteractionLog, kit: TargetKit) -> list[str]:
    """Return the first and last item, and some between, that are in the training histories."""
    trained = {item for history in toy_training(log).histories.values() for item in history}
    known = [item for item in kit.catalogue.ids if item in trained]
    places = np.unique(np.linspace(0, len(known) - 1, min(_ITEMS, len(known))).round().astype(int))
    return [known[place] for place in places]
