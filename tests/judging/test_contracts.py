"""Our judge keeps the contract that plugin authors are held to."""

from __future__ import annotations

import pytest

from recexplainer.judging import offline
from recexplainer.testing.contracts.judges import JudgeContract


class TestOffline(JudgeContract):
    @pytest.fixture
    def make_judge(self):
        return lambda kit: offline.build(offline.OfflineOptions(), kit)
