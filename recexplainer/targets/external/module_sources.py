"""Source files of a user's own module, with the modules beside it that it is made of."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from recexplainer.targets.external.python_object import PythonOptions, find

__all__ = ["python_sources"]


def python_sources(options: PythonOptions) -> Iterator[Path]:
    """Yield the files that an object comes from: its module's, its own imports, named arguments.

    Imported modules count that lie in the same folder or package: others are installed.
    """
    yield from (Path(value) for value in options.arguments.values() if _is_path(value))
    try:
        find(options.factory)
    except ValueError:  # which is said elsewhere
        return
    name = options.factory.partition(":")[0]
    folder = _folder(sys.modules[name])
    if folder is not None:
        yield from sorted(_files(name, folder, set()))


def _files(name: str, folder: Path, seen: set[str]) -> Iterator[Path]:
    """Yield the file of a module and of those below ``folder`` that its names come from."""
    seen.add(name)
    module = sys.modules[name]
    yield Path(str(module.__file__))
    for value in tuple(vars(module).values()):
        origin = value.__name__ if isinstance(value, ModuleType) else _origin(value)
        if origin in seen or origin not in sys.modules:
            continue
        if folder in Path(getattr(sys.modules[origin], "__file__", None) or "/").parents:
            yield from _files(origin, folder, seen)


def _origin(value: Any) -> str:
    module = getattr(value, "__module__", "")
    return module if isinstance(module, str) else ""


def _folder(module: ModuleType) -> Path | None:
    """Return the folder of the user's own code: that of the package, or of the module alone."""
    top = sys.modules[module.__name__.partition(".")[0]]
    file = getattr(top, "__file__", None) or getattr(module, "__file__", None)
    return None if file is None else Path(file).parent


def _is_path(value: object) -> bool:
    """Whether ``value`` names a file, or a folder other than one in which the run itself lies."""
    if not isinstance(value, str | Path):
        return False
    path, here = Path(value).expanduser(), Path.cwd()
    return path.is_file() or (path.is_dir() and path.resolve() not in {here, *here.parents})
