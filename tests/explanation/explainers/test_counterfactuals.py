"""Decisions without cited items, against brute force on a target of known contributions."""

from __future__ import annotations

from itertools import combinations
from math import log2

import numpy as np
import pytest
from scipy.stats import spearmanr

from recexplainer.explanation.checks.checker import check_explanations
from recexplainer.explanation.claims.reader import read_claims
from recexplainer.explanation.explainers import minimal_edits, occlusion
from recexplainer.explanation.explainers.minimal_edits import (
    MinimalEdit,
    counterfactual_sentence,
    find_edit,
)
from recexplainer.oracle import Oracle, Standing
from recexplainer.plugins.interfaces import ExplainerKit
from recexplainer.records import Explanation


def _left(linear, catalogue, case, kept):
    """Return score and rank after ``kept``, summed by hand."""
    scores = linear.weights[catalogue.rows(kept)].sum(axis=0)
    row = catalogue.row(case.item)
    unseen = [other for other in catalogue.ids if other not in case.history]
    ahead = sum(scores[catalogue.row(other)] > scores[row] for other in unseen)
    return float(scores[row]), 1 + int(ahead)


def _without(case, removed):
    return [item for item in case.history if item not in removed]


def _explained(case, cited, text="", claims=()):
    return Explanation(case=case.id, explainer="e", text=text, cited=cited, claims=claims)


@pytest.mark.parametrize("exact_up_to", [1, 2, 3])
def test_no_smaller_removal_changes_the_decision(
    linear, plain_catalogue, linear_cases, exact_up_to
) -> None:
    sizes = set()
    for case in (case for case in linear_cases[:24] if case.decision):
        edit = find_edit(Oracle(linear, plain_catalogue), case, exact_up_to=exact_up_to)
        flips = [
            size
            for size in range(1, len(case.history))
            if any(
                Standing(
                    _left(linear, plain_catalogue, case, _without(case, removed))[1] - 1, 0, 32
                ).decision
                != case.decision
                for removed in combinations(case.history, size)
            )
        ]
        if edit is None:
            assert not flips or flips[0] > exact_up_to + 1
            continue
        sizes.add(len(edit.removed))
        score, rank = _left(linear, plain_catalogue, case, _without(case, edit.removed))
        assert edit.score == pytest.approx(score, abs=1e-4)
        assert edit.rank == rank
        assert Standing(rank - 1, 0, 32).decision != case.decision
        assert not edit.exact or len(edit.removed) == flips[0]
    assert len(sizes) > 1


@pytest.mark.parametrize("at_once", [1, 7, 512])
def test_the_fewest_are_found_however_many_are_asked_at_once(
    linear, plain_catalogue, linear_cases, monkeypatch, at_once
) -> None:
    decided = [case for case in linear_cases if case.decision]
    whole = [find_edit(Oracle(linear, plain_catalogue), case) for case in decided]
    monkeypatch.setattr(minimal_edits, "_MOST_AT_ONCE", at_once)
    for case, before in zip(decided, whole, strict=True):
        asked = len(linear.asked)
        after = find_edit(Oracle(linear, plain_catalogue), case)
        assert len(linear.asked) - asked <= 8 + 28 + 56 + 5 + 4
        assert (after is None) == (before is None)
        if before is not None and after is not None:
            assert len(after.removed) == len(before.removed)
            assert after.exact == before.exact
    assert {len(edit.removed) for edit in whole if edit} >= {1, 2}


def test_a_what_if_says_whether_it_is_surely_the_shortest(plain_catalogue, linear_cases) -> None:
    case = linear_cases[0]

    def sentence(removed, *, exact=True):
        edit = MinimalEdit(removed, score=0.5, rank=20, exact=exact)
        return counterfactual_sentence(case, edit, plain_catalogue)

    assert sentence(case.history[:1]).endswith("to 0.5).")
    assert sentence(case.history[:2]).endswith("to 0.5; no fewer titles do).")
    assert sentence(case.history[:5], exact=False).endswith("so fewer may do).")
    assert f"(rank {case.rank} to 20, score {case.score:.4g} to 0.5" in sentence(("i0",))


def test_every_counterfactual_that_occlusion_states_holds(
    linear, plain_catalogue, linear_cases, told
):
    kit = ExplainerKit(plain_catalogue, linear, np.zeros(40, dtype=np.int64))
    explainer = occlusion.build(occlusion.OcclusionOptions(), kit)
    checked = check_explanations(
        told(explainer, linear_cases, plain_catalogue),
        linear_cases,
        Oracle(linear, plain_catalogue),
        seed=0,
    )
    validity = [explanation.check("counterfactual_validity") for explanation in checked]
    stated = [value for value in validity if value is not None]
    assert stated == [1.0] * len(stated)
    decided = sum(case.decision is not None for case in linear_cases)
    assert len(stated) > decided / 2


def test_a_false_counterfactual_is_found_out(linear, plain_catalogue, linear_cases) -> None:
    case = next(case for case in linear_cases if case.decision == "Yes" and case.rank == 1)
    weights = {
        item: linear.weights[plain_catalogue.row(item), plain_catalogue.row(case.item)]
        for item in case.history
    }
    idle = min(case.history, key=lambda item: weights[item])
    text = f"Without “{plain_catalogue.title(idle)}” it would not be recommended."
    reading = read_claims(text, case, plain_catalogue)
    (checked,) = check_explanations(
        [_explained(case, reading.cited, text, reading.claims)],
        [case],
        Oracle(linear, plain_catalogue),
        seed=0,
    )
    assert checked.check("counterfactual_validity") == 0.0
    assert [claim.real for claim in checked.claims if claim.kind == "counterfactual"] == [False]


@pytest.mark.parametrize("k", [1, 3])
def test_masking_metrics_are_those_of_the_definitions(
    linear, plain_catalogue, linear_cases, k
) -> None:
    for case in (case for case in linear_cases if case.decision == "Yes"):
        cited = case.history[2:5]
        (checked,) = check_explanations(
            [_explained(case, cited)], [case], Oracle(linear, plain_catalogue), seed=0
        )
        spread = np.std(linear.scores([case.history])[0].astype(float))
        whole, _ = _left(linear, plain_catalogue, case, case.history)
        score, rank = _left(linear, plain_catalogue, case, _without(case, cited[:k]))
        only, _ = _left(linear, plain_catalogue, case, cited[:k])
        assert checked.check(f"pos@{k}") == float(rank <= 32 // 5)
        assert checked.check(f"cndcg@{k}") == pytest.approx(1 / log2(1 + rank))
        assert checked.check(f"del@{k}") == pytest.approx((score - whole) / spread, abs=1e-4)
        assert checked.check(f"ins@{k}") == pytest.approx((only - whole) / spread, abs=1e-4)
        if k == len(cited):
            assert checked.check("comprehensiveness") == pytest.approx(-checked.check("del@3"))
            assert checked.check("sufficiency") == pytest.approx(-checked.check("ins@3"))


def test_fewer_cited_than_masked_is_not_scored(linear, plain_catalogue, linear_cases) -> None:
    case = next(case for case in linear_cases if case.decision == "Yes")
    (checked,) = check_explanations(
        [_explained(case, case.history[:2])], [case], Oracle(linear, plain_catalogue), seed=0
    )
    assert checked.check("del@1") is not None
    assert checked.check("del@3") is None


def test_occlusion_ranks_the_history_as_the_truth_does_and_chance_does_not(
    linear, plain_catalogue, linear_cases
) -> None:
    kit = ExplainerKit(plain_catalogue, linear, np.zeros(40, dtype=np.int64))
    explainer = occlusion.build(occlusion.OcclusionOptions(), kit)
    rng = np.random.default_rng(0)
    found, chance = [], []
    for case in linear_cases:
        drops = explainer.contributions(case)
        rows = plain_catalogue.rows(case.history)
        truth = linear.weights[rows, plain_catalogue.row(case.item)]
        found.append(spearmanr(truth, [drops[item] for item in case.history]).statistic)
        chance.append(spearmanr(truth, rng.random(len(rows))).statistic)
    assert np.mean(found) >= 0.99
    error = np.std(chance, ddof=1) / np.sqrt(len(chance))
    assert abs(np.mean(chance)) < 1.96 * error
