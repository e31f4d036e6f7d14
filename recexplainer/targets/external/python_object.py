"""The target ``python``: an object of the user's own, made by a function or class they name."""

from __future__ import annotations

import importlib
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import Field, field_validator

from recexplainer.errors import RecxError, UserError, nearest
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.interfaces import Options, Target, TargetKit
from recexplainer.plugins.registry import FAILURES, summarize

__all__ = ["PythonOptions", "build_python", "find", "python_capabilities", "python_objections"]

_VECTORS = ("user_vectors", "item_vectors")


class PythonOptions(Options):
    """Which object is explained, and how it is asked."""

    factory: str
    """``package.module:name`` of a function or class that returns an object with ``scores``. The
    folder that ``recx`` is started in can be imported from."""
    arguments: Mapping[str, Any] = Field(default_factory=dict)
    """What the factory is given by name, such as ``{weights: model.pt}``."""
    vectors: bool | None = None
    """Whether the object has ``user_vectors`` and ``item_vectors``. None looks at the class, or at
    the class that the function says it returns."""
    batch_size: int = Field(default=128, ge=1)
    """Histories that it is asked about at once."""

    @field_validator("factory")
    @classmethod
    def _is_named(cls, factory: str) -> str:
        named(factory)
        return factory


def python_objections(options: PythonOptions) -> Iterator[str]:
    """Yield why the object cannot be made, as far as can be told before it is; imports its module.

    A finished run outlives the module, so its options alone import nothing.
    """
    try:
        bind(find(options.factory), (), options.arguments)
    except ValueError as error:
        yield str(error)


def python_capabilities(options: PythonOptions) -> frozenset[Capability]:
    """Return ``vectors`` if the object has them, as far as can be told before it is made.

    Where there is no such object, which ``python_objections`` says, it may have had them.
    """
    has_vectors = options.vectors
    if has_vectors is None:
        try:
            kind = _returned(find(options.factory))
        except ValueError:
            return frozenset({Capability.VECTORS})
        has_vectors = kind is not None and all(hasattr(kind, name) for name in _VECTORS)
    return frozenset({Capability.VECTORS}) if has_vectors else frozenset()


def build_python(options: PythonOptions, kit: TargetKit) -> Target:
    """Call the factory, and return what it made as a target.

    What the factory draws at random comes from the run's seed: a network draws weights before its
    own are loaded, and that should change nothing for whoever draws next.

    Raises:
        UserError: the factory fails, or what it returns lacks a method or the order of its items.
    """
    from recexplainer.targets.external.external_target import LatentOutsideTarget, OutsideTarget
    from recexplainer.targets.recbole.epochs import seeded

    source = options.factory
    try:
        make, has_items = bind(find(source), kit.catalogue.ids, options.arguments)
    except ValueError as error:
        raise UserError(f"the recommender {source} cannot be asked: {error}") from error
    with seeded(kit.seed):
        model: Any = _made(make, source)
    latent = Capability.VECTORS in python_capabilities(options)
    for method in ("scores", *(_VECTORS if latent else ())):
        if not callable(getattr(model, method, None)):
            raise UserError(
                f"{source} returned {_described(model)}, which has no method {method!r}; see the "
                "how-to 'Bring your own model'."
            )
    kind = LatentOutsideTarget if latent else OutsideTarget
    item_ids = _item_ids(model, source, has_items=has_items)
    return kind(model, kit, source, item_ids=item_ids, batch_size=options.batch_size)


def named(factory: str) -> tuple[str, str]:
    """Return the module and the name of ``package.module:name``.

    Raises:
        ValueError: it is not written so.
    """
    module_name, colon, name = factory.partition(":")
    if module_name.endswith(".py") or "/" in module_name:
        stem = Path(module_name).stem
        raise ValueError(
            f"{module_name} is a file; name the module, as in {stem}:{name or 'factory'}"
        )
    if not (colon and name and all(part.isidentifier() for part in module_name.split("."))):
        raise ValueError(f"must look like package.module:factory, got {factory!r}")
    return module_name, name


def find(factory: str) -> Callable[..., Any]:
    """Return the object called ``package.module:name``; imports the module.

    Raises:
        ValueError: there is none, it cannot be called, or its module cannot be imported.
    """
    module_name, name = named(factory)
    found: Any = _imported(module_name)
    for part in name.split("."):
        if not hasattr(found, part):
            public = [known for known in vars(found) if not known.startswith("_")]
            close = nearest(part, public) or public[:5]
            where = getattr(found, "__file__", module_name)
            raise ValueError(f"{where} has no {part!r}; it has {', '.join(close) or 'nothing'}")
        found = getattr(found, part)
    if not callable(found):
        raise ValueError(  # noqa: TRY004  # pydantic turns ValueErrors into findings
            f"{factory} is {_described(found)}; name a function or class that returns the model"
        )
    callable_: Callable[..., Any] = found
    return callable_


def bind(
    factory: Callable[..., Any], item_ids: Sequence[str], arguments: Mapping[str, Any]
) -> tuple[Callable[[], Any], bool]:
    """Return a call of ``factory`` that is ready to be made, and whether it is given the items.

    It is if its first parameter that ``arguments`` leave over is required, or called ``item_ids``.

    Raises:
        ValueError: it cannot be called with ``arguments``, with or without the items.
    """
    try:
        signature = inspect.signature(factory)
    except (TypeError, ValueError):  # compiled, so it does not tell
        return partial(factory, item_ids, **arguments), True
    free = [value for name, value in signature.parameters.items() if name not in arguments]
    first = next((value for value in free if value.kind not in _COLLECTING), None)
    wanted = first is not None and (first.default is first.empty or first.name == "item_ids")
    positional: tuple[Sequence[str], ...] = ()
    named = dict(arguments)
    if first is not None and wanted and first.kind is first.POSITIONAL_ONLY:
        positional = (item_ids,)
    elif first is not None and wanted:
        named[first.name] = item_ids
    try:
        signature.bind(*positional, **named)
    except TypeError as error:
        raise ValueError(
            f"{factory.__name__}{signature} cannot be called with "
            f"{'the item ids and ' if wanted else ''}the arguments {sorted(arguments)}: {error}; "
            "set the option 'arguments'"
        ) from None
    return partial(factory, *positional, **named), wanted


_COLLECTING = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def _imported(module_name: str) -> Any:
    try:
        with _importable(Path.cwd()):
            return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise ValueError(_failed_import(module_name, error)) from error
        here = [path.stem for path in Path.cwd().iterdir() if path.suffix == ".py" or path.is_dir()]
        close = nearest(error.name, here, 1)
        guess = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(
            f"there is no module {error.name!r} in {Path.cwd()} or among the installed packages"
            f"{guess}"
        ) from None
    except FAILURES as error:
        raise ValueError(_failed_import(module_name, error)) from error


def _failed_import(module_name: str, error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"importing {module_name} failed: {error.msg} ({error.filename}:{error.lineno})"
    return f"importing {module_name} failed: {summarize(error)} ({_place(error)})"


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Let modules in ``folder`` be imported inside the block, before installed ones."""
    importlib.invalidate_caches()
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def _made(make: Callable[[], Any], source: str) -> Any:
    try:
        with _importable(Path.cwd()):
            return make()
    except RecxError:
        raise
    except FAILURES as error:
        raise UserError(f"{source} raised {summarize(error)} ({_place(error)}).") from error


def _item_ids(model: Any, source: str, *, has_items: bool) -> Sequence[str] | None:
    """Return the order of the model's columns; None if it is the catalogue's."""
    ids = getattr(model, "item_ids", None)
    if ids is None:
        if has_items:
            return None
        raise UserError(
            f"{source} was given no items, and what it returned does not say which it scores: let "
            "the factory take the item ids, or give the object an 'item_ids' in column order."
        )
    if callable(ids) or isinstance(ids, str):
        raise UserError(f"{source}: 'item_ids' must be a list of ids in column order.")
    return [str(item) for item in ids]


def _returned(factory: Callable[..., Any]) -> Any:
    """Return the class that ``factory`` is or says it returns, or None."""
    if inspect.isclass(factory):
        return factory
    try:
        return get_type_hints(factory).get("return")
    except FAILURES:  # annotations that cannot be evaluated tell nothing
        return None


def _described(value: object) -> str:
    return "None" if value is None else f"an object of type {type(value).__name__}"


def _place(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}"
