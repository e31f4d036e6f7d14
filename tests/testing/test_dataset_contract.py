"""The data set contract, used as a plugin author would; see ``mutants`` for what it catches."""

from __future__ import annotations

import pytest
from mutants.datasets import Toy

from recexplainer.testing import DatasetContract


class TestToyDataset(DatasetContract):
    @pytest.fixture
    def make_dataset(self):
        return Toy
