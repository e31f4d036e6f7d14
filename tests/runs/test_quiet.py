"""What a user can do nothing about is not said, and everything else is."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import types
import warnings
from importlib.util import find_spec

import pytest

from recexplainer.runs.quiet import quiet_libraries

OLD_NAME = "`is_gradient_checkpointing` is deprecated and will be removed in v6."
OLD_CALL = "`torch.distributed.all_gather_into_tensor` is deprecated. Please use another."
GPU = "Setting accelerator to CPU. If you have GPU or other accelerator, we were unable to see it."
MTIME = "mtime may not be reliable on this filesystem, falling back to numerical ordering"


def warned(message, module, category=FutureWarning):
    """Return what is shown of a warning that ``module`` gives."""
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        with quiet_libraries():
            warnings.warn_explicit(message, category, f"{module}.py", 1, module=module)
    return [str(one.message) for one in shown]


@pytest.mark.parametrize(
    ("message", "module"),
    [(OLD_NAME, "transformers.modeling_utils"), (OLD_CALL, "torch.distributed.c10d_logger")],
)
def test_a_warning_is_silenced_where_it_comes_from_and_nowhere_else(message, module):
    assert warned(message, module) == []
    assert warned(message, "my_plugin") == [message]
    assert warned(f"Beware: {message}", module) == [f"Beware: {message}"]
    assert warned(message, module, UserWarning) == [message]


def logged(name, message):
    """Return what is handled of a message that is logged, inside and after the block."""
    kept = []

    class Handler(logging.Handler):
        def emit(self, record):
            kept.append(record.getMessage())

    logger, handler = logging.getLogger(name), Handler()
    logger.addHandler(handler)
    try:
        with quiet_libraries():
            logger.warning("%s", message)
            inside = len(kept)
        logger.warning("%s", message)
    finally:
        logger.removeHandler(handler)
    return inside, len(kept) - inside


@pytest.mark.parametrize(
    ("name", "message"), [("DeepSpeed", GPU), ("transformers.trainer_utils", MTIME)]
)
def test_a_message_is_silenced_in_the_block_alone(name, message, monkeypatch):
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert logged(name, message) == (0, 1)
    assert logged(name, "something else") == (1, 1)
    assert not logging.getLogger(name).filters


def test_a_gpu_that_deepspeed_does_not_see_is_news(monkeypatch):
    torch = types.SimpleNamespace(cuda=types.SimpleNamespace(is_available=lambda: True))
    monkeypatch.setitem(sys.modules, "torch", torch)
    assert logged("DeepSpeed", GPU) == (1, 1)
    assert logged("transformers.trainer_utils", MTIME) == (0, 1)


def test_the_filters_are_put_back():
    before = list(warnings.filters)
    with quiet_libraries():
        assert warnings.filters != before
    assert warnings.filters == before


@pytest.mark.skipif(find_spec("deepspeed") is None, reason="DeepSpeed is not installed")
def test_deepspeed_itself_is_quiet_of_a_gpu_and_of_nothing_else():
    """Its message may change with a release."""
    script = (
        "from recexplainer.runs.quiet import quiet_libraries\n"
        "with quiet_libraries():\n"
        "    import torch, deepspeed\n"
        "    deepspeed.utils.logger.warning('something else')\n"
    )
    hidden = {"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": os.pathsep.join(sys.path)}
    environment = {name: value for name, value in os.environ.items() if name != "DS_ACCELERATOR"}
    said = subprocess.run(
        [sys.executable, "-c", script],
        env={**environment, **hidden},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Setting accelerator to CPU" not in said.stdout + said.stderr
    assert "something else" in said.stdout + said.stderr
