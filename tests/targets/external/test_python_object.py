"""``--target package.module:factory`` explains any object with ``scores``."""

from __future__ import annotations

import random
import sys
from itertools import count

import numpy as np
import pytest
import torch

from recexplainer.config import load_config
from recexplainer.errors import UserError
from recexplainer.pipeline import default_registry, plan
from recexplainer.plugins.interfaces import LatentTarget, TargetKit
from recexplainer.records import Catalogue, Item
from recexplainer.targets.external.python_object import (
    PythonOptions,
    build_python,
    python_capabilities,
)

KIT = TargetKit(Catalogue([Item(one, one.upper()) for one in "abc"]), max_history=3)
MODULE = """
class Model:
    def __init__(self, item_ids):
        self.known = list(item_ids)
    def scores(self, histories):
        return [[len(one) + place for place, _ in enumerate(self.known)] for one in histories]

class Latent(Model):
    def user_vectors(self, histories):
        return [[len(one), 1] for one in histories]
    def item_vectors(self):
        return [[1, place] for place, _ in enumerate(self.known)]

class Named:
    item_ids = ["c", "b", "a"]
    def scores(self, histories):
        return [[3, 2, 1]] * len(histories)

def make(item_ids, scale=1): return Model(item_ids)
def make_latent(item_ids) -> Latent: return Latent(item_ids)
def make_untold(item_ids): return Latent(item_ids)
def make_scaled(scale, item_ids=()):
    model = Model(item_ids)
    model.scores = lambda histories: [[scale] * len(item_ids)] * len(histories)
    return model
def make_named(): return Named()
def make_silent(): return Model(["a", "b", "c"])
def make_list(item_ids): return [1, 2]
def make_nothing(item_ids): pass
def fail(item_ids): raise FileNotFoundError("no weights.pt")
number = 7
"""
_names = count()


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Name of a module in the current folder, which is not on the path."""
    name = f"own_model_{next(_names)}"
    (tmp_path / f"{name}.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    yield name
    sys.modules.pop(name, None)


def test_a_class_or_function_in_the_current_folder_is_asked(module):
    before = list(sys.path)
    for name in ("Model", "make"):
        target = build_python(PythonOptions(factory=f"{module}:{name}"), KIT)
        assert target.scores([["a"], []]).tolist() == [[1, 2, 3], [0, 1, 2]]
        assert not isinstance(target, LatentTarget)
    assert sys.path == before


def test_the_name_of_a_target_says_the_factory(module):
    config = load_config(overrides=[f"target.name={module}:Latent"])
    checked = plan(config, default_registry())
    assert checked.target.provider.name == "python"
    assert checked.target.options.factory == f"{module}:Latent"
    assert checked.target.can("vectors")


@pytest.mark.parametrize(
    ("name", "vectors", "expected"),
    [
        ("Model", None, False),
        ("Latent", None, True),
        ("make_latent", None, True),
        ("make_untold", None, False),
        ("make_untold", True, True),
        ("Latent", False, False),
    ],
)
def test_vectors_are_seen_in_the_class_or_told(module, name, vectors, expected):
    options = PythonOptions(factory=f"{module}:{name}", vectors=vectors)
    assert (python_capabilities(options) == {"vectors"}) is expected
    assert isinstance(build_python(options, KIT), LatentTarget) is expected


def test_vectors_are_the_objects_own(module):
    target = build_python(PythonOptions(factory=f"{module}:Latent"), KIT)
    assert target.user_vectors([["a", "b"]]).tolist() == [[2, 1]]
    assert target.item_vectors().tolist() == [[1, 0], [1, 1], [1, 2]]
    assert target.item_vectors().dtype == np.float32


def test_a_factory_without_arguments_says_its_items(module):
    target = build_python(PythonOptions(factory=f"{module}:make_named"), KIT)
    assert target.scores([[]]).tolist() == [[1, 2, 3]]


def test_arguments_reach_the_factory_beside_the_items(module):
    options = PythonOptions(factory=f"{module}:make_scaled", arguments={"scale": 5})
    assert build_python(options, KIT).scores([[]]).tolist() == [[5, 5, 5]]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("make_list", "returned an object of type list, which has no method 'scores'"),
        ("make_nothing", "returned None, which has no method 'scores'"),
        ("make_silent", "does not say which it scores: let the factory take the item ids"),
        ("fail", r"raised FileNotFoundError: no weights.pt \(.*own_model_\d+.py:\d+\)"),
    ],
)
def test_a_factory_that_makes_no_model(module, name, message):
    with pytest.raises(UserError, match=message):
        build_python(PythonOptions(factory=f"{module}:{name}"), KIT)


def test_claimed_vectors_that_are_not_there(module):
    options = PythonOptions(factory=f"{module}:Model", vectors=True)
    with pytest.raises(UserError, match="no method 'user_vectors'"):
        build_python(options, KIT)


def test_what_a_factory_draws_is_the_seed_s_and_nobody_else_s(tmp_path, monkeypatch):
    """A network draws weights before its own are loaded."""
    source = """
import random

import numpy as np
import torch


class Drawn:
    def __init__(self, item_ids):
        self.row = [random.random(), np.random.random(), torch.rand(()).item()]

    def scores(self, histories):
        return [self.row for _ in histories]
"""
    (tmp_path / "drawing_model.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()
    rows = []
    for seed in (0, 0, 1):
        kit = TargetKit(KIT.catalogue, max_history=3, seed=seed)
        target = build_python(PythonOptions(factory="drawing_model:Drawn"), kit)
        rows.append(target.scores([["a"]])[0].tolist())
    assert rows[0] == rows[1]
    assert all(one != other for one, other in zip(rows[0], rows[2], strict=True))
    after = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]
