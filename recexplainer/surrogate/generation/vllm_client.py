"""Client of a vLLM server that continues embedded prompts (OpenAI-style completions)."""

from __future__ import annotations

import base64
import io
import weakref
from typing import Any

import httpx2
import torch
from torch import Tensor

from recexplainer.errors import StageError, UserError

__all__ = ["CompletionServer"]

_NEEDED = "a vLLM server started with --enable-prompt-embeds"


class CompletionServer:
    """A vLLM server that takes prompts as embeddings (its "Prompt Embedding Inputs").

    Args:
        url: where its OpenAI-style paths begin, such as ``http://localhost:8000/v1``.
        model: the name under which it serves the surrogate's language model; None asks it.
        timeout: seconds to wait for an answer.
    """

    def __init__(self, url: str, model: str | None = None, timeout: float = 600.0) -> None:
        self.url = url.rstrip("/")
        self._client = httpx2.Client(timeout=timeout)
        weakref.finalize(self, self._client.close)  # speakers are not closed, only let go
        self.model = model or self._served()

    def complete(self, prompt: Tensor, **sampling: Any) -> list[str]:
        """Return the server's texts, as many as ``n`` of ``sampling``.

        Args:
            prompt: ``(T, d_llm)``, the whole conversation with vectors in their slots.
            sampling: vLLM's parameters, such as ``max_tokens``, ``temperature``, ``seed``.

        Raises:
            UserError: there is no such server, or it refuses the request.
            StageError: it broke off or answered late.
        """
        packed = io.BytesIO()
        torch.save(prompt.detach().cpu().contiguous(), packed)
        embedded = base64.b64encode(packed.getvalue()).decode()
        body = {"model": self.model, "prompt_embeds": embedded, **sampling}
        choices = self._asked("POST", "/completions", body).get("choices")
        try:
            texts = [choice["text"] for choice in sorted(choices, key=lambda c: c["index"])]
        except (KeyError, TypeError):
            texts = []
        if len(texts) != sampling.get("n", 1) or not all(isinstance(t, str) for t in texts):
            raise UserError(
                f"generation.url: {self.url}/completions did not answer with "
                f"{sampling.get('n', 1)} texts; give {_NEEDED}"
            )
        return texts

    def _served(self) -> str:
        """Return the name of the first model that the server has."""
        listed = self._asked("GET", "/models", None).get("data")
        try:
            return str(listed[0]["id"])
        except (KeyError, IndexError, TypeError):
            raise UserError(
                f"generation.url: {self.url}/models names no model; give {_NEEDED}, or the "
                "model's name as generation.model"
            ) from None

    def _asked(self, method: str, path: str, body: object) -> Any:
        request = f"generation.url: {self.url}{path}"
        try:
            response = self._client.request(method, self.url + path, json=body)
        except (httpx2.ConnectError, httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            raise UserError(f"{request} cannot be reached ({error}); start {_NEEDED}") from None
        except httpx2.TransportError as error:
            raise StageError(
                f"{request} gave no answer ({type(error).__name__}: {error}); run the same "
                "command again when the server is well"
            ) from None
        if response.status_code != httpx2.codes.OK:
            said = " ".join(response.text.split())[:200]
            wrong = StageError if response.is_server_error else UserError
            raise wrong(f"{request} was answered with {response.status_code} ({said})")
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise UserError(f"{request} answered no JSON object; give {_NEEDED}")
        return answer
