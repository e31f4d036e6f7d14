"""Write docs/reference/config.md from the configuration itself.

    python tools/write_reference.py           # writes it
    python tools/write_reference.py --check   # says whether it is up to date

Every setting's default, range and meaning come from ``recexplainer.config``; options of parts come
from the classes that are registered.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from generated_page import one_line, write_or_check
from pydantic import BaseModel

from recexplainer import default_plugins
from recexplainer.config import RunConfig
from recexplainer.config.language_model import TinyBackboneConfig
from recexplainer.plugins.manager import load_registry
from recexplainer.plugins.providers import CodeKind
from recexplainer.records import PAPER_WEIGHTS
from recexplainer.surrogate.model.backbone_providers import tiny_recipe

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "config.md"

_HEAD = """\
<!-- Written by tools/write_reference.py; edit the docstrings in recexplainer/config instead. -->

# Configuration

A configuration is YAML with the sections below; `recx init` writes one with comments. Every setting
has a default, a section or setting that is left out keeps it, and any can be given on the command
line:

```
recx run study.yaml --set training.budget=2 --set 'explanations.explainers=[surrogate, occlusion]'
```

What comes later in this list wins: the defaults, the file, the flags (`--target`), `--set`. Unknown
keys are errors that name the nearest one. The resolved configuration is kept in the run folder as
`config.yaml`. What a changed setting makes a run do again is told in
[Resume a run, and trade time for fidelity](../how-to/resume-and-trade-time.md).
"""
_WEIGHTS = """
## Default weights

`alignment.weights` says how often each example of a task is seen per pass. What is not given keeps
the default of the backbone: see [Alignment tasks](../explanation/alignment-tasks.md). Those of
`tiny` are for MovieLens-100K. Where users have fewer or more interactions, they are changed so that
each task keeps its share of the questions; a weight that you give is taken as it is.

| task | `tiny` | other backbones |
|---|---|---|
"""
_OPTIONS = """
## Options of the built-in parts

`dataset.options` and `target.options` hold the options of the part that is named there;
`alignment.options`, `explanations.options` and `judging.options` hold those of several, by name.
Parts that are not listed take none.
"""
_DIRECTIVE = """
### {kind} `{name}`

::: {path}
    options:
      heading_level: 4
      show_bases: false
      show_root_heading: false
      show_root_toc_entry: false
      show_symbol_type_heading: false
      inherited_members: true
      members: {members}
"""


def page() -> str:
    """Return the whole page."""
    return _HEAD + "".join(_sections()) + "".join(_weights()) + "".join(_options())


def _sections() -> Iterator[str]:
    defaults, schema = RunConfig(), RunConfig.model_json_schema()
    own = {name: field for name, field in schema["properties"].items() if "$ref" not in field}
    yield "\n## Top level\n" + "".join(_table(defaults, own, schema["$defs"], prefix=""))
    for name in type(defaults).model_fields:
        if name not in own:
            yield from _section(name, getattr(defaults, name), schema["$defs"])


def _section(path: str, section: BaseModel, definitions: Mapping[str, Any]) -> Iterator[str]:
    """Yield heading, purpose and settings of a section, then those of the sections in it."""
    properties = definitions[type(section).__name__]["properties"]
    nested = {name for name in properties if isinstance(getattr(section, name, None), BaseModel)}
    plain = {name: field for name, field in properties.items() if name not in nested}
    yield f"\n## `{path}`\n\n{one_line(type(section).__doc__ or '')}\n"
    yield from _table(section, plain, definitions, prefix=f"{path}.")
    for name in properties:
        if name in nested:
            yield from _section(f"{path}.{name}", getattr(section, name), definitions)
        entry = _entry(type(section).model_fields[name].annotation)
        if entry is not None:
            yield from _section(f"{path}.{name}[]", entry.model_construct(), definitions)


def _entry(annotation: Any) -> type[BaseModel] | None:
    """Return the class of a list's entries, where these have settings of their own."""
    entries = get_args(annotation)[:1] if get_origin(annotation) is tuple else ()
    found = [one for one in entries if isinstance(one, type) and issubclass(one, BaseModel)]
    return found[0] if found else None


def _table(
    section: BaseModel, properties: Mapping[str, Any], definitions: Mapping[str, Any], prefix: str
) -> Iterator[str]:
    yield "\n| setting | default | accepts | meaning |\n|---|---|---|---|\n"
    defaults = section.model_dump(mode="json")
    for name, field in properties.items():
        given = name in defaults
        default = f"`{json.dumps(defaults[name], ensure_ascii=False)}`" if given else "required"
        meaning = one_line(field.get("description", ""))
        accepts = _accepts(field, definitions)
        yield f"| `{prefix}{name}` | {default} | {accepts} | {meaning} |\n"


def _accepts(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """Return in words what JSON schema says of a value."""
    if "$ref" in field:
        return _accepts(definitions[field["$ref"].rsplit("/", 1)[1]], definitions)
    if "anyOf" in field:
        return ", or ".join(_accepts(choice, definitions) for choice in field["anyOf"])
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if field["type"] == "array":
        return "a list of mappings" if "$ref" in field["items"] else "a list of names"
    names = {
        "integer": "whole number",
        "number": "number",
        "string": "text",
        "object": "a mapping",
        "null": "`null`",
        "boolean": "`true`, `false`",
    }
    return names[field["type"]] + _bounds(field)


def _bounds(field: Mapping[str, Any]) -> str:
    words = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "exclusiveMaximum": "below",
    }
    found = [f"{word} {field[key]:g}" for key, word in words.items() if key in field]
    return "".join(f", {bound}" for bound in found)


def _weights() -> Iterator[str]:
    yield _WEIGHTS
    tiny = tiny_recipe(TinyBackboneConfig()).weights
    for task, weight in PAPER_WEIGHTS.items():
        yield f"| `{task}` | {tiny[task]:g} | {weight:g} |\n"


def _options() -> Iterator[str]:
    yield _OPTIONS
    registry = load_registry([default_plugins], entry_points=False)
    for kind in get_args(CodeKind):
        sharing: dict[type[BaseModel], list[str]] = {}
        for provider in registry.providers(kind):
            if provider.options.model_fields:
                sharing.setdefault(_written(provider.options), []).append(provider.name)
        for options, names in sharing.items():
            yield _DIRECTIVE.format(
                kind={"dataset": "Data set"}.get(kind, kind.capitalize()),
                name="`, `".join(names),
                path=f"{options.__module__}.{options.__qualname__}",
                members=json.dumps(list(options.model_fields)),
            )


def _written(options: type[BaseModel]) -> type[BaseModel]:
    """Return the class itself, or the one that it was made from when the program ran."""
    bases = (base for base in options.__mro__ if issubclass(base, BaseModel))
    return next(base for base in bases if hasattr(sys.modules[base.__module__], base.__name__))


def main() -> None:
    """Write the page, or check it."""
    write_or_check(PAGE, page, __doc__)


if __name__ == "__main__":
    main()
