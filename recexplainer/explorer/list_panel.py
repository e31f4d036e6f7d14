"""List panel: the recommender's list after the edited history, and what the edits moved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from recexplainer.explorer.elements import box, button, search_box, text
from recexplainer.explorer.explored_run import ExploredRun
from recexplainer.pipeline import RankedItem, Ranking

__all__ = ["ListPanel"]

_PAGE = 20


class ListPanel:
    """A page of the list; ``more`` asks the server for the next.

    Args:
        run: whose list.
        choose: told the id of the item that is to be explained.
    """

    def __init__(self, run: ExploredRun, choose: Callable[[str], Awaitable[Any]]) -> None:
        self._run, self._choose = run, choose
        self._length = _PAGE
        with box("section", "panel list", aria_label="Recommended items"):
            text("h2", "What it recommends")
            self._notes = box("div", "notes soft small")
            self._rows = box("ol", "rows")
            self._end = box("div", "row-end")
            search_box(
                "Explain another item: search titles",
                run.title_index,
                run.catalogue.titles,
                self._found,
                mark="item-search",
            )

    def show(self, ranking: Ranking, unedited: Ranking, item: str | None) -> None:
        """Show the beginning of ``ranking``, each rank beside that of the ``unedited`` list."""
        self._rows.clear()
        with self._rows:
            for one in ranking.page(0, self._length):
                self._row(one, unedited.place(one.item), item)
        self._notes.clear()
        with self._notes:
            text("p", f"The first {self._length} of {ranking.candidates:,} items.")
            for note in ranking.notes:
                text("p", note)
        self._end.clear()
        if ranking.candidates > self._length:
            with self._end:
                button("Show 20 more", lambda: self._more(ranking, unedited, item), data_key="more")

    def _row(self, one: RankedItem, before: RankedItem | None, item: str | None) -> None:
        moved = "" if before is None else _moved(before.rank, one.rank)
        with box("li"):
            row = button("", lambda: self._choose(one.item), "row", data_key=f"row {one.item}")
            row.mark("row")
            if one.item == item:
                row.props["aria-current"] = "true"
            with row:
                text("span", f"{one.rank}", "rank")
                text("span", one.title, "title")
                text("span", f"{one.score:.3g}", "score", title="the recommender's score")
                if moved:
                    text("span", moved, "moved up" if moved[0] == "▲" else "moved down")

    async def _more(self, ranking: Ranking, unedited: Ranking, item: str | None) -> None:
        self._length += _PAGE
        self.show(ranking, unedited, item)

    async def _found(self, row: int) -> None:
        await self._choose(self._run.catalogue.ids[row])


def _moved(before: int, now: int) -> str:
    if before == now:
        return ""
    return f"▲ from {before:,}" if now < before else f"▼ from {before:,}"
