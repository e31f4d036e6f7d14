import subprocess
import sys

import pytest

from recexplainer.errors import UnknownNameError
from recexplainer.plugins.hookspecs import hookimpl
from recexplainer.plugins.interfaces import Options, Provider, Target
from recexplainer.plugins.manager import load_registry
from recexplainer.plugins.registry import PluginInfo, Registry

GOOD = """
    @hookimpl
    def recx_register_targets():
        return [Provider("good", lambda options, kit: None, "a target")]
"""


class Builtin:
    """Registers one target and one judge, as ``default_plugins`` does."""

    @hookimpl
    def recx_register_targets(self) -> list[Provider[Target]]:
        return [Provider("popularity", lambda options, kit: None, "counts")]

    @hookimpl
    def recx_register_judges(self) -> list[Provider[object]]:
        yield Provider("offline", lambda options, kit: None, "grades")


def registry(**environment: str) -> Registry:
    return load_registry([Builtin()], environment=environment)


def plugin(found: Registry, name: str) -> PluginInfo:
    (info,) = [info for info in found.plugins if info.name == name]
    return info


def test_builtins_and_installed_packages_come_through_the_same_door(install) -> None:
    install("recx-good", GOOD, release="2.1")
    found = registry()
    assert found.names("target") == ("popularity", "good")
    assert found.get("target", "good").summary == "a target"
    assert (found.owner("target", "good"), found.owner("judge", "offline")) == (
        "recx-good",
        "Builtin",
    )
    assert plugin(found, "recx-good") == PluginInfo(
        *("recx-good", "2.1", "recx-good (recx_good)", "ok", "", (("target", "good"),)),
        package="recx-good",
    )
    assert found.release("target", "good") == ("recx-good", "2.1")
    assert found.release("target", "popularity") is None
    assert plugin(found, "Builtin").source == "built-in"
    assert plugin(found, "Builtin").parts == (("target", "popularity"), ("judge", "offline"))


def test_installed_packages_can_be_left_out(install) -> None:
    install("recx-good", GOOD)
    assert load_registry([Builtin()], entry_points=False).names("target") == ("popularity",)


BROKEN = {
    "recx-import": ("import no_such_module_xyz", "ModuleNotFoundError: No module named"),
    "recx-exit": ("import sys; sys.exit(3)", "SystemExit: 3"),
    "recx-syntax": ("def (", "SyntaxError: invalid syntax"),
    "recx-raises": (
        "@hookimpl\ndef recx_register_targets(): raise ValueError('no licence')",
        "recx_register_targets: ValueError: no licence",
    ),
    "recx-exits": (
        "import sys\n@hookimpl\ndef recx_register_targets(): sys.exit('bye')",
        "recx_register_targets: SystemExit: bye",
    ),
    "recx-late": (
        (
            "@hookimpl\ndef recx_register_targets():\n"
            "    yield Provider('x', lambda o, k: None, '')\n    raise OSError('disk')"
        ),
        "recx_register_targets: OSError: disk",
    ),
    "recx-none": (
        "@hookimpl\ndef recx_register_targets(): pass",
        "recx_register_targets: TypeError: returned None instead of providers",
    ),
    "recx-text": (
        "@hookimpl\ndef recx_register_targets(): return 'sasrec'",
        "recx_register_targets: TypeError: returned str instead of providers",
    ),
    "recx-class": (
        "@hookimpl\ndef recx_register_targets(): return [Target]",
        "recx_register_targets: TypeError: returned ABCMeta among the providers",
    ),
    "recx-figures": (
        (
            "@hookimpl\ndef recx_register_targets():\n"
            "    return [Provider('x', lambda o, k: None, '', figures=('speed',))]"
        ),
        "recx_register_targets: TypeError: 'x' has figures that are no Figure",
    ),
    "recx-options": (
        (
            "@hookimpl\ndef recx_register_targets():\n"
            "    return [Provider('x', lambda o, k: None, '', options=dict)]"
        ),
        "recx_register_targets: TypeError: 'x' has options that are no subclass of Options",
    ),
    "recx-build": (
        "@hookimpl\ndef recx_register_targets(): return [Provider('x', None, '')]",
        "recx_register_targets: TypeError: 'x' has a build that cannot be called",
    ),
    "recx-name": (
        "@hookimpl\ndef recx_register_targets(): return [Provider(3, print, '')]",
        "recx_register_targets: TypeError: returned a provider whose name is 3",
    ),
    "recx-typo": (
        "@hookimpl\ndef recx_register_target(): return []",
        "there is no hook recx_register_target; did you mean recx_register_targets?",
    ),
    "recx-argument": (
        "@hookimpl\ndef recx_register_targets(config): return []",
        "PluginValidationError: Plugin 'recx-argument' for hook 'recx_register_targets'",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_is_listed_and_disturbs_nobody_who_does_not_ask_for_it(
    name: str, install
) -> None:
    code, error = BROKEN[name]
    install(name, code)
    install("recx-good", GOOD)
    found = registry()
    assert found.names("target") == ("popularity", "good")
    assert found.get("target", "popularity").name == "popularity"
    assert (plugin(found, name).status, plugin(found, name).parts) == ("broken", ())
    assert plugin(found, name).error.startswith(error)
    assert plugin(found, "recx-good").status == "ok"
    with pytest.raises(UnknownNameError) as caught:
        found.get("target", "populraity")
    assert str(caught.value).startswith(
        "unknown target 'populraity'. Did you mean 'popularity'? Available: popularity, good. "
        f"Plugin {name} could not be loaded: {error}"
    )


def test_a_plugin_that_fails_for_one_kind_is_not_suspected_for_another(install) -> None:
    install(
        "recx-half",
        """
        @hookimpl
        def recx_register_targets(): raise ValueError("no licence")
        @hookimpl
        def recx_register_judges(): return [Provider("strict", print, "grades")]
        """,
    )
    found = registry()
    assert found.names("judge") == ("offline", "strict")
    with pytest.raises(UnknownNameError) as caught:
        found.get("judge", "strickt")
    assert str(caught.value) == (
        "unknown judge 'strickt'. Did you mean 'strict'? Available: strict, offline. "
        "See: recx list judges"
    )
    assert plugin(found, "recx-half").status == "broken"
    assert plugin(found, "recx-half").parts == (("judge", "strict"),)


def test_a_blocked_plugin_is_not_even_imported(install) -> None:
    install("recx-good", GOOD)
    install("recx-other", GOOD.replace('"good"', '"other"'), entry="other-entry")
    found = registry(RECX_DISABLED_PLUGINS="RECX_Good, recx-other")
    assert found.names("target") == ("popularity",)
    assert plugin(found, "recx-good").status == "blocked"
    assert plugin(found, "other-entry").status == "blocked"
    assert not {"recx_good", "recx_other"} & set(sys.modules)
    with pytest.raises(UnknownNameError, match="Plugin recx-good is blocked by RECX_DISABLED_PLUG"):
        found.get("target", "good")
    assert registry(RECX_DISABLED_PLUGINS="Builtin").names("judge") == ()


def test_the_switches_are_read_from_the_process_by_default(install, monkeypatch) -> None:
    install("recx-good", GOOD)
    monkeypatch.setenv("RECX_DISABLED_PLUGINS", "recx-good")
    assert load_registry([Builtin()]).names("target") == ("popularity",)


def test_two_packages_may_not_call_their_plugin_the_same(install) -> None:
    install("recx-good", GOOD, entry="mine")
    install("recx-other", GOOD.replace('"good"', '"other"'), entry="mine")
    found = registry()
    assert found.names("target") == ("popularity", "good")
    first, second = [info for info in found.plugins if info.name == "mine"]
    assert (first.status, first.parts) == ("ok", (("target", "good"),))
    assert (second.status, second.parts) == ("broken", ())
    assert second.error == "another plugin is called mine already"


def test_a_trace_prints_who_was_asked_and_what_came_back(install, capsys) -> None:
    install("recx-good", GOOD)
    registry(RECX_TRACE_PLUGINS="1").names("target")
    printed = capsys.readouterr().err.splitlines()
    assert printed[0] == "[recx plugins] recx_register_targets() -> Builtin"
    assert printed[2] == "[recx plugins] recx_register_targets() -> recx-good"
    assert "Provider(name='good'" in printed[3]
    assert len(printed) == 4
    registry(RECX_TRACE_PLUGINS="0").names("target")
    assert capsys.readouterr().err == ""


def test_nothing_heavy_is_imported_by_the_manager() -> None:
    code = (
        "import sys, recexplainer.plugins.manager as m\n"
        "m.load_registry([], entry_points=False)\n"
        "heavy = {'torch', 'transformers', 'recbole', 'pandas', 'datasets', 'openai', 'peft'}\n"
        "ours = {'recexplainer.default_plugins', 'recexplainer.targets', 'recexplainer.judging'}\n"
        "print(sorted((heavy | ours) & set(sys.modules)))\n"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed.stdout == "[]\n"


def test_hooks_are_called_once_and_only_for_the_kind_that_is_asked_for() -> None:
    calls: list[str] = []

    class Counting:
        @hookimpl
        def recx_register_targets(self) -> list[Provider[Target]]:
            calls.append("targets")
            return [Provider("t", lambda options, kit: None, "", options=Options)]

        @hookimpl
        def recx_register_judges(self) -> list[Provider[object]]:
            calls.append("judges")
            return []

    found = load_registry([Counting()], entry_points=False)
    assert calls == []
    found.names("target")
    found.get("target", "t")
    assert calls == ["targets"]
