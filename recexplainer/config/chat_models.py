"""A chat model behind an OpenAI-compatible service, whoever asks it: judge, explainer or table."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from recexplainer.config.section import Count, Section
from recexplainer.records import WebAddress

__all__ = ["ChatModelConfig", "ChatRowConfig"]


class ChatModelConfig(Section):
    """Which chat model is asked, how, and how much it may cost.

    There is no setting for the key: it is read from `OPENAI_API_KEY` alone, so that it ends up in
    no file.
    """

    model: Annotated[str, Field(min_length=1)] = "gpt-4.1-mini"
    """The model, as the service names it."""
    base_url: WebAddress | None = None
    """Address of any OpenAI-compatible service, such as http://localhost:11434/v1; null takes
    `OPENAI_BASE_URL`, else OpenAI's own."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    """0 gives the same answer again, as far as the service does."""
    timeout: Annotated[float, Field(gt=0)] | None = None
    """Seconds that one try may take; null takes 60, or 600 where the service is on this machine or
    in its network."""
    retries: Annotated[int, Field(ge=0, le=20)] = 4
    """Further tries after a failure that may pass: rate limit, server error, no connection."""
    concurrency: Annotated[int, Field(ge=1, le=256)] = 32
    """How many questions are out at a time at most. The first goes out alone; then as many as the
    service bears."""
    max_requests: Count = 5000
    """No more requests than this in one command, further tries included. Of the fidelity table's
    questions as many are sampled with the seed, and further tries do not count."""
    max_cost: Annotated[float, Field(gt=0)] | None = None
    """No more dollars than this in one command; needs both prices."""
    price_in: Annotated[float, Field(ge=0)] | None = None
    """Dollars per million tokens read."""
    price_out: Annotated[float, Field(ge=0)] | None = None
    """Dollars per million tokens written."""

    @model_validator(mode="after")
    def _has_prices(self) -> ChatModelConfig:
        if self.max_cost is not None and (self.price_in is None or self.price_out is None):
            raise ValueError("max_cost needs price_in and price_out, in dollars per million tokens")
        return self


class ChatRowConfig(ChatModelConfig):
    """A chat model that is asked the questions of the fidelity table, and gets a row in it."""

    name: str | None = None
    """What its row is called; null takes the model's name."""

    @property
    def row(self) -> str:
        """What its row is called."""
        return self.name or self.model

    @property
    def in_context_row(self) -> str:
        """What its row is called where answered questions precede each question."""
        return f"{self.row}_in_context"
