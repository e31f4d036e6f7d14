"""What-if panel: small edits that bring an item into the top of the list or out of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from recexplainer.errors import RecxError
from recexplainer.explorer.address import Address
from recexplainer.explorer.elements import box, button, text
from recexplainer.explorer.explored_run import ExploredRun

__all__ = ["WhatIfPanel"]

_WAYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("taking items out", ("remove",)),
    ("replacing items", ("replace",)),
    ("adding items", ("add",)),
    ("any of these", ("remove", "replace", "add")),
)


class WhatIfPanel:
    """A button for each kind of edit; what is found can be made.

    Args:
        run: is asked.
        go: told the address with the edit.
    """

    def __init__(self, run: ExploredRun, go: Callable[[Address], Awaitable[Any]]) -> None:
        self._run, self._go = run, go
        with box("section", "panel what-if", aria_label="What if"):
            self._heading = text("h2", "What if?")
            self._ways = box("div", "buttons")
            self._answer = box("div", aria_live="polite")

    def show(self, address: Address, item: str, rank: int | None) -> None:
        """Offer the edits of one item; none for an item that the user had."""
        self._ways.clear()
        self._answer.clear()
        if rank is None:
            self._heading.text = "What if? The user had this item: no edit is searched for."
            return
        aim = "out of top 10" if rank <= 10 else "top 10"
        into = "out of" if rank <= 10 else "into"
        self._heading.text = f"What would bring it {into} the top 10?"
        with self._ways:
            for words, kinds in _WAYS:
                self._button(words, address, item, aim, kinds)

    def _button(
        self, words: str, address: Address, item: str, aim: str, kinds: tuple[str, ...]
    ) -> None:
        made = button(
            f"By {words}", lambda: self._ask(address, item, aim, kinds), data_key=f"if {words}"
        )
        made.mark("what-if")

    async def _ask(self, address: Address, item: str, aim: str, kinds: tuple[str, ...]) -> None:
        self._answer.clear()
        with self._answer:
            text("p", "The recommender is being asked …", "soft waiting")
        try:
            told = await self._run.what_if(address, item, aim, kinds)
        except RecxError as error:
            self._answer.clear()
            with self._answer:
                text("p", f"No answer: {error}", "problem")
            return
        self._answer.clear()
        with self._answer:
            text("p", told.text)
            if told.found is not None:
                after = address.edited(told.found.edit)
                button("Make this edit", lambda: self._go(after), data_key="make").mark("make")
