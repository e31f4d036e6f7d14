import subprocess
import sys

import psutil
import pytest

from recexplainer.runs.memory import measure_memory

MEGABYTE = 1024 * 1024


SHORT_PEAK = """
import numpy as np, psutil
from recexplainer.runs.memory import measure_memory
before = psutil.Process().memory_info().rss
with measure_memory() as peak:
    block = np.ones(400 * 1024 * 1024 // 8)
    del block
print(peak.megabytes - before / 1024 / 1024)
"""
AFTER_HUNGRY_WORK = """
import numpy as np, psutil
from recexplainer.runs.memory import measure_memory
block = np.ones(400 * 1024 * 1024 // 8)
high = psutil.Process().memory_info().rss
del block
with measure_memory() as peak:
    pass
print(high / 1024 / 1024 - peak.megabytes)
"""

MANY_SHAPES = """
import os, psutil
from recexplainer.runs.memory import bound_product_caches
if bounded:
    bound_product_caches()
import torch
torch.set_num_threads(1)
weights = torch.ones(64, 64, dtype=torch.bfloat16)
held = []
for rows in range(1, 401):
    torch.ones(rows, 64, dtype=torch.bfloat16) @ weights
    held.append(psutil.Process().memory_info().rss)
print((held[-1] - held[99]) / 1024 / 1024)
"""


def printed_alone(code: str) -> float:
    """Return what ``code`` prints in a process of its own.

    Other tests may have raised this one's lifetime mark or told its allocator to keep memory, and a
    process that is started directly inherits the mark; one that a shell starts does not.
    """
    command = ["sh", "-c", '"$0" -c "$1"; exit $?', sys.executable, code]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_a_short_peak_counts_although_no_sample_saw_it() -> None:
    assert 380 <= printed_alone(SHORT_PEAK) <= 480


def test_children_count_while_they_live() -> None:
    code = "x = bytearray(b'x') * (300 * 1024 * 1024); print('held', flush=True); input()"
    before = psutil.Process().memory_info().rss / MEGABYTE
    with measure_memory() as peak:
        child = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        peak.sample()
        child.communicate("\n")
    assert peak.megabytes >= before + 300


def test_work_after_hungry_work_is_measured_by_itself() -> None:
    assert printed_alone(AFTER_HUNGRY_WORK) > 300


def test_products_of_ever_new_shapes_are_not_all_kept(monkeypatch) -> None:
    for name in ("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY"):
        monkeypatch.delenv(name, raising=False)
    kept = printed_alone(f"bounded = False\n{MANY_SHAPES}")
    if kept < 50:
        pytest.skip("this processor has no bfloat16 whose products would be kept")
    assert printed_alone(f"bounded = True\n{MANY_SHAPES}") < kept / 4
