"""The options of the judge ``chat``, and what else must be there before it can ask anything."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from recexplainer.errors import MissingExtraError
from recexplainer.plugins.interfaces import Options

__all__ = ["KEY", "ChatOptions", "address_of", "missing_for"]

KEY, ADDRESS = "OPENAI_API_KEY", "OPENAI_BASE_URL"
_OPENAI = "https://api.openai.com/v1"


class ChatOptions(Options):
    """Which model is asked, how, and how much it may cost.

    There is no option for the key: it is read from ``OPENAI_API_KEY`` alone, so that it ends up in
    no file.
    """

    model: str = Field(default="gpt-4.1-mini", min_length=1)
    """The model, as the service names it."""
    base_url: str | None = None
    """Address of any OpenAI-compatible service; null takes OPENAI_BASE_URL, else OpenAI's own."""
    temperature: float = Field(default=0.0, ge=0.0, le=2.0)
    """0 gives the same grade again, as far as the service does."""
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

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, given: str | None) -> str | None:
        if given is not None and not re.fullmatch(r"https?://[^\s@]+", given):
            raise ValueError("must begin with http:// or https:// and hold no user or password")
        return given

    @model_validator(mode="after")
    def _has_prices(self) -> ChatOptions:
        if self.max_cost is not None and (self.price_in is None or self.price_out is None):
            raise ValueError("max_cost needs price_in and price_out, in dollars per million tokens")
        return self


def address_of(options: ChatOptions) -> str:
    """Return the address of the service that is asked."""
    return options.base_url or os.environ.get(ADDRESS) or _OPENAI


def missing_for(options: ChatOptions) -> Iterator[str]:
    """Yield one line for each thing that must be there and is not; asks nobody anything."""
    if importlib.util.find_spec("openai") is None:
        yield str(MissingExtraError("openai", "judge", "by the judge chat"))
    if not os.environ.get(KEY) and not _is_near(address_of(options)):
        yield (
            f"the judge asks {address_of(options)}, which needs a key: set {KEY} in the "
            "environment (to any text if the service takes none)"
        )


def _is_near(address: str) -> bool:
    """Whether the service runs on this machine or in its own network, where none needs a key."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"
