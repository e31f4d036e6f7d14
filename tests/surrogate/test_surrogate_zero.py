"""DeepSpeed speaks up where it has something to say, and not of a GPU that nobody asked for."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import sys
from recexplainer.surrogate.zero import expect_device
expect_device(sys.argv[1])
import deepspeed
deepspeed.utils.logger.warning("something else")
"""


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_cpu_that_is_to_be_used_is_no_warning(device):
    pytest.importorskip("deepspeed")
    hidden = {"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": os.pathsep.join(sys.path)}
    environment = {name: value for name, value in os.environ.items() if name != "DS_ACCELERATOR"}
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT, device],
        env={**environment, **hidden},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert ("Setting accelerator to CPU" in said) == (device == "cuda")
    assert "something else" in said
