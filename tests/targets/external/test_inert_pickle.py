"""A pickle is a program; this reads it without running any of it."""

from __future__ import annotations

import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch

from recexplainer.errors import DataError
from recexplainer.targets.external.inert_pickle import Inert, StoredTensor, read_inert


class Settings:
    """Stands for a class that only its owner has."""

    def __init__(self):
        self.width, self.nested = 3, {"words": ["a", ("b", None)], "path": Path("x")}


def test_plain_values_containers_and_tensors_come_out_as_they_were(tmp_path):
    tensors = {
        "float": torch.arange(6.0).reshape(2, 3),
        "turned": torch.arange(6.0).reshape(2, 3).T,
        "part": torch.arange(20)[4:12:2],
        "double": torch.ones(2, dtype=torch.float64) / 3,
        "half": torch.tensor([0.5, -2.0], dtype=torch.float16),
        "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(7, dtype=torch.int32),
        "empty": torch.zeros(0, 4),
        "parameter": torch.nn.Parameter(torch.full((2,), 2.5)),
    }
    plain = {"n": 3, "f": 0.5, "t": (1, [None, True]), "s": "é"}
    torch.save({**plain, "state": OrderedDict(tensors)}, tmp_path / "x.pth", pickle_protocol=4)
    read = read_inert(tmp_path / "x.pth")
    assert {name: read[name] for name in plain} == plain
    assert list(read["state"]) == list(tensors)
    for name, tensor in tensors.items():
        got = read["state"][name].read()
        np.testing.assert_array_equal(got, tensor.detach().numpy())
        assert got.dtype == tensor.detach().numpy().dtype


def test_objects_become_records_of_their_state(tmp_path):
    torch.save({"config": Settings()}, tmp_path / "x.pth")
    record = read_inert(tmp_path / "x.pth")["config"]
    assert isinstance(record, Inert)
    assert not isinstance(record, Settings)
    assert record.state["width"] == 3
    assert record.state["nested"]["words"] == ["a", ("b", None)]


def _os_system(path):
    class Evil:
        def __reduce__(self):
            import os

            return os.system, (f"touch {path}",)

    return Evil()


def _exec(path):
    class Evil:
        def __reduce__(self):
            return exec, (f"import pathlib; pathlib.Path({str(path)!r}).touch()",)

    return Evil()


def _getattr_chain(path):
    class Inner:
        def __reduce__(self):
            import importlib

            return importlib.import_module, ("os",)

    class Evil:
        def __reduce__(self):
            return getattr, (Inner(), "system")

    return [Evil(), _os_system(path)]


def _dictionary_in_disguise(path):
    class Evil(dict):
        def __reduce__(self):
            return dict, (), None, None, iter([("k", _exec(path))])

    return Evil()


EVIL = [_os_system, _exec, _getattr_chain, _dictionary_in_disguise]


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("protocol", [2, 4])
def test_nothing_in_the_file_is_executed(evil, protocol, tmp_path):
    ran = tmp_path / "ran"
    torch.save({"n": 1, "evil": evil(ran)}, tmp_path / "x.pth", pickle_protocol=protocol)
    assert read_inert(tmp_path / "x.pth")["n"] == 1
    assert not ran.exists()
    torch.load(tmp_path / "x.pth", weights_only=False)
    assert ran.exists()  # so the trap is a real one


def test_no_module_that_the_file_names_is_imported(tmp_path, monkeypatch):
    (tmp_path / "noticed.py").write_text("raise SystemExit('imported')", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    _archive(tmp_path / "x.pth", b"cnoticed\nThing\n)R.")
    assert isinstance(read_inert(tmp_path / "x.pth"), Inert)


def _archive(path, program, name="archive/data.pkl", compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr(name, program)


def test_a_file_cannot_change_what_it_calls(tmp_path):
    """BUILD on the maker of tensors, then a later file is read as ever."""
    program = b"ctorch._utils\n_rebuild_tensor_v2\n}(X\x05\x00\x00\x00_makeNub."
    _archive(tmp_path / "x.pth", program)
    with pytest.raises(DataError, match="changes what it may call"):
        read_inert(tmp_path / "x.pth")
    torch.save(torch.ones(2), tmp_path / "y.pth")
    assert read_inert(tmp_path / "y.pth").read().tolist() == [1, 1]


@pytest.mark.parametrize(
    ("offset", "size", "stride"),
    [(0, (9,), (1,)), (5, (4,), (1,)), (-1, (2,), (1,)), (0, (3,), (4,)), (0, (-1,), (1,)),
     (7, (2,), (-1,))],
)  # fmt: skip
def test_a_tensor_that_reaches_beyond_its_numbers(tmp_path, offset, size, stride):
    torch.save(torch.arange(8.0), tmp_path / "x.pth")
    place = read_inert(tmp_path / "x.pth")
    wrong = StoredTensor(place.path, place.entry, place.dtype, offset, size, stride)
    with pytest.raises(DataError, match="reaches beyond"):
        wrong.read()


def test_files_that_are_none(tmp_path):
    path = tmp_path / "x.pth"
    with pytest.raises(DataError, match="there is no such file"):
        read_inert(path)
    torch.save({"a": 1}, path, _use_new_zipfile_serialization=False)
    with pytest.raises(DataError, match=r"not in torch's zip format.*torch.load\('x.pth', weights"):
        read_inert(path)
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(DataError, match=r"not in torch's zip format"):
        read_inert(path)
    _archive(path, b"", "something.txt")
    with pytest.raises(DataError, match=r"torch.save did not write"):
        read_inert(path)
    _archive(path, b"\x80\x02.", compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(DataError, match=r"torch.save did not write"):
        read_inert(path)
    for program in (b"", b"\x80\x02", b"garbage", b"(lp0\n"):
        _archive(path, program)
        with pytest.raises(DataError, match="is damaged"):
            read_inert(path)
