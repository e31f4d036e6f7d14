"""Contract runner without a test file: what ``recx check`` does."""

from __future__ import annotations

import inspect
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal

import pytest

from recexplainer.plugins.capabilities import Capability, capabilities_of
from recexplainer.plugins.interfaces import Kind, Options, Provider
from recexplainer.records import InteractionLog
from recexplainer.testing.contracts import (
    AlignmentTaskContract,
    DatasetContract,
    ExplainerContract,
    JudgeContract,
    LatentTargetContract,
    TargetContract,
)
from recexplainer.testing.contracts.declarations import DECLARATIONS, declared

__all__ = [
    "ContractReport",
    "RuleResult",
    "check_part",
    "check_provider",
    "rules_of",
    "run_contract",
]

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
    # These two collect garbage several times over, which takes longer than most contracts.
    *("-p", "no:unraisableexception", "-p", "no:threadexception"),
    *("--disable-plugin-autoload", "--import-mode=importlib", "-q", "-s"),
)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How one rule of a contract went.

    Attributes:
        rule: the rule, in words.
        outcome: ``skipped`` where it does not apply, or rests on one that is broken.
        message: what was found and what mends it, or why it was skipped; empty when it holds.
    """

    rule: str
    outcome: Literal["passed", "failed", "skipped"]
    message: str = ""


@dataclass(frozen=True, slots=True)
class ContractReport:
    """All rules of one contract, in order, and how long they took together."""

    contract: str
    rules: tuple[RuleResult, ...]
    seconds: float = 0.0

    @property
    def broken(self) -> tuple[RuleResult, ...]:
        """The rules that do not hold."""
        return self.of("failed")

    @property
    def passed(self) -> bool:
        """Whether some rules hold and none is broken."""
        return bool(self.of("passed")) and not self.broken

    def of(self, outcome: Literal["passed", "failed", "skipped"]) -> tuple[RuleResult, ...]:
        """Return the rules that went so."""
        return tuple(rule for rule in self.rules if rule.outcome == outcome)


def check_provider(
    kind: Kind,
    provider: Provider[Any],
    options: Options | None = None,
    *,
    log: InteractionLog | None = None,
    max_history: int = 20,
) -> ContractReport:
    """Check a registered part against the contract of its kind, and what it declares.

    Args:
        kind: what the part is.
        provider: names its capabilities and builds it.
        options: the part's options; its defaults by default.
        log: for targets, a prepared log to fit on and ask about instead of the toy one.
        max_history: how many items of a history are read then, as in a run.
    """
    chosen = provider.options() if options is None else options

    def make(kit: object = None) -> object:
        return provider.build(chosen, kit)

    names = (Capability.VECTORS, *DECLARATIONS)
    capabilities = [name for name in names if provider.can(name, chosen)]
    return check_part(kind, make, capabilities=capabilities, log=log, max_history=max_history)


def check_part(
    kind: Kind,
    make: Callable[..., object],
    *,
    capabilities: Collection[str] = (),
    log: InteractionLog | None = None,
    max_history: int = 20,
) -> ContractReport:
    """Check a part that need not be registered against the contract of its kind.

    Args:
        kind: what the part is.
        make: builds it, from its kit (from nothing for a data set).
        capabilities: what its provider declares, such as ``vectors``.
        log: as for ``check_provider``.
        max_history: as for ``check_provider``.

    Raises:
        UnknownNameError: a capability is none.
    """
    capabilities = capabilities_of(f"the {kind}", capabilities)
    latent = kind == "target" and Capability.VECTORS in capabilities
    contract = LatentTargetContract if latent else _CONTRACTS[kind]

    @pytest.fixture(name=f"make_{kind}")
    def supplied(self: object) -> Callable[..., object]:  # noqa: ARG001  # pytest passes it
        return make

    @pytest.fixture(name="log")
    def given(self: object) -> InteractionLog | None:  # noqa: ARG001
        return log

    members = {f"make_{kind}": supplied, **declared(kind, capabilities)}
    if log is not None:
        members |= {"log": given, "max_history": max_history}
    return run_contract(type(contract.__name__, (contract,), members))


def rules_of(contract: type) -> Mapping[str, str]:
    """Return the rules of a contract class, in order: each in words, and what it promises."""
    found: dict[str, str] = {}
    for base in reversed(contract.__mro__):
        for name, member in vars(base).items():
            if name.startswith("test_") and inspect.isfunction(member):
                found[_in_words(name)] = inspect.getdoc(member) or ""
    return found


def run_contract(contract: type) -> ContractReport:
    """Run a contract class that has its fixture, in this process and without printing.

    Args:
        contract: a subclass of one of the contracts.
    """
    listener, said, began = _Listener(rules_of(contract)), StringIO(), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="recx_contract_") as folder, _importable(contract):
        # pytest keeps imported test modules by name, so each run needs a name of its own.
        file = Path(folder, f"test_{Path(folder).name}.py")
        file.write_text(f"from {_MODULE} import TestContract\n", encoding="utf-8")
        Path(folder, "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        temporary = f"--basetemp={folder}/temporary"
        with redirect_stdout(said), redirect_stderr(said):
            pytest.main(
                [*_ARGUMENTS, temporary, "-c", f"{folder}/pytest.ini", str(file)],
                plugins=[listener],
            )
        sys.modules.pop(file.stem, None)
    rules = tuple(listener.results) or (RuleResult("collection", "failed", said.getvalue()),)
    return ContractReport(contract.__name__, rules, time.perf_counter() - began)


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

    def __init__(self, promises: Mapping[str, str]) -> None:
        self.results: list[RuleResult] = []
        self._promises = promises

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep one result per rule: its call, or whatever went wrong around it."""
        if report.when == "call" or report.outcome != "passed":
            rule = _in_words(report.nodeid.rsplit("::", 1)[-1])
            message = self._message(rule, report.longrepr) if report.longrepr else ""
            self.results.append(RuleResult(rule, report.outcome, message))

    def _message(self, rule: str, longrepr: Any) -> str:
        """Return the last words of a rule that is broken or skipped."""
        if isinstance(longrepr, tuple):
            return str(longrepr[2]).removeprefix("Skipped: ")
        crash = getattr(longrepr, "reprcrash", None)
        if crash is None:  # said by the rule itself, or by pytest about a missing fixture
            return str(longrepr)
        place = f"{Path(crash.path).name}:{crash.lineno}"
        promise = " ".join(self._promises.get(rule.partition("[")[0], "").split())
        return f"{crash.message} ({place})\n  to mend it: nothing may be raised here. {promise}"


def _in_words(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")
