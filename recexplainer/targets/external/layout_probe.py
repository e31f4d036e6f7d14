"""Probe of an id layout: asks an exported model whether ids, padding and columns are as declared.

Nothing is refused for one odd answer. A model without padding of its own, one that likes other
items than those it reads, or one that does not read the order, is as right as any other. What is
refused contradicts itself: the padding acts as items do and an item at the end of the list as
padding does; short histories are read from the other side only; or another layout foretells what
users took next, and the declared one does not. A model whose answers show none of this passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from recexplainer.errors import RecxError, UserError
from recexplainer.metrics.column_shift import foretells_more, foretold
from recexplainer.plugins.interfaces import FloatArray, TargetKit
from recexplainer.records import TrainingHistories
from recexplainer.targets.external.column_order import MOST_NUMBERS, NextItems
from recexplainer.targets.external.id_layout import IdLayout, Padded
from recexplainer.targets.external.layout_alternatives import alternatives, neighbor
from recexplainer.targets.external.own_columns import OwnColumns

if TYPE_CHECKING:
    from recexplainer.targets.external.onnx_model import OnnxModel
    from recexplainer.targets.external.onnx_session import Marks

__all__ = ["LayoutProbe"]

_IDS = 48
"""Ids that are asked about besides those at the ends; fewer where answers are long."""
_PAIRS = 4


class LayoutProbe:
    """Asks a model about ids as such, besides histories.

    Args:
        model: what is asked.
        kit: the items that are asked about.
        source: what to call the model in messages.
    """

    def __init__(self, model: OnnxModel, kit: TargetKit, source: str) -> None:
        self._model, self._kit, self._source = model, kit, source
        self._layout, self._width = model.layout, model.width
        place = {item: row for row, item in enumerate(self._layout.items)}
        self._asked = [place[item] for item in kit.catalogue.ids if item in place]
        self._rng = np.random.default_rng(0)

    def check(self, training: TrainingHistories) -> Iterator[str]:
        """Ask the model, and yield notes.

        Raises:
            UserError: its answers contradict the options; says which, and which to set.
        """
        self._check_ids()
        if self._model.inputs.masked:
            self._check_mask()
        if self._model.inputs.tells_padding:
            self._check_swapped_padding()
        self._check_ends(training)
        yield from self._check_side()
        self._check_users(training)

    def _check_ids(self) -> None:
        """Require a column per item, and that the model has padding's id and the items'."""
        layout = self._layout
        for id_ in dict.fromkeys((layout.id_offset, layout.last_id, layout.padding_id)):
            try:
                layout.columns(self._repeated([id_]).shape[1], self._source)
            except RecxError:
                raise
            except Exception as error:  # noqa: BLE001  # ONNX Runtime's share no class
                reason = " ".join(str(error).split())[-160:]
                self._refuse(
                    f"the model cannot read {layout.named(id_)} ({reason}), with id_offset "
                    f"{layout.id_offset}, padding_id {layout.padding_id} and {len(layout.items)} "
                    "items in item_ids",
                    "id_offset to the first item's id and padding_id to one that the model has; "
                    "is item_ids the model's own list?",
                )

    def _check_mask(self) -> None:
        """Refuse a mask that hides whole histories, if the other way round it does not."""
        marks = self._model.inputs.marks
        read = self._layout.fill(self._histories(self._width, 6), self._width)
        other: Marks = "padding" if marks == "items" else "items"
        if not _differ(self._model.answers(read)) and _differ(self._model.answers(read, other)):
            self._refuse(
                f"with mask_marks={marks} the mask hides all items: histories of "
                f"{self._width} different items get the same scores",
                f"mask_marks={other}",
            )

    def _check_swapped_padding(self) -> None:
        """Require that padding which has an item's id moves nothing."""
        layout = self._layout
        row = layout.padding_id - layout.id_offset
        if not 0 <= row < len(layout.items) or row not in set(self._asked) or self._width < 2:
            return
        rows = self._histories(self._width // 2, 6)
        other = replace(layout, padding_id=layout.id_offset + (1 if row == 0 else 0))
        first = self._model.answers(layout.fill(rows, self._width))
        if _moved(first, self._model.answers(other.fill(rows, self._width))):
            self._refuse(
                f"padding moves the scores: padding_id {layout.padding_id} is also "
                f"{layout.items[row]!r}, and filling up with {other.padding_id} instead gives "
                "other scores",
                "padding_id to an id that is no item's, or id_offset to the first item's id",
            )

    def _check_ends(self, training: TrainingHistories) -> None:
        """Refuse ids and columns of which an end acts as what is beyond it should."""
        ids = self._sample()
        own = OwnColumns(np.array(ids), self._repeated(ids))
        if own.distance is not None:
            self._check_end_ids(own, training)
            self._check_end_columns(own, training)

    def _check_end_ids(self, own: OwnColumns, training: TrainingHistories) -> None:
        """Refuse padding that acts as an item, where the first or last item acts as padding."""
        layout = self._layout
        for end, beyond, step in (
            (layout.last_id, layout.id_offset - 1, -1),
            (layout.id_offset, layout.last_id + 1, 1),
        ):
            other = replace(layout, id_offset=layout.id_offset + step, padding_id=end)
            if (
                beyond == layout.padding_id
                and own.acts(layout.padding_id)
                and own.silent(end)
                # Where items raise the next in the list, the last one has no column to raise.
                and (own.has(end) or own.count == len(layout.items))
                and not self._foretells(other, training)
            ):
                self._refuse(
                    f"{layout.named(layout.padding_id)} acts as an item does, with a column of its "
                    f"own that it raises, and {layout.named(end)} as padding does: every item "
                    "seems to be shifted by one",
                    f"id_offset={other.id_offset} padding_id={other.padding_id}",
                )

    def _check_end_columns(self, own: OwnColumns, training: TrainingHistories) -> None:
        """Refuse an item's column that never moves, where one beyond the items' does."""
        layout = self._layout
        columns = layout.columns(own.count, self._source)
        for end, beyond, step in (
            (columns.stop - 1, columns.start - 1, -1),
            (columns.start, columns.stop, 1),
        ):
            if not 0 <= beyond < own.count or not own.constant(end) or own.constant(beyond):
                continue
            other = replace(layout, column_offset=columns.start + step)
            first_or_last = layout.id_offset if step < 0 else layout.last_id
            if own.raises(first_or_last, beyond) and not self._foretells(other, training):
                item = layout.items[0 if step > 0 else -1]
                self._refuse(
                    f"column {end}, which is taken for {item!r}, never moves, and column {beyond}, "
                    "which is taken for no item's, does: columns seem to be shifted by one",
                    f"column_offset={other.column_offset}",
                )

    def _check_side(self) -> Iterator[str]:
        """Refuse a side of padding from which the last item of short histories is never read."""
        if self._width < 3 or len(self._asked) < 3:
            return
        if not self._last_counts(self._layout, self._width):
            return  # it does not count in full histories either
        side = self._layout.padding
        other = replace(self._layout, padding="left" if side == "right" else "right")
        lengths = sorted({1, 2, self._width // 2, self._width - 1})
        if any(self._last_counts(self._layout, length) for length in lengths):
            return
        if any(self._last_counts(other, length) for length in lengths):
            self._refuse(
                f"with padding={side} the last item of a history shorter than {self._width} "
                f"changes no score, and with padding={other.padding} it does",
                f"padding={other.padding}",
            )
        yield (
            f"{self._source}: the last item of a history changes no score unless the history is "
            f"{self._width} items long; set width to what the model was trained with"
        )

    def _check_users(self, training: TrainingHistories) -> None:
        """Refuse a layout that foretells hardly any next item, where another foretells most."""
        users = self._users(training)
        if not users.nexts:
            return
        declared = self._foretold(self._layout, users)
        count = self._repeated([self._layout.id_offset]).shape[1]
        for other, options in alternatives(self._layout):
            try:
                beside = neighbor(self._layout, other, count, self._source)
                found = self._foretold(other, users)
            except Exception:  # noqa: BLE001, S112  # the model has no such ids or columns
                continue
            told = users.without_neighbor(beside)
            if foretells_more(found[told], declared[told], np.array(users.nexts)[told].tolist()):
                before, after = declared[told].mean(), found[told].mean()
                self._refuse(
                    f"of users' next items, {before:.0%} are among the best tenth by the declared "
                    f"layout, and {after:.0%} by another",
                    options,
                )

    def _foretells(self, other: IdLayout, training: TrainingHistories) -> bool:
        """Whether the declared layout foretells more users' next items than ``other``."""
        users = self._users(training)
        declared, found = self._foretold(self._layout, users), self._foretold(other, users)
        return bool(declared.sum() > found.sum())

    def _users(self, training: TrainingHistories) -> NextItems:
        columns = self._repeated([self._layout.id_offset]).shape[1]
        return NextItems.of(training, self._kit, self._layout.items, columns)

    def _foretold(self, layout: IdLayout, users: NextItems) -> NDArray[np.bool_]:
        if not users.nexts:
            return np.zeros(0, dtype=bool)
        return foretold(self._model.scores_as(layout, users.histories), users.nexts, users.seen)

    def _last_counts(self, layout: IdLayout, length: int) -> bool:
        """Whether another last item changes the scores of some history of ``length``."""
        rows = self._histories(length, _PAIRS)
        changed = [[*one[:-1], self._another(one[-1])] for one in rows]
        first = self._model.answers(layout.fill(rows, self._width))
        return _moved(first, self._model.answers(layout.fill(changed, self._width)))

    def _histories(self, length: int, count: int) -> list[list[int]]:
        """Return histories of rows of items that are asked about, drawn at random."""
        again = length > len(self._asked)
        return [
            self._rng.choice(self._asked, size=length, replace=again).tolist() for _ in range(count)
        ]

    def _another(self, row: int) -> int:
        """Return another item's row."""
        return self._asked[(self._asked.index(row) + 1) % len(self._asked)]

    def _sample(self) -> list[int]:
        """Return ids: those at the ends, padding's, and some between."""
        layout = self._layout
        per_answer = max(1, self._repeated([layout.id_offset]).shape[1])
        count = int(np.clip(MOST_NUMBERS // per_answer, 8, _IDS))
        between = np.linspace(layout.id_offset, layout.last_id, count).round().astype(int).tolist()
        return sorted({*between, layout.padding_id})

    def _repeated(self, ids: Sequence[int]) -> FloatArray:
        """Return all columns of scores for each id over the whole width: no padding is read."""
        whole = np.repeat(np.array(ids, dtype=np.int64)[:, None], self._width, axis=1)
        return self._model.answers(Padded(whole, np.ones_like(whole, dtype=bool)))

    def _refuse(self, found: str, options: str) -> NoReturn:
        raise UserError(
            f"{self._source}: {found}. Set {options} (target.options). If the model is right as it "
            "is declared, set target.options.check_layout=false."
        )


def _differ(answers: FloatArray) -> bool:
    """Whether some row differs from the first."""
    return _moved(np.broadcast_to(answers[:1], answers.shape), answers)


def _moved(first: NDArray[Any], second: NDArray[Any]) -> bool:
    """Whether two answers differ by more than rounding."""
    both = np.concatenate([first, second])
    finite = both[np.isfinite(both)]
    scale = float(np.abs(finite).max()) if finite.size else 0.0
    return not np.allclose(first, second, rtol=0, atol=1e-5 * scale + 1e-12, equal_nan=True)
