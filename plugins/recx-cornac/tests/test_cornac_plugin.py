from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import recx_cornac.plugin
from recx_cornac.bivae import BiVaeTarget
from recx_cornac.ease import EaseTarget
from recx_cornac.options import BiVaeOptions, EaseOptions, VaeOptions
from recx_cornac.vae import VaeTarget

from recexplainer.plugins.interfaces import LatentTarget, TargetKit
from recexplainer.plugins.manager import load_registry
from recexplainer.testing import toy_log


@pytest.fixture
def registry():
    return load_registry([recx_cornac.plugin], entry_points=False, environment={})


def test_the_package_announces_its_parts_to_recexplainer():
    announced = {entry.name: entry.value for entry in entry_points(group="recexplainer")}
    if "recx-cornac" not in announced:
        pytest.skip("the package is on the path, but not installed")
    (info,) = [info for info in load_registry(environment={}).plugins if info.name == "recx-cornac"]
    assert (info.status, info.version) == ("ok", "0.1.0")
    assert info.parts == (
        ("target", "cornac-ease"),
        ("target", "cornac-vaecf"),
        ("target", "cornac-bivae"),
    )


@pytest.mark.parametrize(
    ("name", "made"),
    [("cornac-ease", EaseTarget), ("cornac-vaecf", VaeTarget), ("cornac-bivae", BiVaeTarget)],
)
def test_targets_are_built_by_name_and_declare_vectors_if_they_have_them(registry, name, made):
    provider = registry.get("target", name)
    options = registry.options("target", name, {}, "target.options")
    target = provider.build(options, TargetKit(toy_log().catalogue, max_history=5))
    assert isinstance(target, made)
    assert provider.can("vectors", options) == isinstance(target, LatentTarget)


def test_a_misspelled_option_is_one_line_with_the_nearest_name(registry):
    (problem,) = registry.options("target", "cornac-ease", {"regularisation": 4}, "target.options")
    assert problem.startswith("target.options.regularisation: ")
    assert "regularization" in problem


def test_listing_the_parts_loads_neither_cornac_nor_torch():
    code = (
        "import sys; import recx_cornac.plugin as plugin; plugin.recx_register_targets(); "
        "sys.exit(bool({'cornac', 'torch', 'scipy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("cornac-ease", EaseOptions()),
        ("cornac-vaecf", VaeOptions()),
        ("cornac-bivae", BiVaeOptions()),
    ],
)
def test_the_readme_tells_every_option_with_its_default(target, options):
    readme = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
    table = readme[readme.index("| option |") :].partition("\n\n")[0].splitlines()
    cells = [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in table]
    column = cells[0].index(target)
    told = {row[0]: row[column] for row in cells[2:] if row[column]}
    kept = options.model_dump(mode="json")
    assert told == {
        name: value if isinstance(value, str) else json.dumps(value).removesuffix(".0")
        for name, value in kept.items()
    }
