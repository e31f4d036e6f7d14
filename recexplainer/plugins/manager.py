"""Plugin manager: plugins handed in, and those that installed packages announce.

``RECX_DISABLED_PLUGINS`` (names, comma separated) keeps plugins from being loaded, and
``RECX_TRACE_PLUGINS=1`` prints every call of a hook to the error stream.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, PackageNotFoundError, version
from importlib.metadata import entry_points as installed_entry_points
from typing import Any, Literal

import pluggy

from recexplainer.errors import nearest
from recexplainer.plugins import hookspecs
from recexplainer.plugins.hookspecs import PROJECT
from recexplainer.plugins.registry import FAILURES, PluginInfo, Registry, summarize

__all__ = ["load_registry"]


def load_registry(
    builtins: Sequence[object] = (),
    *,
    entry_points: bool = True,
    environment: Mapping[str, str] | None = None,
) -> Registry:
    """Load all plugins and return the registry of their parts.

    Never raises for a plugin that is broken: that is listed in ``Registry.plugins`` and named when
    a part is asked for that it might have brought.

    Args:
        builtins: modules or objects with hook implementations; registered first, in this order.
        entry_points: whether to load what packages announce in the group ``recexplainer``.
        environment: where the two switches are read; the process' own by default.
    """
    switches = os.environ if environment is None else environment
    blocked = {_folded(name) for name in switches.get("RECX_DISABLED_PLUGINS", "").split(",")}
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    if switches.get("RECX_TRACE_PLUGINS", "") not in {"", "0"}:
        _trace(manager)
    found = [_add_builtin(manager, plugin, blocked) for plugin in builtins]
    if entry_points:
        announced = installed_entry_points(group=PROJECT)
        ordered = sorted(announced, key=lambda entry: (entry.name, entry.value))
        found.extend(_add_installed(manager, entry_point, blocked) for entry_point in ordered)
    return Registry(manager, found)


def _add_builtin(manager: pluggy.PluginManager, plugin: object, blocked: set[str]) -> PluginInfo:
    name = getattr(plugin, "__name__", type(plugin).__name__)
    try:
        own = version(PROJECT)
    except PackageNotFoundError:  # run from a checkout
        own = ""
    if _folded(name) in blocked:
        return PluginInfo(name, own, "built-in", "blocked")
    error = _register(manager, plugin, name)
    return PluginInfo(name, own, "built-in", "broken" if error else "ok", error)


def _add_installed(
    manager: pluggy.PluginManager, entry_point: EntryPoint, blocked: set[str]
) -> PluginInfo:
    name, package = entry_point.name, entry_point.dist
    release, brought = (package.version, package.name) if package else ("", "")
    source = f"{package.name} ({entry_point.value})" if package else entry_point.value
    if _folded(name) in blocked or (package and _folded(package.name) in blocked):
        return PluginInfo(name, release, source, "blocked")
    try:
        plugin = entry_point.load()
    except FAILURES as failure:
        return PluginInfo(name, release, source, "broken", summarize(failure))
    error = _register(manager, plugin, name)
    status: Literal["ok", "broken"] = "broken" if error else "ok"
    return PluginInfo(name, release, source, status, error, package=brought)


def _register(manager: pluggy.PluginManager, plugin: object, name: str) -> str:
    """Register ``plugin``; return what is wrong with it, and then leave it out."""
    if manager.has_plugin(name):
        return f"another plugin is called {name} already"
    try:
        manager.register(plugin, name)
        manager.check_pending()
    except pluggy.PluginValidationError as failure:
        if manager.has_plugin(name):
            manager.unregister(name=name)
        return _unknown_hook(plugin) or summarize(failure)
    except FAILURES as failure:
        return summarize(failure)
    return ""


def _unknown_hook(plugin: object) -> str:
    """Return which implementation of ``plugin`` is of no hook of ours, with the nearest name."""
    known = [name for name in vars(hookspecs) if name.startswith("recx_")]
    for name in dir(plugin):
        marked = hasattr(getattr(plugin, name, None), f"{PROJECT}_impl")
        if marked and name not in known:
            close = nearest(name, known, count=1)
            guess = f"; did you mean {close[0]}?" if close else f"; hooks: {', '.join(known)}"
            return f"there is no hook {name}{guess}"
    return ""


def _trace(manager: pluggy.PluginManager) -> None:
    """Print each call of a hook, whom it reaches and what came back."""

    def before(
        hook: str, implementations: Sequence[pluggy.HookImpl], given: Mapping[str, Any]
    ) -> None:
        arguments = ", ".join(f"{name}={value!r}" for name, value in given.items())
        reached = ", ".join(implementation.plugin_name for implementation in implementations)
        sys.stderr.write(f"[recx plugins] {hook}({arguments}) -> {reached}\n")

    def after(
        outcome: pluggy.Result[Any],
        hook: str,
        implementations: Sequence[pluggy.HookImpl],  # noqa: ARG001  # pluggy passes all four
        given: Mapping[str, Any],  # noqa: ARG001
    ) -> None:
        answer = outcome.exception if outcome.exception is not None else outcome.get_result()
        sys.stderr.write(f"[recx plugins] {hook} <- {answer!r}\n")

    manager.add_hookcall_monitoring(before, after)


def _folded(name: str) -> str:
    """Return ``name`` as package indexes compare names."""
    return name.strip().casefold().replace("_", "-")
