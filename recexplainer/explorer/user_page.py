"""User page: one user's history, and the list and explanation of each run beside each other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from nicegui import ui

from recexplainer.errors import RecxError
from recexplainer.explorer.address import Address
from recexplainer.explorer.elements import box, text
from recexplainer.explorer.explanation_panel import ExplanationPanel
from recexplainer.explorer.explored_run import ExploredRun
from recexplainer.explorer.history_panel import HistoryPanel
from recexplainer.explorer.list_panel import ListPanel
from recexplainer.explorer.user_panel import user_panel
from recexplainer.explorer.what_if_panel import WhatIfPanel
from recexplainer.pipeline import Ranking

__all__ = ["UserPage"]


@dataclass(frozen=True, slots=True)
class _Column:
    """What one run shows."""

    run: ExploredRun
    problem: ui.label
    listed: ListPanel
    explanation: ExplanationPanel
    what_if: WhatIfPanel


class UserPage:
    """The page of one visitor; every press changes the address and what is shown with it.

    Args:
        runs: one, or two to compare.
        address: what is shown first.
    """

    def __init__(self, runs: tuple[ExploredRun, ...], address: Address) -> None:
        self._address, self._turn = address, 0
        with box("div", "layout two" if len(runs) > 1 else "layout"):
            with box("div", "side"):
                self._user = text("h1", "")
                self._history = HistoryPanel(runs[0], self.go)
                user_panel(runs[0], self.go)
            self._columns = tuple(self._column(run, named=len(runs) > 1) for run in runs)
        ui.on("recx-address", lambda event: self._went(str(event.args)))

    def _column(self, run: ExploredRun, *, named: bool) -> _Column:
        with box("div", "column"):
            if named:
                text("h2", f"{run.name}: {run.about}", "run-name")
            problem = ui.label("").classes("problem")
            with box("div", "pair"):
                listed = ListPanel(run, self._choose)
                with box("div", "why"):
                    explanation = ExplanationPanel()
                    what_if = WhatIfPanel(run, self.go)
        return _Column(run, problem, listed, explanation, what_if)

    async def go(self, address: Address) -> None:
        """Show another address, and write it into the browser's history."""
        ui.navigate.history.push(address.url)
        self._address = address
        await self.refresh()

    async def refresh(self) -> None:
        """Show the address: the list first, then the account, then the run's own words."""
        self._turn += 1
        address, turn = self._address, self._turn
        self._user.text = f"User {address.user}"
        await asyncio.gather(*(self._fill(one, address, turn) for one in self._columns))

    async def _fill(self, column: _Column, address: Address, turn: int) -> None:
        run = column.run
        try:
            unedited = await run.ranking(address.unedited)
            ranking = await run.ranking(address) if address.edit else unedited
            item = address.item or ranking.page(0, 1)[0].item
            if not run.catalogue.knows(item):
                item = ranking.page(0, 1)[0].item
        except RecxError as error:
            column.problem.text = f"This cannot be shown: {error}"
            return
        if turn != self._turn:
            return
        column.problem.text = ""
        if column is self._columns[0]:
            self._history.show(address, unedited.history)
        column.listed.show(ranking, unedited, item)
        column.explanation.wait(run.catalogue.title(item))
        place = ranking.place(item)
        column.what_if.show(address, item, None if place is None else place.rank)
        before = _before(unedited, item) if address.edit else ""
        await self._explain(column, address, item, before)

    async def _explain(self, column: _Column, address: Address, item: str, before: str) -> None:
        turn, panel = self._turn, column.explanation
        try:
            account = await column.run.account(address, item)
            if turn == self._turn:
                panel.show_account(account, before)
        except RecxError as error:
            panel.show_problem(error)
        if turn != self._turn:
            return
        try:
            words = await column.run.words(address, item)
            if turn == self._turn:
                panel.show_words(words)
        except RecxError as error:
            panel.show_problem(error, of_words=True)

    async def _choose(self, item: str) -> None:
        await self.go(replace(self._address, item=item))

    async def _went(self, url: str) -> None:
        """Follow the browser back or forward."""
        path, _, query = url.partition("?")
        self._address = Address.read(path.removeprefix("/user/"), query)
        await self.refresh()


def _before(unedited: Ranking, item: str) -> str:
    place = unedited.place(item)
    if place is None:
        return ""
    return f" Before the edits: rank {place.rank:,}, score {place.score:.3g}."
