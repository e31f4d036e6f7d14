"""Run a contract without writing a test file: what ``recx check`` does."""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal

import pytest

from recexplainer.plugins.interfaces import Kind
from recexplainer.testing.contracts import (
    AlignmentTaskContract,
    DatasetContract,
    ExplainerContract,
    JudgeContract,
    LatentTargetContract,
    TargetContract,
)

__all__ = ["ContractReport", "RuleResult", "check_part", "run_contract"]

_CONTRACTS: Final[dict[Kind, type]] = {
    "dataset": DatasetContract,
    "target": TargetContract,
    "task": AlignmentTaskContract,
    "explainer": ExplainerContract,
    "judge": JudgeContract,
}
_MODULE: Final = "recexplainer_contract_under_check"
_ARGUMENTS: Final = (
    *("-p", "no:cacheprovider", "-p", "no:logging", "-p", "no:warnings"),
    *("--disable-plugin-autoload", "--import-mode=importlib", "-q", "-s"),
)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How one rule of a contract went; ``message`` says what to mend when it did not hold."""

    rule: str
    outcome: Literal["passed", "failed", "skipped"]
    message: str = ""


@dataclass(frozen=True, slots=True)
class ContractReport:
    """All rules of one contract, in order."""

    contract: str
    rules: tuple[RuleResult, ...]

    @property
    def broken(self) -> tuple[RuleResult, ...]:
        """The rules that do not hold."""
        return tuple(rule for rule in self.rules if rule.outcome == "failed")

    @property
    def passed(self) -> bool:
        """Whether there were rules and none is broken."""
        return bool(self.rules) and not self.broken


def check_part(kind: Kind, make: Callable[..., object], *, vectors: bool = False) -> ContractReport:
    """Check a part against the contract of its kind.

    Args:
        kind: what the part is.
        make: builds it, from its kit (from nothing for a data set). For a registered part:
            ``lambda kit: provider.build(options, kit)``.
        vectors: for targets, whether the provider declares the ``vectors`` capability.
    """
    contract = LatentTargetContract if kind == "target" and vectors else _CONTRACTS[kind]

    @pytest.fixture(name=f"make_{kind}")
    def supplied(self: object) -> Callable[..., object]:  # noqa: ARG001  # pytest passes it
        return make

    part = type(contract.__name__, (contract,), {f"make_{kind}": supplied})
    return run_contract(part)


def run_contract(contract: type) -> ContractReport:
    """Run a contract class that has its fixture, in this process and without printing.

    Args:
        contract: a subclass of one of the contracts.
    """
    listener, said = _Listener(), StringIO()
    with tempfile.TemporaryDirectory(prefix="recx_contract_") as folder, _importable(contract):
        # pytest keeps imported test modules by name, so each run needs a name of its own.
        file = Path(folder, f"test_{Path(folder).name}.py")
        file.write_text(f"from {_MODULE} import TestContract\n", encoding="utf-8")
        Path(folder, "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        with redirect_stdout(said), redirect_stderr(said):
            pytest.main([*_ARGUMENTS, "-c", f"{folder}/pytest.ini", str(file)], plugins=[listener])
        sys.modules.pop(file.stem, None)
    rules = tuple(listener.results) or (RuleResult("collection", "failed", said.getvalue()),)
    return ContractReport(contract.__name__, rules)


@contextmanager
def _importable(contract: type) -> Iterator[None]:
    """Offer ``contract`` to the one-line test module, and keep warnings out of its rules."""
    module = ModuleType(_MODULE)
    vars(module)["TestContract"] = contract
    sys.modules[_MODULE] = module
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        del sys.modules[_MODULE]


class _Listener:
    """A pytest plugin that keeps what pytest would print."""

    def __init__(self) -> None:
        self.results: list[RuleResult] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep one result per rule: its call, or whatever went wrong around it."""
        if report.when == "call" or report.outcome != "passed":
            rule = report.nodeid.rsplit("::", 1)[-1].removeprefix("test_").replace("_", " ")
            message = _last_words(report.longrepr) if report.failed else ""
            self.results.append(RuleResult(rule, report.outcome, message))


def _last_words(longrepr: Any) -> str:
    crash = getattr(longrepr, "reprcrash", None)
    return str(longrepr) if crash is None else str(crash.message).removeprefix("Failed: ")
