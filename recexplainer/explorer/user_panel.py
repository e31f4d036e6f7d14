"""User panel: finds somebody to look at."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from recexplainer.explorer.address import Address
from recexplainer.explorer.elements import box, button, search_box, text
from recexplainer.explorer.explored_run import ExploredRun, ToldCase

__all__ = ["user_panel"]

_PAGE = 10
_SEGMENTS = ("Short histories", "Long histories", "Users the surrogate never saw")


def user_panel(run: ExploredRun, go: Callable[[Address], Awaitable[Any]]) -> None:
    """Show the ways to find a user; lists come in pages from the server.

    Args:
        run: whose users.
        go: told the address.
    """
    with box("section", "panel users", aria_label="Find a user"):
        text("h2", "Find a user")
        search_box(
            f"Search {len(run.users):,} user ids",
            run.user_index,
            run.users,
            lambda place: go(Address(run.users[place])),
            mark="user-search",
        )
        with box("div", "buttons"):
            button("Random user", lambda: go(Address(random.choice(run.users))), data_key="random")
            for name in ("Least sure explanations", "Withheld explanations", *_SEGMENTS):
                button(name, lambda name=name: show(name, 0), data_key=name)  # type: ignore[misc]
        listed = box("div", "listed", aria_live="polite")

    async def show(name: str, start: int) -> None:
        found = _found(run, name)
        listed.clear()
        with listed:
            text("h3", f"{name}: {len(found):,}")
            if not found:
                text("p", "The run has none.", "soft small")
            with box("ol", "names", start=f"{start + 1}"):
                for words, address in found[start : start + _PAGE]:
                    with box("li"):
                        button(words, lambda address=address: go(address), "name")  # type: ignore[misc]
            if start + _PAGE < len(found):
                button("Next 10", lambda: show(name, start + _PAGE), data_key="next users")


def _found(run: ExploredRun, name: str) -> Sequence[tuple[str, Address]]:
    if name == "Least sure explanations":
        return [_case(run, one) for one in run.told if not one.withheld]
    if name == "Withheld explanations":
        return [_case(run, one) for one in run.told if one.withheld]
    if name == _SEGMENTS[2]:
        strangers = {one.case.user for one in run.told if one.case.split == "held_out_users"}
        return [(user, Address(user)) for user in run.users if user in strangers]
    longest = name == "Long histories"
    ordered = sorted(run.histories.items(), key=lambda one: len(one[1]), reverse=longest)
    return [(f"{user} ({len(had):,} items)", Address(user)) for user, had in ordered]


def _case(run: ExploredRun, one: ToldCase) -> tuple[str, Address]:
    case = one.case
    at = len(case.history) + len(case.earlier)
    sure = "" if one.confidence is None else f", confidence {one.confidence:.2f}"
    words = f"{case.user}: {run.catalogue.title(case.item)} ({one.explainer}{sure})"
    return words, Address(case.user, case.item, at)
