"""Scaffold of a working plugin from a template (``recx init --plugin``)."""

from __future__ import annotations

import importlib.util
import keyword
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from recexplainer.errors import UserError
from recexplainer.plugins.interfaces import Kind

__all__ = ["write_plugin"]

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_SUMMARIES: Mapping[Kind, str] = MappingProxyType(
    {
        "dataset": "interactions from a file of JSON lines",
        "target": "what usually follows what was chosen last",
        "task": "the item in a given place of the target's ranking",
        "explainer": "control: what the item and the history have in common",
        "judge": "right, supported and short",
    }
)
_USES: Mapping[Kind, str] = MappingProxyType(
    {
        "dataset": "recx run --dataset {part} --set dataset.options.path=interactions.jsonl",
        "target": "recx run --target {part} --align behavior",
        "task": "recx run --set alignment.weights.{part}=1",
        "explainer": "recx run --explainers surrogate,{part}",
        "judge": "recx run --set 'judging.judges=[offline, {part}]'",
    }
)


def write_plugin(folder: Path, kind: Kind, taken: Iterable[str] = ()) -> Path:
    """Write an installable package with one part and its tests, whole or not at all.

    Args:
        folder: where; its last part is the package's name, such as ``recx-next-up``.
        kind: what kind of part it brings.
        taken: names of parts of this kind that are registered already.

    Returns:
        The folder.

    Raises:
        UserError: the name cannot be used, or there is something at ``folder``.
    """
    words = _words(folder.name, kind)
    if words["part"] in set(taken):
        raise UserError(
            f"there is a {kind} called {words['part']!r} already; choose another name than "
            f"{folder.name!r}, or uninstall it"
        )
    if folder.exists():
        raise UserError(f"{folder} is there already; choose another name, or remove it")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".tmp-", dir=folder.parent))
    except (FileExistsError, NotADirectoryError):
        raise UserError(f"{folder.parent} is a file, or lies in one; give a folder") from None
    try:
        for path, text in _files(kind, words).items():
            file = unfinished / path
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        unfinished.chmod(0o755)  # temporary folders are for their owner alone
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def _words(name: str, kind: Kind) -> dict[str, str]:
    """Return what the templates are filled with. Raises UserError when ``name`` cannot be used."""
    module = name.replace("-", "_")
    part = module.removeprefix("recx_")
    if not _NAME.fullmatch(name) or not part.isidentifier() or keyword.iskeyword(part):
        raise UserError(
            f"{name!r} cannot be a plugin's name: use lower-case words joined by hyphens, the "
            "first beginning with a letter, such as recx-next-up"
        )
    if importlib.util.find_spec(module) is not None:
        raise UserError(
            f"there is a Python module {module!r} already; choose another name than {name!r}, "
            f"such as recx-{part.replace('_', '-')}-{kind}"
        )
    prefix = "".join(word.capitalize() for word in part.split("_"))
    return {
        "name": name,
        "module": module,
        "part": part,
        "prefix": prefix,
        "class_name": prefix + kind.capitalize(),
        "kind": kind,
        "article": "An" if kind == "explainer" else "A",
        "summary": _SUMMARIES[kind],
        "use": _USES[kind].format(part=part),
    }


def _files(kind: Kind, words: Mapping[str, str]) -> dict[str, str]:
    """Return path to text of every file of the package."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(
        loader=PackageLoader("recexplainer.plugins", "templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # what is written is Python and Markdown, not HTML
    )
    named = {
        "pyproject.toml": "pyproject.toml.jinja",
        "README.md": "README.md.jinja",
        f"{words['module']}.py": f"{kind}/module.py.jinja",
        f"tests/test_{words['part']}.py": f"{kind}/test.py.jinja",
    }
    return {path: templates.get_template(name).render(words) for path, name in named.items()}
