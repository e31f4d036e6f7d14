"""Registry of parts by kind and name, with the plugin of each and the broken ones."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args, overload

import pluggy
from pydantic import ValidationError

from recexplainer.errors import PluginError, UnknownNameError
from recexplainer.plugins.interfaces import (
    AlignmentTask,
    Dataset,
    Explainer,
    Judge,
    Kind,
    Options,
    Provider,
    Recipe,
    Target,
)
from recexplainer.records import Figure, StageRecord
from recexplainer.records.problems import describe

__all__ = ["FAILURES", "PluginInfo", "Registry", "summarize"]

KINDS: tuple[Kind, ...] = get_args(Kind)
HOOKS: Mapping[Kind, str] = {
    "dataset": "recx_register_datasets",
    "target": "recx_register_targets",
    "task": "recx_register_alignment_tasks",
    "explainer": "recx_register_explainers",
    "judge": "recx_register_judges",
    "backbone": "recx_register_backbones",
}
PYTHON = "python"
"""The part that a name with a colon means when no other claims it: ``package.module:object``."""
PRETRAINED = "pretrained"
"""The backbone that a name means which nobody registered: a folder, file or hub id."""
FAILURES = (Exception, SystemExit)
"""What a plugin may raise without ending the run: also ``sys.exit``, but not an interrupt."""


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """One plugin that was found.

    Attributes:
        name: what it is called, as in ``RECX_DISABLED_PLUGINS``.
        version: of the package that brings it; empty when it is not installed.
        source: ``built-in``, or the package and the object that its entry point names.
        status: ``blocked`` by the user, ``broken`` in whole or in part, or ``ok``.
        error: what is wrong with it; empty unless it is broken.
        parts: kind and name of what it registered.
    """

    name: str
    version: str
    source: str
    status: Literal["ok", "blocked", "broken"]
    error: str = ""
    parts: tuple[tuple[Kind, str], ...] = ()
    package: str = ""


@dataclass(frozen=True, slots=True)
class _Shelf:
    """All of one kind: owner and provider in the order of registration, and who failed to tell."""

    parts: tuple[tuple[str, Provider[Any]], ...]
    failed: Mapping[str, str]


class Registry:
    """What all plugins registered. Hooks are called when a kind is first asked for, once.

    A plugin that is broken stays out of the way, unless a name is asked for that it might have
    brought. ``load_registry`` makes registries.

    Args:
        manager: holds the plugins that could be loaded.
        found: every plugin, also blocked and broken ones, in the order of registration.
    """

    def __init__(self, manager: pluggy.PluginManager, found: Sequence[PluginInfo]) -> None:
        self._manager, self._found = manager, tuple(found)
        self._shelves: dict[Kind, _Shelf] = {}

    @property
    def plugins(self) -> tuple[PluginInfo, ...]:
        """Every plugin with its parts and, where it has one, its error."""
        shelves = {kind: self._shelf(kind) for kind in KINDS}
        return tuple(_complete(info, shelves) for info in self._found)

    def names(self, kind: Kind) -> tuple[str, ...]:
        """Return the names of ``kind``. Raises PluginError when two plugins claim one name."""
        return tuple(self._unique(kind))

    def providers(self, kind: Kind) -> tuple[Provider[Any], ...]:
        """Return all of ``kind``. Raises PluginError when two plugins claim one name."""
        return tuple(provider for _, provider in self._unique(kind).values())

    @overload
    def get(self, kind: Literal["dataset"], name: str) -> Provider[Dataset]: ...
    @overload
    def get(self, kind: Literal["target"], name: str) -> Provider[Target]: ...
    @overload
    def get(self, kind: Literal["task"], name: str) -> Provider[AlignmentTask]: ...
    @overload
    def get(self, kind: Literal["explainer"], name: str) -> Provider[Explainer]: ...
    @overload
    def get(self, kind: Literal["judge"], name: str) -> Provider[Judge]: ...
    @overload
    def get(self, kind: Literal["backbone"], name: str) -> Provider[Recipe]: ...
    @overload
    def get(self, kind: Kind, name: str) -> Provider[Any]: ...

    def get(self, kind: Kind, name: str) -> Provider[Any]:
        """Return the provider of ``kind`` called ``name``, also as ``name:argument``.

        Raises:
            UnknownNameError: nobody registered it; names the plugins that might have.
            PluginError: two plugins claim one name of this kind.
        """
        return self._entry(kind, name)[1]

    def owner(self, kind: Kind, name: str) -> str:
        """Return the name of the plugin that registered ``name``. Raises as ``get`` does."""
        return self._entry(kind, name)[0]

    def release(self, kind: Kind, name: str) -> tuple[str, str] | None:
        """Return the package that brings ``name`` and its version; None for what is built in.

        Raises as ``get`` does.
        """
        owner = self.owner(kind, name)
        info = next(info for info in self._found if info.name == owner and info.status == "ok")
        return (info.package, info.version) if info.package else None

    def options(
        self, kind: Kind, name: str, given: Mapping[str, Any], path: str
    ) -> Options | list[str]:
        """Validate the options of a part.

        Args:
            kind: the kind of the part.
            name: its name.
            given: the options as the configuration holds them.
            path: where it holds them, such as ``target.options``.

        Returns:
            The options, or what is wrong with them: one line each, with its dotted path.

        Raises:
            UnknownNameError: as ``get`` does.
            PluginError: as ``get`` does.
        """
        provider = self.get(kind, name)
        model = provider.options
        if name != provider.name:
            given = {**given, provider.argument: _argument(provider, name)}
        try:
            return model.model_validate(dict(given))
        except ValidationError as error:
            return describe(error, model, path)

    def stage_finished(self, record: StageRecord) -> None:
        """Tell every plugin that a stage has finished; an observer that fails only warns."""
        for name in self._implementers("recx_stage_finished"):
            try:
                self._alone(name, "recx_stage_finished")(record=record)
            except FAILURES as error:
                warnings.warn(
                    f"plugin {name} failed while it observed the {record.name} stage "
                    f"({summarize(error)}); the run goes on",
                    RuntimeWarning,
                    stacklevel=2,
                )

    def _entry(self, kind: Kind, name: str) -> tuple[str, Provider[Any]]:
        entries = self._unique(kind)
        if name in entries:
            return entries[name]
        head, colon, _ = name.partition(":")
        meant = [head, PYTHON] if colon else []
        for key in [*meant, PRETRAINED] if kind == "backbone" else meant:
            if key in entries and entries[key][1].argument:
                return entries[key]
        raise UnknownNameError(kind, name, entries, hint=self._hint(kind))

    def _hint(self, kind: Kind) -> str:
        """Return which plugins might have brought a missing name of ``kind``, or where to look."""
        failed = self._shelf(kind).failed
        lines = []
        for info in self._found:
            error = info.error if info.status != "ok" else failed.get(info.name)
            if info.status == "blocked":
                lines.append(f"Plugin {info.name} is blocked by RECX_DISABLED_PLUGINS.")
            elif error:
                lines.append(f"Plugin {info.name} could not be loaded: {error}.")
        return " ".join([*lines, f"See: recx list {kind}s"])

    def _unique(self, kind: Kind) -> dict[str, tuple[str, Provider[Any]]]:
        """Return name to owner and provider."""
        entries: dict[str, tuple[str, Provider[Any]]] = {}
        for owner, provider in self._shelf(kind).parts:
            if provider.name in entries:
                raise _clash(kind, provider.name, entries[provider.name][0], owner)
            entries[provider.name] = (owner, provider)
        return entries

    def _shelf(self, kind: Kind) -> _Shelf:
        """Return all of ``kind``, asking the plugins the first time."""
        if kind not in self._shelves:
            parts: list[tuple[str, Provider[Any]]] = []
            failed: dict[str, str] = {}
            for name in self._implementers(HOOKS[kind]):
                try:
                    parts.extend((name, part) for part in self._ask(name, HOOKS[kind]))
                except FAILURES as error:
                    failed[name] = f"{HOOKS[kind]}: {summarize(error)}"
            self._shelves[kind] = _Shelf(tuple(parts), failed)
        return self._shelves[kind]

    def _ask(self, name: str, hook: str) -> list[Provider[Any]]:
        """Return what one plugin registers by ``hook``; all of it or, when it is wrong, nothing."""
        answers = self._alone(name, hook)()
        if not answers:
            raise TypeError("returned None instead of providers")
        return [provider for answer in answers for provider in _checked(answer)]

    def _implementers(self, hook: str) -> list[str]:
        """Return the names of the plugins that implement ``hook``."""
        found = getattr(self._manager.hook, hook).get_hookimpls()
        names = {implementation.plugin_name for implementation in found}
        return [info.name for info in self._found if info.status == "ok" and info.name in names]

    def _alone(self, name: str, hook: str) -> Callable[..., list[Any]]:
        """Return a caller of ``hook`` that reaches one plugin, so that each fails for itself."""
        plugins = self._manager.list_name_plugin()
        others = [plugin for other, plugin in plugins if other != name and plugin is not None]
        return self._manager.subset_hook_caller(hook, remove_plugins=others)


def summarize(error: BaseException) -> str:
    """Return the type and the first line of ``error``."""
    text = str(error).strip().split("\n", 1)[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _argument(provider: Provider[Any], name: str) -> str:
    """Return what ``name`` says beyond the provider's own name."""
    return name.removeprefix(f"{provider.name}:")


def _checked(answer: object) -> Iterable[Provider[Any]]:
    """Yield the providers in ``answer``. Raises TypeError when something else is in it."""
    if not isinstance(answer, Iterable) or isinstance(answer, str | bytes | Mapping):
        raise TypeError(f"returned {type(answer).__name__} instead of providers")
    for part in answer:
        if not isinstance(part, Provider):
            raise TypeError(f"returned {type(part).__name__} among the providers")
        provider: Any = part  # its annotations promise nothing about what a plugin put in it
        if not isinstance(provider.name, str) or not provider.name:
            raise TypeError(f"returned a provider whose name is {provider.name!r}")
        if not callable(provider.build):
            raise TypeError(f"{provider.name!r} has a build that cannot be called")
        if not (isinstance(provider.options, type) and issubclass(provider.options, Options)):
            raise TypeError(f"{provider.name!r} has options that are no subclass of Options")
        if not all(isinstance(figure, Figure) for figure in provider.figures):
            raise TypeError(f"{provider.name!r} has figures that are no Figure")
        yield part


def _clash(kind: Kind, name: str, first: str, second: str) -> PluginError:
    if first == second:
        return PluginError(f"plugin {first} registers the {kind} {name!r} twice; report it there.")
    return PluginError(
        f"{kind} {name!r} is registered by plugin {first} and by plugin {second}. Uninstall one of "
        f"them, or block it with: RECX_DISABLED_PLUGINS={second}"
    )


def _complete(info: PluginInfo, shelves: Mapping[Kind, _Shelf]) -> PluginInfo:
    """Return ``info`` with its parts, and with what went wrong when it was asked for them."""
    if info.status != "ok":
        return info
    parts = tuple(
        (kind, provider.name)
        for kind, shelf in shelves.items()
        for owner, provider in shelf.parts
        if owner == info.name
    )
    errors = [shelf.failed[info.name] for shelf in shelves.values() if info.name in shelf.failed]
    if not errors:
        return replace(info, parts=parts)
    return replace(info, parts=parts, status="broken", error="; ".join(errors))
