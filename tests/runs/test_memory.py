import subprocess
import sys

import numpy as np
import psutil

from recexplainer.runs.memory import measure_memory

MEGABYTE = 1024 * 1024


# In a process of its own: other tests may have driven this one's lifetime mark higher already.
SHORT_PEAK = """
import numpy as np, psutil
from recexplainer.runs.memory import measure_memory
before = psutil.Process().memory_info().rss
with measure_memory() as peak:
    block = np.ones(400 * 1024 * 1024 // 8)
    del block
print(peak.megabytes - before / 1024 / 1024)
"""


def test_a_short_peak_counts_although_no_sample_saw_it() -> None:
    risen = subprocess.run(
        [sys.executable, "-c", SHORT_PEAK], capture_output=True, text=True, check=True
    )
    # 400 were touched at once; a kernel that reclaims idle pages may have taken some back by then.
    assert 300 <= float(risen.stdout) <= 480


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
    block = np.ones(400 * MEGABYTE // 8)
    high = psutil.Process().memory_info().rss / MEGABYTE
    del block
    with measure_memory() as peak:
        pass
    assert peak.megabytes < high - 300
