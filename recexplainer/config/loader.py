"""Configuration loader: a YAML file, flags and ``--set``; reports all problems at once."""

from __future__ import annotations

import copy
import re
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml
from pydantic import BaseModel, ValidationError

from recexplainer.config.presets import preset_text
from recexplainer.config.sections import RunConfig
from recexplainer.errors import ConfigError, UnknownNameError
from recexplainer.records.problems import describe

__all__ = ["load_config", "mended", "read_config", "read_yaml"]

_Model = TypeVar("_Model", bound=BaseModel)
_DATASET_OPTION = re.compile(r"dataset\.options\.\w+")


def load_config(
    path: Path | None = None,
    overrides: Sequence[str] = (),
    flags: Mapping[str, Any] | None = None,
    preset: str | None = None,
) -> RunConfig:
    """Return the configuration; what comes later wins: preset, file, flags, overrides.

    Args:
        path: a YAML file with sections of ``RunConfig``, or None for the defaults.
        overrides: ``section.key=value`` texts, values as YAML (``--set``).
        flags: dotted path to value, such as ``{"target.name": "sasrec"}``; None is not given.
        preset: the name of settings that we ship, such as ``paper``.

    Raises:
        ConfigError: lists everything that is wrong in all of them.
    """
    config, problems = read_config(path, overrides, flags, preset)
    if problems:
        raise ConfigError(problems)
    return config


def read_config(
    path: Path | Mapping[str, Any] | None = None,
    overrides: Sequence[str] = (),
    flags: Mapping[str, Any] | None = None,
    preset: str | None = None,
) -> tuple[RunConfig, list[str]]:
    """Return the configuration and all that is wrong with it, so that a caller can look further.

    What is wrong is left at its default. The arguments are those of ``load_config``; sections may
    also be given themselves, in place of the file that holds them.
    """
    problems: list[str] = []
    settings = {} if preset is None else _preset(preset, problems)
    given = read_yaml(path, problems) if isinstance(path, Path) else copy.deepcopy(path or {})
    _lay_over(settings, given)
    for dotted, value in (flags or {}).items():
        if value is not None:
            _place(settings, dotted, value, problems)
    for override in overrides:
        _override(settings, override, problems)
    _yielding(settings)
    try:
        return RunConfig.model_validate(settings), problems
    except ValidationError as error:
        problems.extend(describe(error, RunConfig))
        return mended(settings, error, RunConfig), problems


def mended(settings: Mapping[str, Any], error: ValidationError, model: type[_Model]) -> _Model:
    """Return ``settings`` as ``model``, without the values that ``error`` objects to."""
    kept = copy.deepcopy(dict(settings))
    for detail in error.errors(include_url=False):
        owner: dict[Any, Any] = kept
        wrong, here = None, cast("Any", kept)
        for part in detail["loc"]:  # some parts are branches of unions, which no file contains
            if isinstance(here, dict) and part in here:
                owner, wrong, here = here, part, here[part]
        owner.pop(wrong, None)
    try:
        return model.model_validate(kept)
    except ValidationError:  # what is left may still contradict itself
        return model()


_MEASURES = ("budget", "minutes", "steps")


class _OfPreset(float):
    """How long a preset trains, which gives way to another measure that a user asks for."""


def _yielding(settings: dict[str, Any]) -> None:
    """Take a preset's measure of training away where another one is given."""
    training = settings.get("training")
    if not isinstance(training, dict):
        return
    given = [name for name in _MEASURES if training.get(name) is not None]
    if all(isinstance(training[name], _OfPreset) for name in given):
        return
    for name in given:
        if isinstance(training[name], _OfPreset):
            del training[name]


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a key that is given twice is an error; PyYAML would take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in keys:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            keys.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path, problems: list[str]) -> dict[str, Any]:
    """Return the settings in ``path``, or nothing after adding to ``problems``."""
    try:
        with path.open(encoding="utf-8") as file:
            settings = yaml.load(file, _Loader)  # noqa: S506  # a SafeLoader
    except FileNotFoundError:
        problems.append(f"{path}: there is no such file; write one to edit with: recx init")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path}: cannot be read ({error})")
    except yaml.YAMLError as error:
        problems.append(_objection(path, error))
    else:
        if isinstance(settings, dict):
            return settings
        if settings is not None:
            problems.append(
                f"{path}: must hold sections such as 'target:', got {type(settings).__name__}"
            )
    return {}


def _preset(name: str, problems: list[str]) -> dict[str, Any]:
    """Return the settings of a preset, or nothing after adding to ``problems``."""
    try:
        settings: dict[str, Any] = yaml.safe_load(preset_text(name))
    except UnknownNameError as error:
        problems.append(f"--preset: {error}")
        return {}
    training = settings.get("training", {})
    for measure in _MEASURES:
        if measure in training:
            training[measure] = _OfPreset(training[measure])
    return settings


def _lay_over(settings: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Let ``given`` win over ``settings``, section by section; an empty section says nothing."""
    for key, value in given.items():
        if isinstance(settings.get(key), dict) and isinstance(value, dict):
            _lay_over(settings[key], value)
        elif not (isinstance(settings.get(key), dict) and value is None):
            settings[key] = value


def _override(settings: dict[str, Any], override: str, problems: list[str]) -> None:
    """Apply one ``section.key=value`` to ``settings``."""
    dotted, sign, text = override.partition("=")
    if not sign or not all(dotted.split(".")):
        problems.append(f"--set {override}: must look like section.key=value")
        return
    key = dotted.strip()
    try:
        value = yaml.load(text, _Loader)  # noqa: S506  # a SafeLoader
    except yaml.YAMLError as error:
        if text[:1] in {"[", "{", '"', "'"}:
            reason = getattr(error, "problem", None) or error
            problems.append(f"--set {override}: the value is not YAML ({reason})")
            return
        value = text
    _place(settings, key, text if _is_text(key, text, value) else value, problems)


def _is_text(key: str, text: str, value: object) -> bool:
    """Whether ``text`` stands for itself rather than for ``value``, what YAML reads in it.

    YAML reads nothing in signs such as ``|`` and ``#``. Options of a data set are mostly names,
    such as a column called ``no`` or ``2024``; those that are numbers are read by their own type.
    """
    if value is None or value == "":
        return text.strip() not in {"", "~", "null", "Null", "NULL", "''", '""'}
    return _DATASET_OPTION.fullmatch(key) is not None and not isinstance(value, str | list | dict)


def _place(settings: dict[str, Any], dotted: str, value: Any, problems: list[str]) -> None:
    """Set the value at ``dotted``, making the sections on the way."""
    *sections, key = dotted.split(".")
    here = settings
    for section in sections:
        if here.get(section) is None:
            here[section] = {}
        here = here[section]
        if not isinstance(here, dict):
            problems.append(f"{dotted}: {section!r} is a value, not a section with keys")
            return
    here[key] = value


def _objection(path: Path, error: yaml.YAMLError) -> str:
    """Return what YAML objects to in ``path``, with line and column."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return f"{path}: is not YAML ({error})"
    mark = error.problem_mark
    return f"{path}:{mark.line + 1}:{mark.column + 1}: is not YAML ({error.problem})"
