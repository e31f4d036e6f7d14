"""Write docs/reference/contracts.md from the contracts themselves.

    python tools/write_contracts.py           # writes it
    python tools/write_contracts.py --check   # says whether it is up to date

Rules are the test methods of the contract classes, and what they promise is their docstrings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from generated_page import one_line, write_or_check

from recexplainer.testing import (
    AlignmentTaskContract,
    DatasetContract,
    ExplainerContract,
    JudgeContract,
    LatentTargetContract,
    TargetContract,
    rules_of,
)
from recexplainer.testing.contracts.declarations import DECLARATIONS
from recexplainer.testing.contracts.side_effects import WATCHED

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "contracts.md"

_HEAD = """\
<!-- Written by tools/write_contracts.py; edit the docstrings in recexplainer/testing instead. -->

# Contracts

What every part has to keep, rule by rule: `recx check KIND NAME` tries them, and so does a test
class that subclasses the contract. [Check a plugin](../how-to/check-a-plugin.md) shows both. A rule
that rests on a broken one is skipped, so that one mistake is told once. For each rule, our own
tests hold a part that is wrong in just this way, which that rule catches and no other.
"""
_KINDS: Mapping[type, tuple[str, str]] = {
    DatasetContract: ("Data sets", "make_dataset, which builds one from nothing"),
    TargetContract: ("Targets", "make_target, which builds one from a TargetKit"),
    LatentTargetContract: ("Targets with vectors", "make_target, as for targets"),
    AlignmentTaskContract: ("Alignment tasks", "make_task, which builds one from a TaskKit"),
    ExplainerContract: ("Explainers", "make_explainer, which builds one from an ExplainerKit"),
    JudgeContract: ("Judges", "make_judge, which builds one from a JudgeKit"),
}
_DECLARATIONS = """
## What a part may declare

Some parts rightly differ. A registered part says so among the `capabilities` of its `Provider`,
where `recx check` reads it; a test class sets an attribute. What is declared is held as well, where
it can be: a target that is `unordered` must give one answer to a history read in any order. One
that says nothing may read the order or not.

| capability | on the test class | kinds | declare it when |
|---|---|---|---|
"""
_TRACES = """
## What must stay as it was

The rules on traces compare these before and after a part is built and used.

| watched | instead of changing it |
|---|---|
"""


def page() -> str:
    """Return the whole page."""
    return _HEAD + "".join(_contracts()) + "".join(_declarations()) + "".join(_traces())


def _contracts() -> Iterator[str]:
    for contract, (title, fixture) in _KINDS.items():
        name, _, rest = fixture.partition(",")
        yield f"\n## {title}\n\n`{contract.__name__}` asks for the fixture `{name}`,{rest}.\n"
        inherited: Mapping[str, str] = {}
        if contract is LatentTargetContract:
            inherited = rules_of(TargetContract)
            yield "\nAll rules of targets, and these:\n"
        yield "\n| rule | why |\n|---|---|\n"
        for rule, promise in rules_of(contract).items():
            if rule not in inherited:
                yield f"| {rule} | {_cell(promise)} |\n"


def _declarations() -> Iterator[str]:
    yield _DECLARATIONS
    for name, one in DECLARATIONS.items():
        kinds = ", ".join(f"{kind}s" for kind in one.kinds)
        yield f"| `{name}` | `{one.attribute} = {one.value!r}` | {kinds} | {one.meaning} |\n"


def _traces() -> Iterator[str]:
    yield _TRACES
    for name, fix in WATCHED.items():
        yield f"| {name} | {_cell(fix)} |\n"


def _cell(text: str) -> str:
    return one_line(text.replace("``", "`"))


def main() -> None:
    """Write the page, or check it."""
    write_or_check(PAGE, page, __doc__)


if __name__ == "__main__":
    main()
