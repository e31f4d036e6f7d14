"""Pages of the explorer: their addresses, their tabs and what each shows."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from fastapi import Request
from nicegui import ui

from recexplainer.explorer.address import Address
from recexplainer.explorer.audit_tab import show_audit
from recexplainer.explorer.elements import box, text
from recexplainer.explorer.explored_run import ExploredRun
from recexplainer.explorer.figures_page import show_figures
from recexplainer.explorer.user_page import UserPage
from recexplainer.explorer.user_panel import user_panel

__all__ = ["TABS", "Tab", "add_pages"]


class Tab(NamedTuple):
    """A part of the explorer that has a page of its own."""

    path: str
    label: str


TABS = (
    Tab("/", "Users"),
    Tab("/figures", "How far to trust it"),
    Tab("/audit", "What it does overall"),
)
"""The tabs, in order; a page begins with ``_frame`` and its own path."""


def add_pages(runs: tuple[ExploredRun, ...], paths: tuple[Path, ...]) -> None:
    """Register the pages.

    Args:
        runs: one, or two to compare.
        paths: their folders.
    """

    @ui.page("/")
    async def start() -> None:
        _frame(runs, "/")

        async def go(address: Address) -> None:
            ui.navigate.to(address.url)

        with box("div", "layout"), box("div", "side"):
            user_panel(runs[0], go)

    @ui.page("/user/{user:path}")
    async def user(user: str, request: Request) -> None:  # noqa: ARG001  # read unquoted below
        _frame(runs, "/")
        raw = request.scope.get("raw_path") or request.url.path.encode()
        path = raw.decode("ascii").partition("?")[0].removeprefix("/user/")
        page = UserPage(runs, Address.read(path, request.url.query))
        await ui.context.client.connected()
        await page.refresh()

    @ui.page("/figures")
    async def figures() -> None:
        _frame(runs, "/figures")
        for path in paths:
            show_figures(path)

    @ui.page("/audit")
    async def audit() -> None:
        _frame(runs, "/audit")
        for path in paths:
            show_audit(path)


def _frame(runs: tuple[ExploredRun, ...], here: str) -> None:
    """Begin a page: its style, its script, what is explored, and the tabs."""
    ours, reports = files("recexplainer.explorer"), files("recexplainer.report")
    style = (reports / "templates" / "style.css").read_text("utf-8")
    style += (ours / "templates" / "explorer.css").read_text("utf-8")
    script = (ours / "templates" / "explorer.js").read_text("utf-8")
    ui.add_head_html(f"<style>{style}</style><script>{script}</script>")
    with box("div", "top", role="banner"):
        text("strong", " and ".join(run.name for run in runs))
        text("span", "; ".join(dict.fromkeys(run.about for run in runs)), "soft")
        with box("nav", aria_label="Parts"):
            for tab in TABS:
                link = text("a", tab.label, href=tab.path)
                if tab.path == here:
                    link.props["aria-current"] = "page"
