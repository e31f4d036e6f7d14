"""``recx`` called in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import recexplainer


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen[str]]:
    """Start a command in a process of its own; what it loaded is told last, on stderr."""
    script = (
        "import atexit, signal, sys\n"
        # Python leaves an ignored Ctrl-C ignored, as of a test run in a shell's background.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "loaded = lambda: ' '.join(sorted({m.partition('.')[0] for m in sys.modules}))\n"
        "atexit.register(lambda: print('loaded:', loaded(), file=sys.stderr))\n"
        "from recexplainer.cli.main import main\n"
        "main(sys.argv[1:])\n"
    )
    root = str(Path(recexplainer.__file__).parents[1])

    def call(*args: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", script, *map(str, args)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"},
        )

    return call
