"""The page about contracts lists every rule, and what can be declared."""

from __future__ import annotations

import pytest
import write_contracts

from recexplainer import testing
from recexplainer.testing.contracts.declarations import DECLARATIONS

CONTRACTS = [getattr(testing, name) for name in testing.__all__ if name.endswith("Contract")]


def test_the_page_is_up_to_date():
    message = "run: python tools/write_contracts.py"
    assert write_contracts.PAGE.read_text("utf-8") == write_contracts.page(), message


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
def test_every_rule_stands_on_the_page_with_its_reason(contract):
    page, rules = write_contracts.PAGE.read_text("utf-8"), testing.rules_of(contract)
    section = page[page.index(f"`{contract.__name__}` asks for") :].partition("\n## ")[0]
    if issubclass(contract, testing.LatentTargetContract):
        assert "All rules of targets, and these:" in section
        rules = {rule: rules[rule] for rule in rules.keys() - testing.rules_of(contract.__base__)}
    rows = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| ")]
    assert {rule.strip() for rule, _ in rows} == {"rule", *rules}
    assert all(len(reason.strip()) > 10 for rule, reason in rows if rule.strip() != "rule")


@pytest.mark.parametrize("declaration", DECLARATIONS.values(), ids=DECLARATIONS.keys())
def test_what_is_declared_is_an_attribute_with_another_default(declaration):
    kinds = {"target": "LatentTarget", "task": "AlignmentTask"}
    for kind in declaration.kinds:
        contract = getattr(testing, f"{kinds.get(kind, kind.capitalize())}Contract")
        assert getattr(contract, declaration.attribute) != declaration.value
