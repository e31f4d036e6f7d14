"""The published contract, on our own tasks."""

from __future__ import annotations

import json
from typing import ClassVar

import pytest

from recexplainer.alignment.task_providers import task_providers
from recexplainer.testing import AlignmentTaskContract

PROVIDERS = {provider.name: provider for provider in task_providers()}


class OfTask(AlignmentTaskContract):
    name: str
    options: ClassVar[dict[str, float]] = {}

    @pytest.fixture
    def make_task(self):
        provider = PROVIDERS[self.name]
        return lambda kit: provider.build(provider.options(**self.options), kit)


class TestNextItemRetrieval(OfTask):
    name = "next_item_retrieval"


class TestItemRanking(OfTask):
    name = "item_ranking"


class TestInterestClassification(OfTask):
    name = "interest_classification"


class TestSoftRetrieval(OfTask):
    name = "next_item_retrieval"
    options: ClassVar[dict[str, float]] = {"softness": 0.3}


class TestSoftInterest(OfTask):
    name = "interest_classification"
    options: ClassVar[dict[str, float]] = {"softness": 0.5}


class TestItemDiscrimination(OfTask):
    name = "item_discrimination"


class TestInstructionFollowing(OfTask):
    name = "instruction_following"


class TestInstructionFollowingFromAFile(AlignmentTaskContract):
    @pytest.fixture
    def make_task(self, tmp_path):
        path = tmp_path / "talk.jsonl"
        turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
        path.write_text(json.dumps({"messages": turns}) + "\n", encoding="utf-8")
        provider = PROVIDERS["instruction_following"]
        return lambda kit: provider.build(provider.options(path=path), kit)


class TestHistoryReconstruction(OfTask):
    name = "history_reconstruction"
    labels_from_target = False


class TestRationale(OfTask):
    name = "rationale"


# The bases are collected through their subclasses only.
del AlignmentTaskContract, OfTask


def test_all_tasks_of_the_paper_are_there_and_rationale():
    assert list(PROVIDERS) == [
        "next_item_retrieval",
        "item_ranking",
        "interest_classification",
        "item_discrimination",
        "instruction_following",
        "history_reconstruction",
        "rationale",
    ]
