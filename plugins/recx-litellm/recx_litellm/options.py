"""The judge's options."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from recexplainer.plugins.interfaces import Options

__all__ = ["ChatJudgeOptions"]


class ChatJudgeOptions(Options):
    """Which model is asked, and how.

    There is no option for a key: it is read from the environment alone (``OPENAI_API_KEY``,
    ``ANTHROPIC_API_KEY``...), so that none ends up in a run folder.
    """

    model: str
    """Provider and model as litellm writes them, such as ``openai/gpt-5-mini`` or
    ``hosted_vllm/my-model``."""
    api_base: str | None = None
    """Address of a server of your own, such as ``http://localhost:8000/v1``."""
    temperature: float = Field(default=0.0, ge=0.0, le=2.0)
    """0 gives the same grade again, as far as the provider does."""
    max_tokens: int = Field(default=400, ge=16)
    """Where an answer is cut off; models that think first need more."""
    timeout: float = Field(default=60.0, gt=0.0)
    """Seconds that one try may take."""
    retries: int = Field(default=4, ge=0, le=20)
    """Further tries after a failure that may pass (rate limit, server error, no connection)."""
    concurrency: int = Field(default=8, ge=1, le=64)
    """How many questions are out at a time."""

    @field_validator("model")
    @classmethod
    def _names_provider_and_model(cls, given: str) -> str:
        if not re.fullmatch(r"[^/\s]+/\S+", given):
            raise ValueError(f"must be PROVIDER/MODEL, such as openai/gpt-5-mini, got {given!r}")
        return given

    @field_validator("api_base")
    @classmethod
    def _is_an_address(cls, given: str | None) -> str | None:
        if given is not None and not re.fullmatch(r"https?://\S+", given):
            raise ValueError(f"must begin with http:// or https://, got {given!r}")
        return given
