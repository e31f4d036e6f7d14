"""Which texts are never withheld is declared by the explainer, whatever it is called."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from recexplainer.pipeline.execution.plan import Part
from recexplainer.pipeline.execution.withheld_texts import account_explainers, withholds
from recexplainer.plugins.interfaces import NoOptions, Provider
from recexplainer.records import Check, Explanation


def _part(name, *capabilities):
    provider = Provider(name, lambda o, k: None, "", capabilities=frozenset(capabilities))
    return Part(name, provider, NoOptions())


@pytest.fixture
def bench():
    """A run that withholds what is untrue, with one explainer of the target's own account."""
    explainers = (_part("ledger", "own_account"), _part("occlusion"))
    return SimpleNamespace(
        plan=SimpleNamespace(explainers=explainers),
        config=SimpleNamespace(explanations=SimpleNamespace(min_confidence=0.0)),
    )


def test_the_targets_own_account_is_never_withheld(bench) -> None:
    checks = (Check(name="refuted", value=1.0), Check(name="confidence", value=0.0))
    texts = [
        Explanation(case="c", explainer=name, text="Yes.", checks=checks)
        for name in ("ledger", "occlusion")
    ]
    assert account_explainers(bench) == {"ledger"}
    assert [withholds(bench, text) for text in texts] == [False, True]
