"""A short run, and users of it, one of whom it does not know."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import recexplainer

ROOT = Path(__file__).parents[2]
EXPLAINERS = "explanations.explainers=[surrogate, occlusion, random]"
PLUGIN = '''
"""A registry with an explainer that ends its process when it meets one user, or fails for one."""
import os

from recexplainer import default_plugins
from recexplainer.plugins.hookspecs import hookimpl
from recexplainer.plugins.interfaces import NoOptions, Provider
from recexplainer.plugins.manager import load_registry
from recexplainer.records import Written


class Deadly:
    def explain(self, cases, instruction=None):
        for case in cases:
            if case.user == "u3":
                os._exit(9)
            yield Written(case=case.id, explainer="deadly", text="Yes.")


class Fussy:
    def explain(self, cases, instruction=None):
        for case in cases:
            if case.user == "u3":
                raise ValueError("not this one")
            yield Written(case=case.id, explainer="fussy", text="Yes.")


class Plugin:
    @hookimpl
    def recx_register_explainers(self):
        return [
            Provider("deadly", lambda options, kit: Deadly(), "Dies.", NoOptions),
            Provider("fussy", lambda options, kit: Fussy(), "Fails.", NoOptions),
        ]


def registry():
    return load_registry([default_plugins, Plugin()])
'''


@pytest.fixture(scope="session")
def run_folder(walks, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "whole"
    recexplainer.run(recexplainer.load_config(None, [*walks(), EXPLAINERS]), out)
    return out


@pytest.fixture(scope="session")
def users(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("users") / "users.txt"
    path.write_text("\n".join([*(f"u{n}" for n in range(40)), "nobody"]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def plugin(tmp_path, monkeypatch) -> Path:
    """A folder with the module ``batch_plugin``, where other processes find it as well."""
    (tmp_path / "batch_plugin.py").write_text(PLUGIN, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(ROOT)]))
    return tmp_path


@pytest.fixture
def recx():
    """Start ``recx explain`` in a process of its own."""

    def start(*words: object) -> subprocess.Popen[str]:
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        return subprocess.Popen(
            [sys.executable, "-m", "recexplainer", "explain", *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path},
        )

    return start
