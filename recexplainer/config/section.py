"""Base class of all sections of a configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

__all__ = ["SPEED", "Baseline", "Baselines", "Count", "Names", "Section", "speed_settings"]

Count = Annotated[int, Field(ge=1)]


@dataclass(frozen=True)
class _Mark:
    meaning: str


SPEED: Final = _Mark("how fast, in how much memory and in whose sight the same result comes")
"""Marks a setting that changes no result: with another value nothing is trained anew."""


_Name = TypeVar("_Name", bound=str)


def _distinct(names: tuple[_Name, ...]) -> tuple[_Name, ...]:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"each name may be given once, got {', '.join(repeated)} more than once")
    return names


Names = Annotated[tuple[str, ...], AfterValidator(_distinct)]
Baseline = Literal["random", "popularity", "unaligned", "in_context", "distilled"]
Baselines = Annotated[tuple[Baseline, ...], AfterValidator(_distinct)]


class Section(BaseModel):
    """Base of the sections: frozen, unknown keys are errors, an empty section is all defaults."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )

    @model_validator(mode="before")
    @classmethod
    def _empty(cls, given: Any) -> Any:
        return {} if given is None else given


def speed_settings(section: type[Section]) -> frozenset[str]:
    """Return the names of the settings of ``section`` that are marked with ``SPEED``."""
    fields = section.model_fields.items()
    return frozenset(name for name, field in fields if SPEED in field.metadata)
