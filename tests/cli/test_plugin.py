"""``recx init --plugin``: a package, or one line that says why not."""

from __future__ import annotations

import pytest


def test_it_writes_a_package_and_says_what_to_type_next(recx, tmp_path):
    said = recx("init", tmp_path / "here", "--plugin", "recx-of-mine")
    package = tmp_path / "here" / "recx-of-mine"
    assert said.code == 0
    assert said.out == f"wrote {package}. Try it: pip install -e {package} && pytest {package}\n"
    assert "(Target)" in (package / "recx_of_mine.py").read_text("utf-8")


def test_the_folder_is_this_one_unless_told(recx, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert recx("init", "--plugin", "recx-of-mine", "--kind", "judge").code == 0
    assert "(Judge)" in (tmp_path / "recx-of-mine" / "recx_of_mine.py").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--plugin", "Mine"], "'Mine' cannot be a plugin's name"),
        (["--plugin", "../mine"], "'../mine' cannot be a plugin's name"),
        (["--plugin", ""], "'' cannot be a plugin's name"),
        (
            ["--plugin", "recx-mine", "--kind", "targte"],
            "unknown kind 'targte'. Did you mean 'targe",
        ),
        (["--plugin", "recx-offline", "--kind", "judge"], "there is a judge called 'offline'"),
        (["--plugin", "numpy"], "there is a Python module 'numpy' already"),
        (["--kind", "judge"], "give --plugin NAME too"),
    ],
)
def test_mistakes_cost_one_line_and_write_nothing(recx, tmp_path, words, said):
    answer = recx("init", tmp_path, *words)
    assert answer.code == 2
    assert said in answer.err
    assert answer.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
