"""A stand-in for a chat model that judges.

It grades by the rubric what it is sent, and refuses what is not sent as data; so it checks every
request. The benchmark of judges and the tests use it.
"""

from __future__ import annotations

import json
import re
from contextlib import AbstractContextManager
from typing import Any

from recexplainer.testing.servers.chat_service import ChatStandIn, chat_service

__all__ = ["serving"]

_SHOWN = ["history", "item", "decision_of_the_recommender", "explanation"]
_LEVELS = re.compile(r"^RATING-[1-4]: (In)?[Cc]orrect classification", re.MULTILINE)


def serving() -> AbstractContextManager[ChatStandIn]:
    """Return a judge that listens on a free port of this machine until the block ends."""
    return chat_service(_graded)


def _graded(body: dict[str, Any]) -> str:
    """Grade what the message holds: the decision first, then whether the history is spoken of."""
    system, user = body["messages"]
    shown = json.loads(user["content"])
    is_data = list(shown) == _SHOWN and len(_LEVELS.findall(system["content"])) == 4
    if not is_data or (system["role"], user["role"]) != ("system", "user"):
        return "This is not what a judge is to be asked."
    text = shown["explanation"]
    cited = any(item["title"] in text for item in shown["history"])
    right = text.startswith(shown["decision_of_the_recommender"])
    rating = f"RATING-{(4 if cited else 2) if right else 1}"
    reason = "It is right." if right else "It states another decision."
    if "response_format" in body:
        return json.dumps({"reason": reason, "rating": rating})
    return f"{reason}\n\n{rating}"
