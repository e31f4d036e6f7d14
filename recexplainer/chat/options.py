"""Options of parts that ask a chat model, and what else must be there before they can."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from recexplainer.chat.server import KEY, ChatServer
from recexplainer.chat.spending import Limits
from recexplainer.errors import MissingExtraError
from recexplainer.plugins.providing import Options
from recexplainer.records import WebAddress

__all__ = ["ChatOptions", "missing_for"]


class ChatOptions(Options):
    """Which model is asked, how, and how much it may cost.

    There is no option for the key: it is read from ``OPENAI_API_KEY`` alone, so that it ends up in
    no file.
    """

    model: str = Field(default="gpt-4.1-mini", min_length=1)
    """The model, as the service names it."""
    base_url: WebAddress | None = None
    """Address of any OpenAI-compatible service; null takes OPENAI_BASE_URL, else OpenAI's own."""
    temperature: float = Field(default=0.0, ge=0.0, le=2.0)
    """0 gives the same answer again, as far as the service does."""
    max_tokens: int = Field(default=600, ge=16)
    """Where an answer is cut off; models that think first need more."""
    timeout: float = Field(default=60.0, gt=0.0)
    """Seconds that one try may take."""
    retries: int = Field(default=4, ge=0, le=20)
    """Further tries after a failure that may pass: rate limit, server error, no connection."""
    concurrency: int = Field(default=32, ge=1, le=256)
    """How many questions are out at a time."""
    max_requests: int = Field(default=5000, ge=1)
    """No more requests than this in one command, further tries included."""
    max_cost: float | None = Field(default=None, gt=0.0)
    """No more dollars than this in one command; needs both prices."""
    price_in: float | None = Field(default=None, ge=0.0)
    """Dollars per million tokens read."""
    price_out: float | None = Field(default=None, ge=0.0)
    """Dollars per million tokens written."""
    cache_dir: str | None = None
    """Folder that keeps the answers for other runs too; null keeps them in the run's own."""

    @model_validator(mode="after")
    def _has_prices(self) -> ChatOptions:
        if self.max_cost is not None and (self.price_in is None or self.price_out is None):
            raise ValueError("max_cost needs price_in and price_out, in dollars per million tokens")
        return self

    def server(self) -> ChatServer:
        """Return who is asked, and how hard."""
        return ChatServer(
            model=self.model,
            base_url=self.base_url,
            temperature=self.temperature,
            timeout=self.timeout,
            retries=self.retries,
            concurrency=self.concurrency,
        )

    def answers_folder(self, own: Path | None) -> Path | None:
        """Return where answers are kept: in ``own``, unless ``cache_dir`` says another folder."""
        return own if self.cache_dir is None else Path(self.cache_dir).expanduser()

    def limits(self) -> Limits:
        """Return what it may come to."""
        return Limits(self.max_requests, self.max_cost, self.price_in, self.price_out)


def missing_for(options: ChatOptions, part: str) -> Iterator[str]:
    """Yield one line for each thing that must be there and is not; asks nobody anything.

    Args:
        options: of the part that asks.
        part: which one it is, such as ``the judge chat``.
    """
    if importlib.util.find_spec("openai") is None:
        yield str(MissingExtraError("openai", "judge", f"by {part}"))
    address = options.server().address
    if not os.environ.get(KEY) and not _is_near(address):
        yield (
            f"{part} asks {address}, which needs a key: set {KEY} in the environment (to any text "
            "if the service takes none)"
        )


def _is_near(address: str) -> bool:
    """Whether the service runs on this machine or in its own network, where none needs a key."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"
