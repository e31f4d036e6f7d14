import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Install = Callable[..., str]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a package as pip does: a module and a dist-info with its entry point, on sys.path."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    modules: list[str] = []

    def package(name: str, code: str, *, entry: str = "", release: str = "1.0") -> str:
        module = name.replace("-", "_")
        header = "from recexplainer.plugins.hookspecs import hookimpl\n"
        header += "from recexplainer.plugins.interfaces import *\n"
        (site / f"{module}.py").write_text(header + textwrap.dedent(code))
        info = site / f"{module}-{release}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {release}\n")
        (info / "entry_points.txt").write_text(f"[recexplainer]\n{entry or name} = {module}\n")
        modules.append(module)
        return name

    yield package
    for module in modules:
        sys.modules.pop(module, None)
