"""A judge for recexplainer that asks a chat model of any provider, through litellm.

This module is what the entry point names. litellm, which takes seconds to import, comes in when the
judge is built.
"""

from __future__ import annotations

from collections.abc import Iterable

from recexplainer.plugins.hookspecs import hookimpl
from recexplainer.plugins.interfaces import Judge, Provider
from recx_litellm.judge import NAME, ChatJudge, ChatJudgeOptions, build

__all__ = ["ChatJudge", "ChatJudgeOptions", "recx_register_judges"]


@hookimpl
def recx_register_judges() -> Iterable[Provider[Judge]]:
    """Return the judge."""
    return [
        Provider(
            name=NAME,
            build=build,
            options=ChatJudgeOptions,
            summary="a chat model of any provider, by the paper's four-level rubric; needs a key",
            argument="model",
        )
    ]
