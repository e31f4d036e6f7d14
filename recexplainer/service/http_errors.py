"""Errors over HTTP: one shape for all, with a sentence and never a traceback or a path."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from recexplainer.errors import CapabilityError, UserError, WishError
from recexplainer.service.answer_models import ErrorAnswer, ErrorDetail
from recexplainer.service.answers_made import UnknownThingError
from recexplainer.service.refusals import BusyError, StoppedError, TooLateError
from recexplainer.service.served_run import detail_of

__all__ = ["RESPONSES", "answer_errors", "error_answer"]

_log = logging.getLogger(__name__)
_TOLD = {
    400: "The body is not JSON.",
    401: "The bearer token is missing or wrong.",
    404: "There is no such user or item; the nearest names are given.",
    413: "The body is too large.",
    422: "What is asked makes no sense; the message says why.",
    429: "Too many questions wait; Retry-After says when to ask again.",
    500: "The service failed, and its log says how.",
    503: "The run is being loaded, or the service stopped.",
    504: "There was no answer before the deadline.",
}
RESPONSES: dict[int | str, dict[str, object]] = {
    status: {"model": ErrorAnswer, "description": words} for status, words in _TOLD.items()
}
"""What every question may be answered with instead, for OpenAPI."""


def error_answer(
    status: int,
    kind: str,
    message: str,
    nearest: tuple[str, ...] = (),
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """Return an error as the answer to a request."""
    detail = ErrorDetail(kind=kind, message=message, nearest=nearest)
    content = ErrorAnswer(error=detail).model_dump(mode="json")
    return JSONResponse(content, status, headers)


def answer_errors(app: FastAPI) -> None:
    """Have ``app`` answer with an error whatever is raised in it."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _any)
    for kind in (UserError, BusyError, TooLateError, StoppedError):
        app.add_exception_handler(kind, _any)


async def _any(_: Request, error: Exception) -> JSONResponse:
    message = str(error)
    if isinstance(error, UnknownThingError):
        told = detail_of(error)
        status = 404 if error.kind in ("user", "item") else 422
        return error_answer(status, told.kind, told.message, told.nearest)
    if type(error) in (UserError, CapabilityError, WishError):  # others tell of files
        return error_answer(422, "question", message)
    if isinstance(error, BusyError):
        return error_answer(429, "busy", message, headers={"Retry-After": str(error.retry_after)})
    if isinstance(error, TooLateError):
        return error_answer(504, "late", message)
    if isinstance(error, StoppedError):
        return error_answer(503, "stopped", message, headers={"Retry-After": "5"})
    _log.error("%s: %s", type(error).__name__, message)
    return error_answer(500, "internal", "the service failed; its log says how")


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """Say what is wrong with a request by field; what was given is not repeated."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    lines = (_line(one["loc"], one["msg"]) for one in found)
    if any(one["type"] == "json_invalid" for one in found):
        return error_answer(400, "not_json", "the body is not JSON")
    return error_answer(422, "invalid", "; ".join(dict.fromkeys(lines)))


def _line(place: tuple[str | int, ...], message: str) -> str:
    field = ".".join(str(one) for one in place[1:])
    words = message.removeprefix("Value error, ")
    # What is unknown may be anything, of any length.
    return f"{field[:100]}: {words}" if field else words


async def _of_http(_: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    phrase = HTTPStatus(status).phrase
    words = _TOLD.get(status, phrase) if status in (400, 413) else phrase
    return error_answer(status, phrase.lower().replace(" ", "_"), words, headers=headers)
