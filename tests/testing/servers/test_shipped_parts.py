"""Every registered part that can be built from defaults keeps its contract, as registered."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from recexplainer import default_plugins
from recexplainer.pipeline.after.contract_check import Ground, check_registered
from recexplainer.plugins.manager import load_registry
from recexplainer.testing.servers.chat_service import chat_service

REGISTRY = load_registry([default_plugins], entry_points=False)


def _names(kind):
    """Return the names of ``kind`` that need no options; the others have tests of their own."""
    return [provider.name for provider in REGISTRY.providers(kind) if _has_defaults(provider)]


def _has_defaults(provider):
    try:
        provider.options()
    except ValidationError:
        return False
    return True


PARTS = [
    (kind, name) for kind in ("dataset", "task", "explainer", "judge") for name in _names(kind)
]


@pytest.fixture(autouse=True)
def service(monkeypatch):
    """What parts that ask a chat model ask here; no network is used."""
    with chat_service(lambda _: "Yes. That is all I know.") as stand_in:
        monkeypatch.setenv("OPENAI_BASE_URL", stand_in.address)
        yield stand_in


@pytest.mark.parametrize(("kind", "name"), PARTS)
def test_a_shipped_part_keeps_its_contract(kind, name):
    report = check_registered(REGISTRY, kind, name, {})
    assert report.broken == ()
    assert report.passed


def test_each_kind_has_such_parts():
    assert {kind for kind, _ in PARTS} == {"dataset", "task", "explainer", "judge"}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", _names("target"))
def test_a_shipped_target_keeps_its_contract_on_movielens(name):
    report = check_registered(REGISTRY, "target", name, {}, ground=Ground("ml-100k"))
    assert report.broken == ()
    assert report.passed
