"""Layout of the package: short modules, base names in one room, tests where their modules lie."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "recexplainer"
MODULES = [path for path in PACKAGE.rglob("*.py") if path.stem not in {"__init__", "__main__"}]
IN_SEVERAL_ROOMS = {"model", "options"}
"""Base names that each room may have."""


def test_no_module_is_longer_than_a_reader_can_hold():
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert len(lines) > 300
    assert {path: count for path, count in lines.items() if count > 300} == {}


def test_a_base_name_stands_in_one_room():
    counts = Counter(path.stem for path in MODULES)
    assert {name for name, count in counts.items() if count > 1} - IN_SEVERAL_ROOMS == set()


def test_tests_lie_in_rooms_of_the_package():
    others = {"cli", "docs", "end_to_end", "tools"}
    folders = {
        path.parent.relative_to(ROOT / "tests") for path in ROOT.glob("tests/*/**/test_*.py")
    }
    for folder in folders:
        if folder.parts[0] not in others | {"testing"}:
            assert (PACKAGE / folder).is_dir(), folder
