"""Chat models that are measured beside the surrogate."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

__all__ = ["ChatModelConfig"]


class ChatModelConfig(BaseModel):
    """A chat model behind an OpenAI-compatible API, asked the questions of the fidelity table.

    The key is read from the environment, `OPENAI_API_KEY`, and is never written down.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )

    model: Annotated[str, Field(min_length=1)]
    """The model's name on its server."""
    name: str | None = None
    """What its row is called; null takes the model's name."""
    base_url: str | None = None
    """Where the server is, such as http://localhost:11434/v1; null takes `OPENAI_BASE_URL`."""
    max_requests: Annotated[int, Field(ge=1)] = 1000
    """The most questions it is sent; where there are more, as many are drawn with the seed."""
    concurrency: Annotated[int, Field(ge=1)] = 8
    """Requests under way at once."""
    retries: Annotated[int, Field(ge=0)] = 5
    """How often a request is sent again when the server is busy or fails."""
    timeout: Annotated[float, Field(gt=0)] = 60.0
    """Seconds that one request may take."""

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, given: str | None) -> str | None:
        if given is not None and not re.fullmatch(r"https?://[^\s@]+", given):
            raise ValueError("must begin with http:// or https:// and hold no user or password")
        return given

    @property
    def row(self) -> str:
        """What its row is called."""
        return self.name or self.model
