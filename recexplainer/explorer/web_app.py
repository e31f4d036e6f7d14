"""Web application of the explorer; it answers to no host name but this machine's own."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from nicegui import ui
from starlette.middleware.trustedhost import TrustedHostMiddleware

from recexplainer.explorer.explored_run import ExploredRun
from recexplainer.explorer.pages import add_pages

__all__ = ["web_app"]


def web_app(runs: tuple[ExploredRun, ...], paths: tuple[Path, ...]) -> FastAPI:
    """Return the application; NiceGUI keeps one per process.

    Args:
        runs: one, or two to compare.
        paths: their folders.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    add_pages(runs, paths)
    ui.run_with(
        app, title=f"Explore {runs[0].name}", dark=None, tailwind=False, show_welcome_message=False
    )
    return app
