"""What all sections of a configuration have in common."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

__all__ = ["Count", "Names", "Section"]

Count = Annotated[int, Field(ge=1)]


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"each name may be given once, got {', '.join(repeated)} more than once")
    return names


Names = Annotated[tuple[str, ...], AfterValidator(_distinct)]


class Section(BaseModel):
    """Base of the sections: frozen, unknown keys are errors, an empty section is all defaults."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )

    @model_validator(mode="before")
    @classmethod
    def _empty(cls, given: Any) -> Any:
        return {} if given is None else given
