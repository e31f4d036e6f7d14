"""One question to a chat model: limits, retries, and which failures are worth a second try."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from recexplainer.errors import UserError
from recx_litellm.options import ChatJudgeOptions

__all__ = ["ChatModel", "NoAnswerError"]

_FIRST_WAIT = 1.0
"""Seconds before the second try; each further wait is twice as long."""
_LONGEST_WAIT = 30.0


class NoAnswerError(Exception):
    """The model gave no answer to this question; its text says why."""


class ChatModel:
    """Asks one model of one provider; threads may share it.

    Args:
        options: which model, and how it is asked.

    Raises:
        UserError: litellm does not know the provider, or its key is not in the environment.
    """

    def __init__(self, options: ChatJudgeOptions) -> None:
        self._options = options
        self._litellm = _import_litellm()
        self._check()

    def answer(self, system: str, user: str) -> str:
        """Return what the model says to one message.

        Args:
            system: the instructions.
            user: the message.

        Raises:
            NoAnswerError: it failed at every try, or refuses this question.
            UserError: it would refuse every question: the key or the model's name is wrong.
        """
        errors = self._litellm
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        try:
            reply = self._retrying()(self._complete, messages)
        except (errors.AuthenticationError, errors.PermissionDeniedError) as error:
            raise UserError(
                f"{self._options.model} refuses the key: {_first_line(error)}"
            ) from None
        except errors.NotFoundError as error:
            raise UserError(f"there is no {self._options.model}: {_first_line(error)}") from None
        except _failures(errors) as error:
            raise NoAnswerError(f"gave no answer: {_first_line(error)}") from None
        return str(reply.choices[0].message.content or "")

    def _complete(self, messages: Sequence[dict[str, str]]) -> Any:
        options = self._options
        return self._litellm.completion(
            model=options.model,
            messages=list(messages),
            api_base=options.api_base,
            temperature=options.temperature,
            max_tokens=options.max_tokens,
            timeout=options.timeout,
            # One place retries. What a model does not take (such as a temperature) is left out.
            max_retries=0,
            num_retries=0,
            drop_params=True,
        )

    def _retrying(self) -> Retrying:
        return Retrying(
            stop=stop_after_attempt(1 + self._options.retries),
            wait=wait_exponential(multiplier=_FIRST_WAIT, max=_LONGEST_WAIT),
            retry=retry_if_exception_type(_passing(self._litellm)),
            reraise=True,
        )

    def _check(self) -> None:
        model, litellm = self._options.model, self._litellm
        try:
            litellm.get_llm_provider(model, api_base=self._options.api_base)
        except litellm.BadRequestError:
            provider = model.partition("/")[0]
            raise UserError(
                f"litellm knows no provider {provider!r} (model {model!r}); its names are listed "
                "at https://docs.litellm.ai/docs/providers"
            ) from None
        wanted = litellm.validate_environment(model)["missing_keys"]
        keys = [name for name in wanted if name.endswith("_KEY")]
        if keys:
            raise UserError(
                f"the judge {model} needs its key in the environment: set {' and '.join(keys)}, "
                "then run the same command again; nothing that is done is done twice"
            )


def _passing(litellm: Any) -> tuple[type[Exception], ...]:
    """Return the failures that may be gone at the next try."""
    return (
        litellm.Timeout,
        litellm.APIConnectionError,
        litellm.RateLimitError,
        litellm.InternalServerError,
        litellm.ServiceUnavailableError,
        litellm.BadGatewayError,
    )


def _failures(litellm: Any) -> tuple[type[Exception], ...]:
    """Return all failures of a call that are the provider's or the question's, not ours."""
    return (
        *_passing(litellm),
        litellm.APIError,
        litellm.BadRequestError,
        litellm.UnprocessableEntityError,
        litellm.APIResponseValidationError,
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:200]


def _import_litellm() -> Any:
    """Import litellm so that it neither downloads its price list nor prints on errors."""
    with _variable("LITELLM_LOCAL_MODEL_COST_MAP", "True"):
        import litellm
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    return litellm


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
