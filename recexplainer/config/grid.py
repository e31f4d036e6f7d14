"""Grid of an ablation: a base configuration, what each variant changes of it, and the seeds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from recexplainer.config.loader import mended, read_yaml
from recexplainer.config.section import Names, Section
from recexplainer.config.sections import RunConfig
from recexplainer.records.problems import describe

__all__ = ["GridConfig", "Seeds", "VariantConfig", "read_grid"]


def _distinct(seeds: tuple[int, ...]) -> tuple[int, ...]:
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError("must be at least one seed, each given once")
    return seeds


Seeds = Annotated[tuple[Annotated[int, Field(ge=0)], ...], AfterValidator(_distinct)]


class VariantConfig(Section):
    """What one variant changes of the base."""

    without: Names = ()
    """Alignment tasks that are not taught."""
    set: dict[str, Any] = Field(default_factory=dict)
    """Settings that differ, each by its dotted name, such as `alignment.mode: behavior`."""


class GridConfig(Section):
    """A base, its variants and the seeds; every variant is run with every seed."""

    base: str | dict[str, Any] | None = None
    """Configuration of a run, as a file or as its sections; a file is looked for beside this one.
    null is the default run."""
    preset: str | None = None
    """Preset that the base starts from."""
    seeds: Seeds | None = None
    """Seeds of every variant; null takes that of the base."""
    variants: dict[str, VariantConfig] = Field(default_factory=dict)
    """Name to what differs; the base itself is run as well."""
    until: str | None = None
    """Stage before which every run stops, such as `explanations`; null does all of it."""


def read_grid(path: Path | None, flags: Mapping[str, Any]) -> tuple[GridConfig, list[str]]:
    """Return a grid and all that is wrong with it; what is wrong is left at its default.

    A file that holds the sections of a run is the base of a grid.

    Args:
        path: a YAML file, or None for the default run as the base.
        flags: field to value; None is not given. Variants are added to those of the file, other
            values win over it.
    """
    problems: list[str] = []
    given = {} if path is None else read_yaml(path, problems)
    if given and given.keys() <= RunConfig.model_fields.keys():
        given = {"base": given}
    base = given.get("base")
    if path is not None and isinstance(base, str):
        given["base"] = str(path.parent / Path(base).expanduser())
    for name, value in flags.items():
        both = isinstance(value, dict) and isinstance(given.get(name), dict)
        if value is not None:
            given[name] = {**given[name], **value} if both else value
    try:
        return GridConfig.model_validate(given), problems
    except ValidationError as error:
        problems += describe(error, GridConfig)
        return mended(given, error, GridConfig), problems
