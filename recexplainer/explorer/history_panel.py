"""History panel: what the recommender reads, to take out, put back, replace and add to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from recexplainer.explorer.address import Address
from recexplainer.explorer.elements import box, button, search_box, text
from recexplainer.explorer.explored_run import ExploredRun

__all__ = ["HistoryPanel"]


class HistoryPanel:
    """A chip for each item that is read.

    Args:
        run: knows the titles.
        go: told the address after an edit.
    """

    def __init__(self, run: ExploredRun, go: Callable[[Address], Awaitable[Any]]) -> None:
        self._run, self._go = run, go
        self._replaced: str | None = None
        self._address = Address("")
        with box("section", "panel had", aria_label="History"):
            text("h2", "What it knows of this user")
            self._hint = text("p", "", "soft small")
            self._chips = box("ul", "chips")
            self._tools = box("div", "tools")

    def show(self, address: Address, read: tuple[str, ...]) -> None:
        """Show the chips.

        Args:
            address: with its edits.
            read: what the recommender reads without any edit, oldest first.
        """
        self._address = address
        if self._replaced not in (*read, *address.added):
            self._replaced = None
        instead = dict(address.instead)
        self._hint.text = (
            f"The last {len(read)} items, oldest first. Press one to take it out, and again to put "
            "it back; the list follows."
        )
        self._chips.clear()
        with self._chips:
            for item in read:
                self._chip(item, instead.get(item), out=item in address.without)
            for item in address.added:
                self._chip(item, None, out=False, added=True)
        self._show_tools()

    def _chip(self, item: str, new: str | None, *, out: bool, added: bool = False) -> None:
        title = self._run.catalogue.title
        with box("li", "chip out" if out else "chip new" if new or added else "chip"):
            words = title(new or item)
            state = "taken out: put back" if out else "in the history: take out"
            if new:
                state = f"in place of {title(item)}: put back"
            after = self._address.taking_out(item)
            if out or new:
                after = self._address.putting_back(item)
            made = button(
                f"{'+ ' if out or new else '− '}{words}",
                lambda: self._go(after),
                data_key=f"chip {item}",
                aria_label=f"{words}, {state}",
                title=state,
            )
            made.mark("chip")
            if new:
                text("span", "replaced", "tag")
            elif out:
                text("span", "taken out", "tag")
            elif added:
                text("span", "added", "tag")
            if not out:
                button(
                    "⇄",
                    lambda: self._start_replacing(item),
                    "swap",
                    data_key=f"swap {item}",
                    aria_label=f"Replace {words}",
                    title="replace",
                )

    def _show_tools(self) -> None:
        catalogue = self._run.catalogue
        self._tools.clear()
        with self._tools:
            if self._replaced is not None:
                old = catalogue.title(self._replaced)
                label = f"Replace {old} by: search titles"
                search_box(
                    label, self._run.title_index, catalogue.titles, self._replace, mark="replace"
                )
            search_box(
                "Add an item at the end: search titles",
                self._run.title_index,
                catalogue.titles,
                self._add,
                mark="add",
            )
            if self._address.edit:
                button(
                    "Undo all edits",
                    lambda: self._go(self._address.unedited),
                    data_key="undo",
                )

    async def _start_replacing(self, item: str) -> None:
        self._replaced = item
        self._show_tools()

    async def _replace(self, row: int) -> None:
        old, self._replaced = self._replaced, None
        if old is not None:
            await self._go(self._address.replacing(old, self._run.catalogue.ids[row]))

    async def _add(self, row: int) -> None:
        await self._go(self._address.adding(self._run.catalogue.ids[row]))
