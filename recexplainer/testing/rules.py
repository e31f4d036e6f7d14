"""How a contract speaks: each broken rule says what was found and what to mend."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import numpy as np
import pytest
from numpy.typing import NDArray

__all__ = ["broken", "check_floats", "check_same", "refused", "require"]


def broken(found: str, fix: str) -> NoReturn:
    """Fail the running test with ``found`` and how to mend it, without a traceback."""
    __tracebackhide__ = True
    pytest.fail(f"{found}\n  to mend it: {fix}", pytrace=False)


def require(holds: object, found: str, fix: str) -> None:
    """Fail the running test unless ``holds``."""
    __tracebackhide__ = True
    if not holds:
        broken(found, fix)


def check_floats(array: object, shape: tuple[int | None, ...], name: str) -> None:
    """Require a finite float32 array of ``shape``; None accepts any length of at least one."""
    __tracebackhide__ = True
    if not isinstance(array, np.ndarray):
        broken(
            f"{name} returned {type(array).__name__}",
            "return a numpy array (for a torch tensor: .detach().cpu().numpy())",
        )
    fits = array.ndim == len(shape) and all(
        length == wanted if wanted is not None else length > 0
        for length, wanted in zip(array.shape, shape, strict=True)
    )
    wanted = ", ".join("any" if length is None else str(length) for length in shape)
    require(
        fits,
        f"{name} has shape {array.shape}, expected ({wanted})",
        "one row per history or item, columns in catalogue order, no padding row or column",
    )
    require(
        array.dtype == np.float32,
        f"{name} is {array.dtype}",
        "return float32 (.astype(np.float32)); half precision is widened before it is returned",
    )
    bad = int((~np.isfinite(array)).sum())
    require(
        bad == 0,
        f"{name} holds {bad} values that are not finite",
        "answer seen and unlikely items too; masking is done by the caller",
    )


def check_same(
    first: NDArray[np.float32], second: NDArray[np.float32], found: str, fix: str
) -> None:
    """Require two answers to agree up to rounding, relative to the spread of the first."""
    __tracebackhide__ = True
    if first.shape != second.shape:
        broken(f"{found} (shape {first.shape}, then {second.shape})", fix)
    if first.size == 0:
        return
    allowed = 1e-4 * float(np.abs(first).max()) + 1e-6
    gap = float(np.abs(first.astype(np.float64) - second).max())
    require(gap <= allowed, f"{found} (largest difference {gap:.3g}, allowed {allowed:.1g})", fix)


def refused(call: Callable[[], object], naming: str, found: str, fix: str) -> None:
    """Require ``call`` to raise an error whose text names ``naming``."""
    __tracebackhide__ = True
    try:
        call()
    except Exception as error:  # noqa: BLE001  # any type will do; what counts is what it says
        said = f"{type(error).__name__}: {error}"
        require(naming in said, f"{found}: {said!r} does not name {naming!r}", fix)
    else:
        broken(f"{found}: no error was raised", fix)
