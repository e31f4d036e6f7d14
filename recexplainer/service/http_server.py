"""HTTP server of a run: where it listens, who may ask, and how it ends."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import sys
from types import FrameType
from typing import TYPE_CHECKING, Final

from recexplainer.errors import MissingExtraError, UserError

if TYPE_CHECKING:
    from recexplainer.service.served_run import ServedRun

__all__ = ["TOKEN", "serve", "token_for"]

TOKEN: Final = "RECX_SERVE_TOKEN"  # noqa: S105  # the name of the variable
_SHORTEST = 16
_GRACE, _IDLE = 30, 75
"""Seconds that an answer may take when the service ends, and that a connection may say nothing:
longer than clients keep one, or a request meets a connection that is just being closed."""
_SWITCH_SECONDS = 0.0005
"""Python lets a thread compute this long before others get their turn. Its 5 ms would be waited for
at each read and write of an answer while a question is being computed."""


def token_for(host: str) -> str | None:
    """Return the token that is asked for at this address, from the environment.

    Raises:
        UserError: others than this machine can ask there, and there is no token; or it is short.
    """
    token = os.environ.get(TOKEN, "").strip() or None
    if token is None and not _loopback(host):
        raise UserError(
            f"--host {host} lets other machines ask, so a token is needed: set the environment "
            f"variable {TOKEN} to a secret of {_SHORTEST} characters or more, such as the output "
            "of: openssl rand -hex 32"
        )
    if token is not None and len(token) < _SHORTEST:
        raise UserError(f"{TOKEN} is too short to be a secret: {_SHORTEST} characters or more")
    return token


def serve(served: ServedRun, host: str, port: int, token: str | None) -> None:
    """Answer requests until the process is told to stop; what is being answered ends first.

    Args:
        served: the run.
        host: address to listen at.
        port: 0 takes one that is free.
        token: asked for on all but ``/healthz``.

    Raises:
        MissingExtraError: FastAPI or uvicorn is not installed.
        RecxError: the run cannot be asked.
    """
    try:
        import uvicorn

        from recexplainer.service.app import make_app
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "serve", "to serve a run") from error
    failed: list[BaseException] = []

    def warmed(error: BaseException | None) -> None:
        if error is not None:
            failed.append(error)
            server.should_exit = True

    sys.setswitchinterval(_SWITCH_SECONDS)
    app = make_app(served, token=token, warmed=warmed)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,  # who was asked about is nobody's business
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=_IDLE,
    )

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            # What waits is refused at once; uvicorn lets end what is being answered.
            asyncio.get_running_loop().call_soon_threadsafe(served.close)
            super().handle_exit(sig, frame)

    server = Server(config)
    try:
        server.run()
    except SystemExit:  # uvicorn has logged why
        words = f"cannot listen at {host}:{port}; choose another --host or --port"
        raise UserError(words) from None
    if failed:
        raise failed[0]


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
