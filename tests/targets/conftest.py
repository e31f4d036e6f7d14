"""Named targets of RecBole, built as users name them and fitted on the toy world."""

from __future__ import annotations

import pytest

from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import SilentProgress
from recexplainer.targets.recbole.recbole_providers import recbole_providers
from recexplainer.testing import toy_log, toy_training

_PROVIDERS = {provider.name: provider for provider in recbole_providers()}


def build_named(name, kit, **options):
    """Return an untrained target, ``recbole:MODEL`` included."""
    head, _, model = name.partition(":")
    provider = _PROVIDERS[head]
    given = {**options, "model": model} if model else options
    return provider.build(provider.options(**given), kit)


@pytest.fixture(scope="session")
def toy():
    return toy_log()


@pytest.fixture(scope="session")
def build():
    return build_named


@pytest.fixture(scope="session")
def fit(toy):
    """Return a function from a name to a fitted target and RecBole's model inside it."""

    def fit_named(name, max_history=10, **options):
        from recexplainer.targets.recbole import recbole_target

        built = []
        build_model = recbole_target.build_model

        def watched(*given):
            built.append(build_model(*given))
            return built[-1]

        target = build_named(name, TargetKit(toy.catalogue, max_history, seed=7), **options)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(recbole_target, "build_model", watched)
            target.report = target.fit(toy_training(toy), SilentProgress())
        return target, built[0]

    return fit_named
