"""Failure messages of contracts: what was found and what to mend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

import numpy as np
import pytest
from pydantic import BaseModel

from recexplainer.metrics.read_items import difference
from recexplainer.plugins.interfaces import FloatArray

__all__ = [
    "FAILURES",
    "broken",
    "check_floats",
    "check_kept",
    "check_same",
    "inapplicable",
    "refused",
    "require",
    "survives",
]

T = TypeVar("T")

FAILURES: Final = (Exception, pytest.fail.Exception)
"""What a part may raise, and what a rule ends in that is broken."""


def broken(found: str, fix: str) -> NoReturn:
    """Fail the running test with ``found`` and how to mend it, without a traceback."""
    __tracebackhide__ = True
    pytest.fail(f"{found}\n  to mend it: {fix}", pytrace=False)


def require(holds: object, found: str, fix: str) -> None:
    """Fail the running test unless ``holds``."""
    __tracebackhide__ = True
    if not holds:
        broken(found, fix)


def inapplicable(reason: str) -> NoReturn:
    """Leave the running rule undecided, and say why."""
    __tracebackhide__ = True
    pytest.skip(reason)


def survives(call: Callable[[], T], found: str, fix: str) -> T:
    """Return what ``call`` returns; what it raises breaks the running rule."""
    __tracebackhide__ = True
    try:
        return call()
    except Exception as error:  # noqa: BLE001  # whatever a part raises is what is reported
        broken(f"{found} ended in {type(error).__name__}: {error}", fix)


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


def check_same(first: FloatArray, second: FloatArray, found: str, fix: str) -> None:
    """Require two answers to agree up to rounding."""
    __tracebackhide__ = True
    gap = difference(first, second)
    require(not gap, f"{found} ({gap})", fix)


def check_kept(record: BaseModel, name: str) -> None:
    """Require that ``record`` is the same after it was written as JSON and read again."""
    __tracebackhide__ = True
    kind = type(record)
    fix = f"build it with {kind.__name__}(...); model_construct() and model_copy() check nothing"
    try:
        kept = kind.model_validate_json(record.model_dump_json(warnings=False))
    except ValueError as error:  # pydantic's errors are of this type, those of dumping too
        broken(f"{name} cannot be read again: {error}", fix)
    require(kept == record, f"{name} is not the same when it is read again", fix)


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
