"""The grid of an ablation is read with all that is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from recexplainer.config import read_grid
from recexplainer.config.grid import VariantConfig


def written(folder: Path, text: str) -> Path:
    path = folder / "grid.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_grid_has_a_base_variants_and_seeds(tmp_path) -> None:
    text = "base: {seed: 3}\nseeds: [0, 2]\nvariants: {a: {without: [b], set: {seed: 1}}}\n"
    grid, problems = read_grid(written(tmp_path, text), {})
    assert not problems
    assert grid.base == {"seed": 3}
    assert grid.seeds == (0, 2)
    assert grid.variants == {"a": VariantConfig(without=("b",), set={"seed": 1})}


def test_a_base_that_is_a_file_lies_beside_the_grid(tmp_path) -> None:
    grid, _ = read_grid(written(tmp_path, "base: run.yaml\n"), {})
    assert grid.base == str(tmp_path / "run.yaml")


def test_the_configuration_of_a_run_is_a_base(tmp_path) -> None:
    grid, problems = read_grid(written(tmp_path, "target: {name: ease}\n"), {"seeds": [1]})
    assert not problems
    assert (grid.base, grid.seeds) == ({"target": {"name": "ease"}}, (1,))


def test_flags_add_variants_and_win_over_the_rest(tmp_path) -> None:
    path = written(tmp_path, "seeds: [0]\nvariants: {a: {without: [b]}}\n")
    flags = {"variants": {"c": {"without": ["d"]}}, "seeds": [5], "preset": None}
    grid, problems = read_grid(path, flags)
    assert not problems
    assert list(grid.variants) == ["a", "c"]
    assert grid.seeds == (5,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("variant: {}\n", "variant: unknown key; did you mean 'variants'?"),
        (
            "variants: {a: {wihout: [b]}}\n",
            "variants.a.wihout: unknown key; did you mean 'without'",
        ),
        ("seeds: [1, 1]\n", "seeds: must be at least one seed, each given once"),
        ("seeds: []\n", "seeds: must be at least one seed"),
        ("seeds: [-1]\n", "seeds[0]: must be at least 0"),
        ("seeds: [0]\nseed: 3\n", "seed: unknown key; did you mean 'seeds'?"),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_is_kept(text: str, said: str, tmp_path) -> None:
    grid, problems = read_grid(written(tmp_path, "preset: paper\n" + text), {})
    assert len(problems) == 1
    assert problems[0].startswith(said)
    assert grid.preset == "paper"
