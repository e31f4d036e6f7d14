"""Side effects that a part must not have: files, logging, seeds, arguments, environment."""

from __future__ import annotations

import logging
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from recexplainer.testing.contracts.rules import require
from recexplainer.testing.contracts.shared_parts import once_per_class

__all__ = [
    "WATCHED",
    "LeavesNoTraces",
    "State",
    "environment",
    "lasting_state",
    "no_side_effects",
    "root_logging",
]

_FRESH_TORCH: Final = (False, True, "torch.float32", False, False, False)
"""What ``_torch_settings`` reads in a process that has just imported torch."""

SET_ON_IMPORT: Final = frozenset(
    {
        "KMP_DUPLICATE_LIB_OK",  # scikit-learn
        "KMP_INIT_AT_FORK",
        "PYTEST_CURRENT_TEST",
        "PYTORCH_NVML_BASED_CUDA_CHECK",  # deepspeed
        "TIKTOKEN_CACHE_DIR",  # litellm
        "TORCHINDUCTOR_CACHE_DIR",  # peft, through torch
    }
)
"""Environment variables that libraries set when they are first imported: not the part's doing."""


def environment() -> dict[str, str]:
    """Return the environment without what imports set."""
    return {name: value for name, value in os.environ.items() if name not in SET_ON_IMPORT}


def root_logging() -> tuple[Any, ...]:
    """Return the root logger's handlers and level and what is disabled, pytest's own left out."""
    root = logging.getLogger()
    ours = [
        handler for handler in root.handlers if not type(handler).__module__.startswith("_pytest")
    ]
    return (
        [id(handler) for handler in ours],
        None if len(ours) < len(root.handlers) else root.level,
        logging.root.manager.disable,
    )


def _files() -> set[str]:
    return {str(path.relative_to(Path.cwd())) for path in Path.cwd().rglob("*")}


def _numpy_seed() -> object:
    name, keys, position, *rest = np.random.get_state(legacy=True)  # noqa: NPY002  # what is watched
    return name, keys.tobytes(), position, rest  # type: ignore[union-attr]  # legacy=True is a tuple


def _torch_random() -> object:
    """Return torch's random state and thread count; None where torch is not loaded."""
    torch = sys.modules.get("torch")
    return torch and (torch.get_rng_state().numpy().tobytes(), torch.get_num_threads())


def _torch_settings() -> object:
    """Return what holds for all of torch; what is fresh where it is not loaded."""
    torch = sys.modules.get("torch")
    return (
        _FRESH_TORCH
        if torch is None
        else (
            torch.is_anomaly_enabled(),
            torch.is_grad_enabled(),
            str(torch.get_default_dtype()),
            torch.are_deterministic_algorithms_enabled(),
            torch.backends.cudnn.benchmark,
            torch.backends.cudnn.deterministic,
        )
    )


@contextmanager
def _unsettled() -> Iterator[None]:
    """Move what a part may set to a fixed value, so that setting it once more is seen; undo it."""
    undo = [
        partial(random.setstate, random.getstate()),
        partial(np.random.set_state, np.random.get_state()),  # noqa: NPY002  # what is watched
    ]
    random.random()
    np.random.random()  # noqa: NPY002
    torch = sys.modules.get("torch")
    if torch is not None:
        threads = torch.get_num_threads()
        undo.append(partial(torch.set_rng_state, torch.get_rng_state()))
        undo.append(partial(torch.set_num_threads, threads))
        torch.rand(1)
        torch.set_num_threads(threads + 1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="whatever a part filters goes before this")
            yield
    finally:
        for step in undo:
            step()


_LASTING: Final[dict[str, tuple[Callable[[], object], str]]] = {
    "the root logger": (
        root_logging,
        "remove the handlers that a library adds, and restore the level; log to your own logger",
    ),
    "sys.argv": (lambda: list(sys.argv), "give the library its own arguments instead"),
    "environment variables": (environment, "restore os.environ, or do without"),
    "torch's settings (anomaly, grad, dtype, deterministic)": (
        _torch_settings,
        "undo what a library switches on, at import too; use torch.no_grad() as a context",
    ),
}
_PASSING: Final[dict[str, tuple[Callable[[], object], str]]] = {
    "the working directory": (os.getcwd, "do not call os.chdir"),
    "files in the working directory": (
        _files,
        "write into the folder you are given (or a tempfile.TemporaryDirectory), nowhere else",
    ),
    "Python's random state": (random.getstate, "use your own random.Random(seed)"),
    "numpy's random state": (_numpy_seed, "use your own np.random.default_rng(seed)"),
    "torch's random state or thread count": (
        _torch_random,
        "seed inside torch.random.fork_rng(), and give back the threads you took",
    ),
    "the filters of warnings": (
        lambda: list(warnings.filters),
        "filter inside warnings.catch_warnings()",
    ),
}

WATCHED: Final = {name: fix for name, (_, fix) in (_PASSING | _LASTING).items()}
"""What ``no_side_effects`` watches, and what to do instead of changing it."""

State = dict[str, object]


def lasting_state() -> State:
    """Return what must still be as it is now when the part has been used."""
    return {name: read() for name, (read, _) in _LASTING.items()}


@contextmanager
def no_side_effects(doing: str, since: State | None = None) -> Iterator[None]:
    """Fail if the block leaves anything in the process or the working directory changed.

    Args:
        doing: what the block does, as the subject of the message, such as ``"scores()"``.
        since: an earlier ``lasting_state``, where the part may have done the same before, so that
            doing it once more would change nothing.
    """
    kept = lasting_state() if since is None else since
    with _unsettled():
        before = {name: read() for name, (read, _) in _PASSING.items()} | kept
        yield
        watched = _PASSING | _LASTING
        after = {name: read() for name, (read, _) in watched.items()}
    for name, (_, fix) in watched.items():
        # None: what could have changed was first imported by the block.
        changed = before[name] is not None and after[name] != before[name]
        require(not changed, f"{doing} changed {name}", fix)


class LeavesNoTraces:
    """Base of all contracts: what the process was like before the part was first built."""

    @pytest.fixture
    def at_start(self, request: pytest.FixtureRequest) -> State:
        """The lasting state before this class used its part; ask for it before building one."""
        return once_per_class(request, lasting_state)

    @pytest.fixture
    def empty_cwd(
        self, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> Path:
        """Run the test in an empty folder, so that stray files are seen."""
        folder = tmp_path_factory.mktemp("cwd")
        monkeypatch.chdir(folder)
        return folder
