"""What a user can get wrong with a model of their own: one line, exit code 2, nothing written."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from recexplainer.config import load_config
from recexplainer.errors import ConfigError, UserError
from recexplainer.pipeline import default_registry
from recexplainer.pipeline.execution.preflight import preflight
from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import Catalogue, Item, SilentProgress, TrainingHistories

KIT = TargetKit(Catalogue([Item(one, one.upper()) for one in "abc"]), max_history=3)
TRAINING = TrainingHistories({"u": ("a", "b")}, {})
MODULE = """
class Model:
    def __init__(self, item_ids): self.count = len(item_ids)
    def scores(self, histories): return [[1.0] * self.count for _ in histories]
class Wide(Model):
    def scores(self, histories): return [[1.0] * 7 for _ in histories]
class Nan(Model):
    def scores(self, histories): return [[float("nan")] * self.count for _ in histories]
class Claims(Model):
    def user_vectors(self, histories): return [[1.0, 2.0]]
    def item_vectors(self): return [[1.0, 2.0]] * self.count
def two(weights, item_ids): return Model(item_ids)
number = 7
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a module and files that are good, and some that are not."""
    (tmp_path / "mine_here.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "needs_more.py").write_text("x = 1\nimport not_there\n", encoding="utf-8")
    (tmp_path / "typo_here.py").write_text("def f(:\n", encoding="utf-8")
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit(4)\n", encoding="utf-8")
    for name, text in {
        "ids.txt": "a\nb\nc\n",
        "two.txt": "a\nb\n",
        "twice.txt": "a\nb\na\n",
        "gap.txt": "a\n\nb\n",
        "empty.txt": "",
        "others.txt": "x\ny\nz\n",
        "half.json": "[1, 2",
        "object.json": "{}",
        "text.npy": "no array",
        "text.onnx": "no model",
        "text.parquet": "no table",
        "bad.inter": "user_id:token\titem_id:token\nu\ta\nu\n",
        "text.pth": "no checkpoint",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "latin.txt").write_bytes("é\nb\nc".encode("latin-1"))
    for name, values in {
        "good": np.ones((3, 2)),
        "flat": np.ones(3),
        "words": np.array([["a"]]),
        "no": np.ones((0, 2)),
        "nan": np.array([[1, 2], [np.nan, 1], [0, 1]]),
        "wide": np.ones((3, 5)),
    }.items():
        np.save(tmp_path / f"{name}.npy", values)
    np.save(tmp_path / "pickled.npy", np.array([{}], dtype=object), allow_pickle=True)
    pd.DataFrame({"id": ["a"], "v": [1.0]}).to_parquet(tmp_path / "columns.parquet")
    pd.DataFrame({"item_id": ["a", "b"], "v": [[1.0], [1.0, 2]]}).to_parquet(
        tmp_path / "ragged.parquet"
    )
    pd.DataFrame({"item_id": ["a", "a"], "v": [1.0, 2]}).to_parquet(tmp_path / "twice.parquet")
    pd.DataFrame({"item_id": ["a", "b"], "v": ["x", "y"]}).to_parquet(tmp_path / "names.parquet")
    torch.save({"weights": torch.ones(2)}, tmp_path / "other.pth")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for name in ("mine_here", "needs_more", "typo_here", "leaves"):
        sys.modules.pop(name, None)


def vectors(**options):
    return {"name": "vectors", "item_vectors": "good.npy", "item_ids": "ids.txt", **options}


def checkpoint(**options):
    return {"name": "recbole-checkpoint", "item_ids": "ids.txt", **options}


def http(**options):
    return {"name": "http", "url": "http://127.0.0.1:9", "retries": 0, **options}


def onnx(**options):
    return {"name": "onnx", "model": "text.onnx", "item_ids": "ids.txt", **options}


LOOKED_AT = {
    "no such module": (
        {"name": "mine_her:Model"},
        "no module 'mine_her' in .*did you mean 'mine_h",
    ),
    "no such submodule": ({"name": "mine_here.sub:Model"}, "there is no module 'mine_here.sub'"),
    "no such name": ({"name": "mine_here:Modle"}, "mine_here.py has no 'Modle'; it has Model"),
    "a file's name": (
        {"name": "mine_here.py:Model"},
        "is a file; name the module, as in mine_here:",
    ),
    "a path": ({"name": "./mine_here.py:Model"}, "is a file; name the module"),
    "no name": ({"name": "mine_here:"}, "must look like package.module:factory, got 'mine_here:'"),
    "no factory": ({"name": "python"}, "target.options.factory: is required"),
    "a number": ({"name": "mine_here:number"}, "an object of type int; name a function or class"),
    "an import in it fails": ({"name": "needs_more:x"}, "No module named 'not_there' .*e.py:2"),
    "it does not parse": ({"name": "typo_here:f"}, "failed: invalid syntax .*typo_here.py:1"),
    "it exits": ({"name": "leaves:f"}, "importing leaves failed: SystemExit: 4"),
    "two required arguments": (
        {"name": "mine_here:two"},
        "missing a required argument: 'item_ids'",
    ),
    "an unknown argument": (
        {"name": "mine_here:Model", "arguments": {"depth": 3}},
        "unexpected keyword argument 'depth'",
    ),
    "an option of no target": (
        {"name": "mine_here:Model", "batch": 3},
        "did you mean 'batch_size'",
    ),
    "no table": ({"name": "vectors"}, "target.options.item_vectors: is required"),
    "no ids for rows": (
        {"name": "vectors", "item_vectors": "good.npy"},
        "item_ids is needed: a .npy",
    ),
    "ids of no users": (vectors(user_ids="ids.txt"), "user_ids is of no use without user_vectors"),
    "a missing table": (vectors(item_vectors="gone.npy"), "there is no file gone.npy"),
    "an unknown similarity": (vectors(similarity="cosin"), "must be one of 'cosine', 'dot'"),
    "learning from nothing": (vectors(history="learned"), "learned needs user_vectors to learn"),
    "a ridge of nothing": (vectors(ridge=0), "target.options.ridge: must be above 0"),
    "no url": ({"name": "http"}, "target.options.url: is required"),
    "a url without a scheme": (http(url="localhost:8000"), "must look like http://host:port/path"),
    "a password in the url": (http(url="http://me:pw@host/"), "must hold no user or password"),
    "a query in the url": (http(url="http://host/?key=1"), "must end before '.' or '#'"),
    "no such variable": (
        http(token_env="NOT_SET_HERE"),  # noqa: S106
        "token_env: must name an environment var",
    ),
    "vectors of unknown order": (http(vectors=True, items="send"), "vectors need items: ask"),
    "no patience": (http(timeout_seconds=0), "timeout_seconds: must be above 0"),
    "no item ids": (
        {"name": "recbole-checkpoint", "checkpoint": "other.pth"},
        "give item_ids or interactions",
    ),
    "ids twice over": (
        checkpoint(checkpoint="other.pth", interactions="bad.inter"),
        "interactions, one of them",
    ),
    "no checkpoint": (checkpoint(checkpoint="gone.pth"), "there is no file gone.pth"),
    "no zip": (checkpoint(checkpoint="text.pth"), "text.pth: is not in torch's zip format"),
    "not RecBole's": (checkpoint(checkpoint="other.pth"), "other.pth: is no checkpoint of RecBole"),
    "fewer ids than rows": (
        vectors(item_ids="two.txt"),
        "good.npy: has 3 rows, and there are 2 ids in two.txt; if its first or last row is padding",
    ),
    "an id twice": (vectors(item_ids="twice.txt"), "twice.txt:3: 'a' is already in line 1"),
    "an empty id": (vectors(item_ids="gap.txt"), "gap.txt:2: an id is empty"),
    "an empty file": (vectors(item_ids="empty.txt"), "empty.txt: the file is empty"),
    "ids in another encoding": (vectors(item_ids="latin.txt"), "latin.txt: this is not UTF-8 text"),
    "half of a JSON": (vectors(item_ids="half.json"), "half.json:1: this is not JSON"),
    "a JSON of something else": (vectors(item_ids="object.json"), "must be a list of ids"),
    "ids as a pickle": (vectors(item_ids="pickled.npy"), "pickled.npy: is no .npy of texts"),
    "vectors as a pickle": (
        vectors(item_vectors="pickled.npy"),
        "pickled.npy: is no .npy of numbers",
    ),
    "a text as vectors": (vectors(item_vectors="text.npy"), "text.npy: is no .npy of numbers"),
    "one axis": (vectors(item_vectors="flat.npy"), r"holds float64 of shape \(3,\)"),
    "words as vectors": (vectors(item_vectors="words.npy"), "holds <U1 of shape"),
    "no rows": (vectors(item_vectors="no.npy"), "has 0 rows, and there are 3 ids"),
    "another ending": (vectors(item_vectors="ids.txt"), "ends in .txt; .npy or .parquet is read"),
    "no Parquet": (vectors(item_vectors="text.parquet"), "text.parquet: is no readable Parquet"),
    "no column of ids": (
        {"name": "vectors", "item_vectors": "columns.parquet"},
        "no column 'item_id'; there are: id, v",
    ),
    "no model": (onnx(), "text.onnx: cannot be run by ONNX Runtime"),
}
BUILT = {
    "too many columns": ({"name": "mine_here:Wide"}, r"the shape \(8, 7\), where \(8, 3\)"),
    "not a number": ({"name": "mine_here:Nan"}, r"24 numbers that are not finite"),
    "fewer vectors than histories": (
        {"name": "mine_here:Claims"},
        r"user_vectors.. returned .*\(1, 2",
    ),
    "ids of other items": (
        vectors(item_ids="others.txt"),
        "does not know 3 of the 3 items, such as",
    ),
    "vectors with NaN": (
        vectors(item_vectors="nan.npy"),
        "not finite, the first in row 1, column 0",
    ),
    "lists of two lengths": (
        {"name": "vectors", "item_vectors": "ragged.parquet"},
        "one column of equally long lists",
    ),
    "words in a Parquet": (
        {"name": "vectors", "item_vectors": "names.parquet"},
        "v .(large_)?string",
    ),
    "an id twice in a Parquet": (
        {"name": "vectors", "item_vectors": "twice.parquet"},
        "'item_id' holds an id twice",
    ),
    "users of another width": (
        vectors(user_vectors="wide.npy", user_ids="ids.txt"),
        "users have 5 numbers and items 2",
    ),
    "users of another data set": (
        vectors(user_vectors="good.npy", user_ids="ids.txt"),
        r"0 of its 3 users .such as 'a'. are",
    ),
    "nobody listens": (http(), "ConnectError.*is the server running there"),
}


def attempt(options, align):
    """Do all that a run does with its target: look at it, build it, fit it."""
    options = dict(options)
    name = options.pop("name")
    config = load_config(overrides=[f"alignment.mode={align}"])
    target = config.target.model_copy(update={"name": name, "options": options})
    config = config.model_copy(update={"target": target})
    part = preflight(config, default_registry(), Path("out")).plan.target
    part.provider.build(part.options, KIT).fit(TRAINING, SilentProgress())


@pytest.mark.parametrize(("options", "message"), LOOKED_AT.values(), ids=LOOKED_AT)
def test_preflight_finds_it(options, message, folder):
    if options["name"] == "onnx" and importlib.util.find_spec("onnxruntime") is None:
        pytest.skip("ONNX Runtime is not installed")
    before = sorted(folder.iterdir())
    with pytest.raises(ConfigError, match=message) as raised:
        attempt(options, "hybrid" if "hybrid" in message or "align" in message else "behavior")
    assert raised.value.exit_code == 2
    assert len(raised.value.problems) == 1
    assert "\n" not in raised.value.problems[0]
    assert [path for path in sorted(folder.iterdir()) if path.name != "__pycache__"] == before


@pytest.mark.parametrize(("options", "message"), BUILT.values(), ids=BUILT)
def test_building_or_fitting_finds_it(options, message, folder):
    with pytest.raises(UserError, match=message) as raised:
        attempt(options, "behavior")
    assert raised.value.exit_code == 2
    assert "\n" not in str(raised.value)
