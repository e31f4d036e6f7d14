from __future__ import annotations

import re

import numpy as np
import pytest
from recx_implicit.als import AlsTarget
from recx_implicit.contributions import ContributionsExplainer
from recx_implicit.options import AlsOptions, ContributionsOptions

from recexplainer.errors import UserError
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.plugins.interfaces import ExplainerKit, TargetKit
from recexplainer.records import SilentProgress
from recexplainer.testing import ExplainerContract, toy_cases, toy_log, toy_training

LOG = toy_log()
HISTORY = ("red-0", "red-1", "blue-7", "red-2")


def als(**options):
    settings = AlsOptions(factors=8, **{"regularization": 0.5, **options})
    target = AlsTarget(settings, TargetKit(LOG.catalogue, max_history=10, seed=7))
    target.fit(toy_training(LOG), SilentProgress())
    return target


def kit(target):
    return ExplainerKit(LOG.catalogue, target, np.zeros(len(LOG.catalogue), dtype=np.int64))


def explained(target, cases, cited=3):
    explainer = ContributionsExplainer(ContributionsOptions(cited=cited), kit(target))
    return list(explainer.explain(cases))


class TestContributionsContract(ExplainerContract):
    @pytest.fixture
    def target(self):
        return als(alpha=3.0)

    @pytest.fixture
    def make_explainer(self):
        return lambda given: ContributionsExplainer(ContributionsOptions(), given)


class TestContributionsContractOnAnotherTarget(ExplainerContract):
    """The contract's own target is not ALS: what is owed then is to say so."""

    @pytest.fixture
    def make_explainer(self):
        return lambda given: ContributionsExplainer(ContributionsOptions(), given)

    def test_it_says_that_it_has_nothing_to_say(self, explanations):
        for explanation in explanations:
            assert "implicit-als" in explanation.text
            assert "LinearTarget" in explanation.text
            assert not explanation.meant


@pytest.mark.parametrize("alpha", [1.0, 4.0])
def test_contributions_add_up_to_the_score(alpha):
    target = als(alpha=alpha)
    scores = target.scores([HISTORY])[0]
    for item in ("red-3", "blue-8", "white-0"):
        parts = target.contributions(HISTORY, item)
        assert parts.keys() == set(HISTORY)
        assert sum(parts.values()) == pytest.approx(scores[LOG.catalogue.row(item)], abs=1e-4)


def test_at_alpha_one_a_contribution_is_what_removing_the_item_costs():
    target = als(alpha=1.0)
    row = LOG.catalogue.row("red-3")
    parts = target.contributions(HISTORY, "red-3")
    for item in HISTORY:
        without = [other for other in HISTORY if other != item]
        before, after = target.scores([HISTORY, without])[:, row]
        assert parts[item] == pytest.approx(before - after, abs=1e-5)


def test_contributions_are_those_of_the_paper():
    target = als(alpha=4.0)
    factors = target.item_vectors().astype(np.float64)
    rows = LOG.catalogue.rows(HISTORY)
    confidence = np.ones(len(LOG.catalogue))
    confidence[rows] = 4.0
    weights = np.linalg.inv(factors.T @ np.diag(confidence) @ factors + 0.5 * np.eye(8))
    item = factors[LOG.catalogue.row("red-3")]
    expected = {
        name: item @ weights @ factors[row] * 4.0 for name, row in zip(HISTORY, rows, strict=True)
    }
    assert target.contributions(HISTORY, "red-3") == pytest.approx(expected, abs=1e-4)


def test_only_what_f_reads_contributes():
    target = als()
    long = [*LOG.catalogue.ids[20:32], "red-0"]
    assert target.contributions(long, "red-3").keys() == set(long[-10:])


def test_the_largest_contributions_are_named_for_a_yes():
    target = als(alpha=3.0)
    case = toy_cases(LOG, target)[2]
    (explanation,) = explained(target, [case], cited=2)
    parts = target.contributions(case.history, case.item)
    assert case.decision == "Yes"
    assert list(explanation.meant) == sorted(parts, key=lambda item: -parts[item])[:2]
    assert explanation.text.startswith("Yes: the recommender scores ")


def test_a_no_names_only_what_takes_something_off():
    target = als(alpha=3.0)
    cases = [case for case in toy_cases(LOG, target, count=40) if case.decision == "No"]
    explanations = explained(target, cases)
    for case, explanation in zip(cases, explanations, strict=True):
        parts = target.contributions(case.history, case.item)
        assert all(parts[item] < 0 for item in explanation.meant)
    assert any(explanation.meant for explanation in explanations)


def test_the_numbers_in_the_text_add_up_to_the_score_in_it():
    target = als(alpha=3.0)
    explanations = explained(target, toy_cases(LOG, target, count=20))
    told = [text for text in (one.text for one in explanations) if "Its score is" in text]
    assert told
    for text in told:
        score = float(re.search(r"” (-?\d+\.\d+),", text)[1])
        parts = [float(value) for value in re.findall(r"[+-]\d+\.\d+", text.split("Its score")[1])]
        assert sum(parts) == pytest.approx(score, abs=0.0005 * (1 + len(parts)))


def test_what_is_meant_is_what_the_text_names():
    target = als(alpha=3.0)
    for case, written in zip(
        toy_cases(LOG, target), explained(target, toy_cases(LOG, target)), strict=True
    ):
        titles = re.findall(r"“([^”]*)”", written.text)
        assert titles == [LOG.catalogue.title(item) for item in (case.item, *written.meant)]


def test_every_item_that_is_named_is_claimed_to_pull_towards_the_decision():
    target, reader = als(alpha=3.0), ClaimReader(LOG.catalogue)
    cases = toy_cases(LOG, target, count=20)
    for case, written in zip(cases, explained(target, cases), strict=True):
        pulls = [one for one in reader.read(written.text, case).claims if one.kind == "direction"]
        assert [one.items for one in pulls] == [(item,) for item in written.meant]
        assert {one.toward for one in pulls} <= {case.decision}


def test_without_a_history_nothing_is_named():
    target = als()
    case = toy_cases(LOG, target)[0].model_copy(update={"history": (), "score": 0.0})
    (explanation,) = explained(target, [case])
    assert not explanation.meant
    assert explanation.text.endswith("No item of the history raises that score.")


def test_where_f_is_undecided_no_decision_is_stated():
    target = als(alpha=3.0)
    case = toy_cases(LOG, target)[0].model_copy(update={"decision": None})
    (explanation,) = explained(target, [case])
    assert explanation.text.startswith("Undecided: ")


def test_an_instruction_is_refused_before_anything_is_explained():
    explainer = ContributionsExplainer(ContributionsOptions(), kit(als()))
    with pytest.raises(UserError, match=r"'only color'.*history items only"):
        explainer.explain([], "only color")
