"""How many runs go on at a time, and that none is trained otherwise than the first."""

from __future__ import annotations

import os

import psutil
import pytest

from recexplainer.config import GridConfig
from recexplainer.pipeline import default_registry
from recexplainer.pipeline.ablation.ablation_plan import GRID_FILE, plan_ablation
from recexplainer.pipeline.ablation.pool_size import pool_size


@pytest.fixture
def sized(tmp_path, monkeypatch):
    """The size for settings of the base, cores, and free memory."""

    def size(*overrides, cores=4, gigabytes=64, asked=None):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(cores)))
        memory = psutil.virtual_memory()._replace(available=int(gigabytes * 1e9))
        monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
        grid = GridConfig(seeds=(0, 1), variants={"a": {"without": ("history",)}})
        out = tmp_path / "out"
        settings = ["surrogate.device=cpu", *overrides]
        plan = plan_ablation(grid, out, default_registry(), overrides=settings)
        found = pool_size(plan, asked)
        out.mkdir(exist_ok=True)
        (out / GRID_FILE).write_text("")
        found.keep(out)
        return found

    return size


def test_cores_are_divided_among_the_runs(sized) -> None:
    found = sized(cores=8)
    assert (found.workers, found.threads) == (4, 2)  # there are four runs
    assert found.words == "4 runs at a time, 2 threads each"


def test_threads_stay_those_of_the_first_time(sized) -> None:
    assert (sized(asked=2).workers, sized(asked=1).threads) == (2, 2)


def test_little_memory_allows_fewer(sized) -> None:
    found = sized(gigabytes=4)
    assert found.workers == 1
    assert "4 GB are free" in found.reason


@pytest.mark.parametrize(
    ("setting", "reason"),
    [("training.minutes=3", "counts time"), ("training.processes=2", "several processes")],
)
def test_what_runs_would_take_from_each_other_goes_one_at_a_time(sized, setting, reason) -> None:
    found = sized(setting)
    assert found.workers == 1
    assert reason in found.reason
