"""``recx ablate``: flags, mistakes, and a plan that runs nothing."""

from __future__ import annotations


def test_mistakes_in_flags_are_told_at_once_and_nothing_is_written(recx, tmp_path) -> None:
    out = tmp_path / "out"
    flags = ["--vary", "alignment.mode", "--without", "rankin", "--seed", "two", "--preset", "lage"]
    said = recx("ablate", "--out", out, *flags, "--set", "training.budget=-1")
    assert said.code == 2
    for line in (
        "--vary alignment.mode: must look like section.key=value",
        "variants.without rankin.without: unknown task of the base 'rankin'",
        "seeds[0]: must be a whole number, got 'two'",
        "--preset: unknown preset 'lage'. Did you mean 'large'?",
        "training.budget: must be above 0",
    ):
        assert said.err.count(line) == 1, said.err
    assert not out.exists()


def test_without_a_variant_there_is_nothing_to_compare(recx, tmp_path) -> None:
    said = recx("ablate", "--out", tmp_path / "out")
    assert said.code == 2
    assert "variants: none is given" in said.err


def test_a_dry_run_shows_the_plan_of_file_and_flags(recx, walks, tmp_path) -> None:
    grid = tmp_path / "grid.yaml"
    grid.write_text("seeds: [4]\nvariants: {fewer: {without: [item_ranking]}}\n")
    settings = [word for setting in walks() for word in ("--set", setting)]
    out = tmp_path / "out"
    command = ["ablate", grid, *settings, "--out", out, "--vary", "surrogate.tiny.width=64"]
    said = recx(*command, "--workers", 2, "--dry-run")
    assert said.code == 0, said.err
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert lines[:4] == [
        "ablation 2 variants and the base, seed 4",
        "base: nothing left out or changed",
        "fewer: without item_ranking",
        "surrogate.tiny.width=64: surrogate.tiny.width: 64",
    ]
    assert "dataset 1 for 3 runs, 1 to do" in lines
    assert "alignment 2 for 3 runs, 2 to do" in lines
    assert any(line.startswith("at a time 2 runs at a time") for line in lines)
    assert "one of the runs, base-seed4:" in lines
    assert any(line.startswith("time training takes") for line in lines)
    assert not out.exists()
