"""Lets the tests here import the module beside them, and the benchmarks."""

from __future__ import annotations

import sys
from pathlib import Path

_HERE = Path(__file__).parent
for folder in (_HERE, _HERE.parents[1] / "benchmarks", _HERE.parents[1] / "tools"):
    sys.path.append(str(folder))
