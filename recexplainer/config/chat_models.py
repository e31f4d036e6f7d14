"""Chat models that are measured beside the surrogate."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from recexplainer.config.section import Count, Section
from recexplainer.records import WebAddress

__all__ = ["ChatModelConfig"]


class ChatModelConfig(Section):
    """A chat model behind an OpenAI-compatible API, asked the questions of the fidelity table.

    The key is read from the environment, `OPENAI_API_KEY`, and is never written down.
    """

    model: Annotated[str, Field(min_length=1)]
    """The model's name on its server."""
    name: str | None = None
    """What its row is called; null takes the model's name."""
    base_url: WebAddress | None = None
    """Where the server is, such as http://localhost:11434/v1; null takes `OPENAI_BASE_URL`."""
    max_requests: Count = 1000
    """The most questions it is sent; where there are more, as many are drawn with the seed."""
    concurrency: Count = 8
    """Requests under way at once."""
    retries: Annotated[int, Field(ge=0)] = 5
    """How often a request is sent again when the server is busy or fails."""
    timeout: Annotated[float, Field(gt=0)] = 60.0
    """Seconds that one request may take."""

    @property
    def row(self) -> str:
        """What its row is called."""
        return self.name or self.model
