"""Our explainers keep the contract that plugin authors are held to."""

from __future__ import annotations

import pytest

from recexplainer.explanation.explainers import (
    occlusion,
    random_control,
    shortlist,
    surrogate,
)
from recexplainer.testing.contracts.explainers import ExplainerContract


class TestOcclusion(ExplainerContract):
    @pytest.fixture
    def make_explainer(self):
        return lambda kit: occlusion.build(occlusion.OcclusionOptions(), kit)


class TestRandom(ExplainerContract):
    @pytest.fixture
    def make_explainer(self):
        return lambda kit: random_control.build(random_control.RandomOptions(), kit)


class TestSurrogate(ExplainerContract):
    @pytest.fixture
    def make_explainer(self):
        return lambda kit: surrogate.build(surrogate.SurrogateOptions(), kit)


class TestShortlistOfTheSurrogate(ExplainerContract):
    @pytest.fixture
    def make_explainer(self):
        return lambda kit: shortlist.build_surrogate(shortlist.ShortlistOptions(), kit)


class TestShortlistOfTheSimilar(ExplainerContract):
    @pytest.fixture
    def make_explainer(self):
        return lambda kit: shortlist.build_similar(shortlist.ShortlistOptions(size=2), kit)


class TestShortlistDrawnAtRandom(ExplainerContract):
    @pytest.fixture
    def make_explainer(self):
        return lambda kit: shortlist.build_random(shortlist.ShortlistOptions(), kit)
