"""Every rule of every contract catches a part that is wrong in this way, and no other rule does."""

from __future__ import annotations

import pytest
from mutants import datasets, explainers, judges, latent_targets, targets, tasks

from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.testing import (
    AlignmentTaskContract,
    DatasetContract,
    ExplainerContract,
    JudgeContract,
    LatentTargetContract,
    TargetContract,
    check_part,
    rules_of,
    run_contract,
)

TABLES = {
    DatasetContract: datasets.MUTANTS,
    TargetContract: targets.MUTANTS,
    LatentTargetContract: (*targets.MUTANTS, *latent_targets.MUTANTS),
    AlignmentTaskContract: tasks.MUTANTS,
    ExplainerContract: explainers.MUTANTS,
    JudgeContract: judges.MUTANTS,
}
MUTANTS = [
    mutant
    for module in (datasets, targets, latent_targets, tasks, explainers, judges)
    for mutant in module.MUTANTS
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_mutant_is_caught_by_its_rule_alone(mutant, monkeypatch):
    monkeypatch.setenv("MUTANT", "as before")  # some parts set it; it is put back
    monkeypatch.setattr(ClaimReader, "read", ClaimReader.read)  # one replaces it
    report = check_part(mutant.kind, mutant.part, capabilities=mutant.capabilities)
    assert [one.rule for one in report.broken] == [mutant.rule]
    (broken,) = report.broken
    assert mutant.says in broken.message
    assert "to mend it: " in broken.message


@pytest.mark.parametrize("contract", TABLES, ids=lambda contract: contract.__name__)
def test_each_parameter_of_an_authors_fixture_is_held_to_every_rule(contract):
    alone = [one for one in TABLES[contract] if "traces" not in one.rule]  # the other sees those
    *_, first, last = {one.rule: one for one in alone}.values()

    @pytest.fixture(params=[first.part, last.part], ids=["first", "last"])
    def make(self, request):
        return request.param

    report = run_contract(type("Several", (contract,), {f"make_{first.kind}": make}))
    assert {one.rule for one in report.broken} == {f"{first.rule}[first]", f"{last.rule}[last]"}
    parameters = ("first", "last")
    held = {f"{rule}[{parameter}]" for rule in rules_of(contract) for parameter in parameters}
    assert {one.rule for one in report.rules} == held
    assert all("to mend it: " in one.message for one in report.broken)


@pytest.mark.parametrize("contract", TABLES, ids=lambda contract: contract.__name__)
def test_every_rule_has_a_mutant(contract):
    assert {mutant.rule for mutant in TABLES[contract]} == set(rules_of(contract))
