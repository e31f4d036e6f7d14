"""Question templates, read from ``templates.yaml`` beside this file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

__all__ = ["templates"]


@cache
def templates() -> dict[str, tuple[str, ...]]:
    """Return what is asked for (such as ``item_ranking``) to the sentences that ask for it."""
    text = files(__package__).joinpath("templates.yaml").read_text(encoding="utf-8")
    return {name: tuple(sentences) for name, sentences in yaml.safe_load(text).items()}
