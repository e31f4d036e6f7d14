"""YAML writer of a configuration: as it was resolved, or as a commented file to edit."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import yaml
from pydantic import BaseModel

from recexplainer.config.sections import RunConfig

__all__ = ["commented_config", "dump_config"]

_HEADER = """\
# Settings of a run of recexplainer, all at their defaults. Use it with: recx run THIS_FILE
# What you delete keeps its default. A value can also be given as: --set training.budget=2
"""
_WIDTH = 96


def dump_config(config: RunConfig) -> str:
    """Return all settings as YAML, in the order of the sections; the same config, the same text."""
    return yaml.safe_dump(
        config.model_dump(mode="json"), sort_keys=False, allow_unicode=True, width=_WIDTH
    )


def commented_config() -> str:
    """Return the default settings as YAML, each beneath a comment that says what it means."""
    return _HEADER + "\n" + "\n".join(_lines(RunConfig(), depth=0)) + "\n"


def _lines(section: BaseModel, depth: int) -> Iterator[str]:
    """Yield comment and value of each field of ``section``, indented by ``depth``."""
    margin = "  " * depth
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        comment = " ".join((field.description or type(value).__doc__ or "").split())
        if isinstance(value, BaseModel) and depth == 0:
            yield ""
        yield from textwrap.wrap(
            comment, _WIDTH, initial_indent=f"{margin}# ", subsequent_indent=f"{margin}# "
        )
        if isinstance(value, BaseModel):
            yield f"{margin}{name}:"
            yield from _lines(value, depth + 1)
        else:
            yield f"{margin}{name}: {_inline(value)}"


def _inline(value: object) -> str:
    """Return ``value`` as YAML on one line."""
    plain = list(value) if isinstance(value, tuple) else value
    return yaml.safe_dump([plain], default_flow_style=True, width=10**6).strip()[1:-1]
