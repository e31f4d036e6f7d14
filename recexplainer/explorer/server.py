"""Server of the explorer: the pages on 127.0.0.1, until it is interrupted."""

from __future__ import annotations

import socket
import warnings
from collections.abc import Callable
from pathlib import Path

from recexplainer.errors import MissingExtraError, UserError

__all__ = ["explore"]

_HOST = "127.0.0.1"


def explore(
    paths: tuple[Path, ...],
    *,
    port: int,
    explainers: tuple[str, ...],
    ready: Callable[[str], None],
) -> None:
    """Serve the pages of one run, or of two beside each other.

    Args:
        paths: the run folders.
        port: on 127.0.0.1; 0 takes any that is free.
        explainers: in place of the runs' own.
        ready: told the address just before it answers.

    Raises:
        MissingExtraError: NiceGUI is not installed.
        UserError: the port is taken.
        RunFolderError: a folder is no run, or has no recommender yet.
    """
    try:
        import nicegui  # noqa: F401
    except ImportError:
        raise MissingExtraError("nicegui", "explore", "to show a run on a page") from None
    import uvicorn

    from recexplainer.explorer.explored_run import ExploredRun
    from recexplainer.explorer.web_app import web_app

    # looking for its server among all objects, NiceGUI touches other libraries' old names
    warnings.filterwarnings("ignore", category=FutureWarning, module="nicegui")
    listening = _listening(port)
    runs = tuple(ExploredRun.open(path, explainers) for path in paths)
    config = uvicorn.Config(web_app(runs, paths), log_level="warning", access_log=False)
    listening.listen()
    ready(f"http://{_HOST}:{listening.getsockname()[1]}/")
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        for run in runs:
            run.close()


def _listening(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((_HOST, port))
    except OSError as error:
        made.close()
        raise UserError(
            f"port {port} of {_HOST} cannot be had ({error.strerror}): give another with --port, "
            "or 0 for any that is free"
        ) from None
    return made
