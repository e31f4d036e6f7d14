"""Wishes of a reader, audience and language, given to the explainers that can meet them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import ValidationError

from recexplainer.errors import WishError
from recexplainer.pipeline.execution.plan import Part
from recexplainer.records.problems import describe

__all__ = ["for_reader"]


def for_reader(
    parts: Sequence[Part], audience: str | None, language: str | None
) -> tuple[Part, ...]:
    """Return those of ``parts`` that can word for the reader, with the wish as their option.

    Args:
        parts: explainers.
        audience: who reads; None wishes nothing.
        language: in which language; None wishes nothing.

    Raises:
        WishError: none of them has such options, or the wish is none that they know.
    """
    wished = {"audience": audience, "language": language}
    wishes = {name: value for name, value in wished.items() if value is not None}
    if not wishes:
        return tuple(parts)
    able = [part for part in parts if wishes.keys() <= type(part.options).model_fields.keys()]
    if not able:
        names = ", ".join(part.name for part in parts)
        raise WishError(
            f"cannot word it for another {' or '.join(wishes)}: {names} cannot. The explainer told "
            "can: load the run with it, such as told:MODEL"
        )
    return tuple(_wishing(part, wishes) for part in able)


def _wishing(part: Part, wishes: dict[str, str]) -> Part:
    given = part.options.model_dump(exclude_unset=True) | wishes
    try:
        return replace(part, options=type(part.options).model_validate(given))
    except ValidationError as error:
        raise WishError("; ".join(describe(error, type(part.options), part.name))) from None
