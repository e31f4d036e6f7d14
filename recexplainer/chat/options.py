"""Options of parts that ask a chat model, and the requirements they bring."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from recexplainer.chat.chat_server import KEY, ChatServer, given_key
from recexplainer.config.chat_models import ChatModelConfig
from recexplainer.errors import MissingExtraError, UserError
from recexplainer.plugins.providers import Options
from recexplainer.runs.web_access import client_settings

__all__ = ["ChatOptions", "missing_for"]


class ChatOptions(ChatModelConfig, Options):
    """Which chat model a judge or an explainer asks, how, and how much it may cost."""

    max_tokens: int = Field(default=600, ge=16)
    """Where an answer is cut off; models that think first need more."""
    cache_dir: str | None = None
    """Folder that keeps the answers for other runs too; null keeps them in the run's own."""

    def answers_folder(self, own: Path | None) -> Path | None:
        """Return where answers are kept: in ``own``, unless ``cache_dir`` says another folder."""
        return own if self.cache_dir is None else Path(self.cache_dir).expanduser()


def missing_for(chat: ChatModelConfig, part: str) -> Iterator[str]:
    """Yield one line for each thing that must be there and is not; asks nobody anything.

    Args:
        chat: which model is asked.
        part: who asks it, such as ``the judge chat``.
    """
    if importlib.util.find_spec("openai") is None:
        yield str(MissingExtraError("openai", "judge", f"by {part}"))
    server, key = ChatServer(chat), given_key()
    if not key and not server.is_near:
        yield (
            f"{part} asks {server.address}, which needs a key: set {KEY} in the environment (to "
            "any text if the service takes none)"
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        yield (
            f"{part}: {KEY} holds a blank or a sign that no key has; set it anew, to the key alone"
        )
    try:
        client_settings(server.address)
    except UserError as error:
        yield f"{part}: {error}"
