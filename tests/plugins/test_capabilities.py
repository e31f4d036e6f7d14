"""A capability is one of a few: a wrong one is refused, and its name as text is as good."""

import pytest

from recexplainer.errors import UnknownNameError
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.hookspecs import hookimpl
from recexplainer.plugins.interfaces import NoOptions, Provider
from recexplainer.plugins.manager import load_registry
from recexplainer.testing.runner import check_part


def provider(capabilities):
    return Provider("mine", lambda options, kit: None, "", capabilities=capabilities)


@pytest.mark.parametrize("declared", [{"vectors"}, {Capability.VECTORS}])
@pytest.mark.parametrize("by_options", [False, True])
def test_names_and_members_are_the_same(declared, by_options):
    capabilities = frozenset(declared)
    part = provider((lambda _options: capabilities) if by_options else capabilities)
    assert part.can(Capability.VECTORS, NoOptions())
    assert not part.can(Capability.UNORDERED, NoOptions())


def test_a_wrong_one_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError) as refused:
        provider(frozenset({"vektors"}))
    line = str(refused.value)
    assert "unknown capability 'vektors'. Did you mean 'vectors'?" in line
    assert "'mine'" in line
    assert all(capability.value in line for capability in Capability)


def test_one_that_depends_on_options_is_refused_when_it_is_asked_for():
    part = provider(lambda _options: frozenset({"unorderd"}))
    with pytest.raises(UnknownNameError, match="Did you mean 'unordered'"):
        part.can(Capability.VECTORS, NoOptions())


def test_a_plugin_that_declares_a_wrong_one_is_broken_and_the_others_are_not():
    class Wrong:
        @hookimpl
        def recx_register_targets(self):
            return [provider(frozenset({"vektors"}))]

    class Right:
        @hookimpl
        def recx_register_targets(self):
            return [provider(frozenset({"vectors"}))]

    registry = load_registry([Wrong(), Right()], entry_points=False)
    assert registry.names("target") == ("mine",)
    assert "Did you mean 'vectors'" in registry.plugins[0].error


def test_a_part_that_is_not_registered_is_held_to_the_same():
    with pytest.raises(UnknownNameError, match="Did you mean 'samples'"):
        check_part("judge", lambda kit: None, capabilities={"sample"})
