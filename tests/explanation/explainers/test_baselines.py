"""Explainers without the target's decision: similarity, popularity, the raw backbone."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.errors import CapabilityError, UserError
from recexplainer.explanation.explainers import baselines, surrogate, unaligned
from recexplainer.plugins.interfaces import ExplainerKit
from recexplainer.testing.contracts.explainers import ExplainerContract
from recexplainer.testing.speaker import EchoSpeaker
from recexplainer.testing.toy import toy_cases, toy_log, toy_popularity, toy_target

OPTIONS = baselines.BaselineOptions(cited=2)


class TestSimilarity(ExplainerContract):
    @pytest.fixture
    def make_explainer(self):
        return lambda kit: baselines.build_similarity(OPTIONS, kit)


class TestPopularity(ExplainerContract):
    @pytest.fixture
    def make_explainer(self):
        return lambda kit: baselines.build_popularity(OPTIONS, kit)


class TestUnaligned(ExplainerContract):
    @pytest.fixture
    def make_explainer(self):
        return lambda kit: unaligned.build(surrogate.UncheckedOptions(), kit)


def test_the_nearest_by_the_targets_vectors_are_cited(told):
    log = toy_log()
    target = toy_target(log)
    kit = ExplainerKit(log.catalogue, target, toy_popularity(log))
    cases = toy_cases(log, target)
    vectors = target.item_vectors().astype(float)
    explainer = baselines.build_similarity(OPTIONS, kit)
    for case, explanation in zip(cases, told(explainer, cases, log.catalogue), strict=True):
        own = vectors[log.catalogue.row(case.item)]

        def cosine(item, own=own):
            other = vectors[log.catalogue.row(item)]
            return own @ other / (np.linalg.norm(own) * np.linalg.norm(other))

        nearest = sorted((cosine(item) for item in set(case.history)), reverse=True)
        assert [cosine(item) for item in explanation.cited] == pytest.approx(
            nearest[: len(explanation.cited)]
        )
        assert len(explanation.cited) == min(2, len(set(case.history)))


def test_without_vectors_what_occurs_together_is_near(linear, plain_catalogue, linear_cases, told):
    histories = {
        "a": ("i0", "i20"),
        "b": ("i0", "i20", "i1"),
        "c": ("i1", "i3"),
        "d": ("i2", "i30"),
    }
    kit = ExplainerKit(plain_catalogue, linear, np.zeros(40, dtype=np.int64), histories=histories)
    case = next(case for case in linear_cases if case.user == "u0" and case.item == "i20")
    (explanation,) = told(baselines.build_similarity(OPTIONS, kit), [case], plain_catalogue)
    # i0 is with i20 in 2 of 2 users of either: cosine 1; i1 in one: 1 / sqrt(2 * 2); others 0.
    assert explanation.cited == ("i0", "i1")
    assert explanation.decision == "Yes"


def test_with_neither_vectors_nor_histories_similarity_says_what_to_do(linear, plain_catalogue):
    kit = ExplainerKit(plain_catalogue, linear, np.zeros(40, dtype=np.int64))
    with pytest.raises(CapabilityError, match="choose another explainer: occlusion"):
        baselines.build_similarity(OPTIONS, kit)


def test_popularity_cites_the_same_items_whatever_is_asked(
    linear, plain_catalogue, linear_cases, told
):
    counts = np.arange(40, dtype=np.int64)
    kit = ExplainerKit(plain_catalogue, linear, counts)
    cases = [case for case in linear_cases if case.user == "u0"]  # history i0 to i7
    read = told(baselines.build_popularity(OPTIONS, kit), cases, plain_catalogue)
    assert {explanation.cited for explanation in read} == {("i7", "i6")}
    # Of 32 unseen items, i8 to i39, the 12 most popular are within 35 %: i28 to i39.
    said = {case.item: read[row].decision for row, case in enumerate(cases)}
    assert {item for item, decision in said.items() if decision == "Yes"} == {
        f"i{row}" for row in range(28, 40)
    }


@pytest.mark.parametrize("build", [baselines.build_similarity, baselines.build_popularity])
def test_baselines_refuse_instructions(build, linear, plain_catalogue, linear_cases):
    kit = ExplainerKit(plain_catalogue, linear, np.zeros(40, dtype=np.int64), histories={})
    with pytest.raises(UserError, match="cannot follow the instruction"):
        build(OPTIONS, kit).explain(linear_cases, "only genres")


def test_the_raw_backbone_signs_as_unaligned_and_is_asked_once(
    linear, plain_catalogue, linear_cases
):
    speaker = EchoSpeaker(plain_catalogue)
    kit = ExplainerKit(plain_catalogue, linear, np.zeros(40, dtype=np.int64), unaligned=speaker)
    told = list(unaligned.build(surrogate.UncheckedOptions(), kit).explain(linear_cases[:3]))
    assert {explanation.explainer for explanation in told} == {"unaligned"}
    assert not any(explanation.mended or explanation.left_out for explanation in told)
    for case, explanation in zip(linear_cases, told, strict=False):
        assert plain_catalogue.title(case.item) in explanation.text


def test_without_the_raw_backbone_unaligned_says_what_to_do(linear, plain_catalogue):
    kit = ExplainerKit(plain_catalogue, linear, np.zeros(40, dtype=np.int64))
    with pytest.raises(CapabilityError, match="run the surrogate stage first"):
        unaligned.build(surrogate.UncheckedOptions(), kit)
