from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import recx_implicit.plugin
from recx_implicit.als import AlsTarget
from recx_implicit.bpr import BprTarget
from recx_implicit.options import AlsOptions, BprOptions

from recexplainer.plugins.interfaces import TargetKit
from recexplainer.plugins.manager import load_registry
from recexplainer.testing import toy_log


@pytest.fixture
def registry():
    return load_registry([recx_implicit.plugin], entry_points=False, environment={})


def test_the_package_announces_its_parts_to_recexplainer():
    announced = {entry.name: entry.value for entry in entry_points(group="recexplainer")}
    if "recx-implicit" not in announced:
        pytest.skip("the package is on the path, but not installed")
    (info,) = [
        info for info in load_registry(environment={}).plugins if info.name == "recx-implicit"
    ]
    assert (info.status, info.version) == ("ok", "0.1.0")
    assert info.parts == (
        ("target", "implicit-als"),
        ("target", "implicit-bpr"),
        ("explainer", "implicit-contributions"),
    )


@pytest.mark.parametrize(
    ("name", "made"), [("implicit-als", AlsTarget), ("implicit-bpr", BprTarget)]
)
def test_targets_are_built_by_name_and_declare_their_vectors(registry, name, made):
    provider = registry.get("target", name)
    options = registry.options("target", name, {"factors": 4}, "target.options")
    target = provider.build(options, TargetKit(toy_log().catalogue, max_history=5))
    assert isinstance(target, made)
    assert made.name == name
    assert provider.can("vectors", options)


def test_a_misspelled_option_is_one_line_with_the_nearest_name(registry):
    (problem,) = registry.options("target", "implicit-als", {"factor": 4}, "target.options")
    assert problem.startswith("target.options.factor: ")
    assert "factors" in problem


def test_listing_the_parts_loads_neither_implicit_nor_scipy():
    code = (
        "import sys; import recx_implicit.plugin as plugin; "
        "plugin.recx_register_targets(); plugin.recx_register_explainers(); "
        "sys.exit(bool({'implicit', 'scipy', 'sklearn', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("options", [AlsOptions(), BprOptions()])
def test_the_readme_tells_every_option_with_its_default(options):
    readme = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
    section = readme.partition(f"### implicit-{type(options).__name__[:3].lower()}\n")[2]
    rows = [row.split(" | ") for row in section.partition("\n### ")[0].splitlines()]
    told = {row[0].strip("| `"): row[1] for row in rows if row[0].startswith("| `")}
    assert told.keys() == dict(options).keys()
    for name, default in options:
        assert json.loads(told[name]) == default
