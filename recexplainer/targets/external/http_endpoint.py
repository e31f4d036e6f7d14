"""The target ``http``: a server that scores batches of histories. Schema: docs/how-to/own-model.md.

    POST {url}/scores        {"histories": [[id...]...]}    ->  {"scores": [[number...]...]}
    GET  {url}/items                                        ->  {"items": [id...]}
    POST {url}/user_vectors  {"histories": [[id...]...]}    ->  {"vectors": [[number...]...]}
    GET  {url}/item_vectors                                 ->  {"vectors": [[number...]...]}

The last two are asked with ``vectors: true`` only. With ``items: send``, ``/items`` is not asked,
and each POST to ``/scores`` carries ``"items"``: the ids whose scores are wanted, in order.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from recexplainer.errors import UserError
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.interfaces import Options, Target, TargetKit

__all__ = ["HttpModel", "HttpOptions", "build_http", "http_capabilities"]


class HttpOptions(Options):
    """Which server is asked, and how patiently."""

    url: str
    """Where the four addresses above begin, such as ``http://localhost:8000/model``."""
    items: Literal["ask", "send"] = "ask"
    """``ask`` the server for the order of its columns, or ``send`` the ids with each batch."""
    vectors: bool = False
    """Whether the server also gives vectors."""
    token_env: str | None = None
    """Name of the environment variable that holds a bearer token; the token itself is written
    nowhere."""
    batch_size: int = Field(default=64, ge=1)
    """Histories per request."""
    timeout_seconds: float = Field(default=30, gt=0)
    """How long to wait for a connection, and for each answer."""
    retries: int = Field(default=4, ge=0)
    """How often a request is repeated after no answer, or status 408, 429 or 5xx."""
    max_wait_seconds: float = Field(default=60, ge=0)
    """The longest pause between two tries; a server that asks for a longer one ends the run."""

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"must look like http://host:port/path, got {url!r}")
        if parts.username or parts.password:
            raise ValueError("must hold no user or password; use token_env")
        if parts.query or parts.fragment:
            raise ValueError(f"must end before '?' or '#', got {url!r}")
        return url.rstrip("/")

    @field_validator("token_env")
    @classmethod
    def _is_set(cls, name: str | None) -> str | None:
        if name is not None and not os.environ.get(name):
            raise ValueError(
                "must name an environment variable that is set and not empty; export it in the "
                "shell that starts recx"
            )
        return name

    @model_validator(mode="after")
    def _vectors_need_an_order(self) -> Self:
        if self.vectors and self.items == "send":
            raise ValueError("vectors need items: ask, since their rows are in the order of /items")
        return self


class HttpModel:
    """Asks the server. Every answer must be JSON of the schema above.

    Args:
        options: which server.
        catalogue_ids: the items to send, where they are sent.
    """

    def __init__(self, options: HttpOptions, catalogue_ids: Sequence[str]) -> None:
        from recexplainer.targets.external.http_client import JsonClient

        self._client = JsonClient(
            options.url,
            options.token_env,
            timeout=options.timeout_seconds,
            retries=options.retries,
            max_wait=options.max_wait_seconds,
        )
        self._sent = {"items": list(catalogue_ids)} if options.items == "send" else {}

    def item_ids(self) -> list[str]:
        """Return the server's items in the order of its columns.

        Raises:
            UserError: as for every method here, the answer is not of the schema, or the server
                refuses. StageError is raised when it gives no answer after all retries.
        """
        answer = self._client.get("/items")
        items = _entry(answer, "items", "GET /items")
        if not items or not all(type(item) in {str, int} for item in items):
            raise UserError(f"{self._client.url}/items: 'items' must be a list of ids.")
        return [str(item) for item in items]

    def scores(self, histories: list[list[str]]) -> Any:
        """Return the server's scores, one list per history."""
        answer = self._client.post("/scores", {"histories": histories, **self._sent})
        return _entry(answer, "scores", "POST /scores")

    def user_vectors(self, histories: list[list[str]]) -> Any:
        """Return the server's vectors, one list per history."""
        answer = self._client.post("/user_vectors", {"histories": histories})
        return _entry(answer, "vectors", "POST /user_vectors")

    def item_vectors(self) -> Any:
        """Return the server's vectors, one list per item of ``/items``."""
        return _entry(self._client.get("/item_vectors"), "vectors", "GET /item_vectors")


def http_capabilities(options: HttpOptions) -> frozenset[Capability]:
    """Return ``vectors`` if the server is said to have them."""
    return frozenset({Capability.VECTORS}) if options.vectors else frozenset()


def build_http(options: HttpOptions, kit: TargetKit) -> Target:
    """Return the server as a target; asks it for its items.

    Raises:
        UserError: it cannot be reached, or does not keep to the schema.
        StageError: it gave no answer after all retries.
    """
    from recexplainer.targets.external.external_target import LatentOutsideTarget, OutsideTarget

    model = HttpModel(options, kit.catalogue.ids)
    item_ids = model.item_ids() if options.items == "ask" else None
    kind = LatentOutsideTarget if options.vectors else OutsideTarget
    return kind(model, kit, options.url, item_ids=item_ids, batch_size=options.batch_size)


def _entry(answer: Any, name: str, request: str) -> Any:
    if not isinstance(answer, dict) or not isinstance(answer.get(name), list):
        found = (
            f"an object with {sorted(answer)}" if isinstance(answer, dict) else repr(answer)[:60]
        )
        raise UserError(f'{request} must answer {{"{name}": [...]}}, and answered {found}.')
    return answer[name]
